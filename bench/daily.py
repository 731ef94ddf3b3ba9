"""A shipped model played day by day through bars that it never saw: killed at random moments, and left in peace.

python -m bench.daily --project FOLDER --bars FILE [--since DATE] [--until DATE] [--kills 50] [--out FILE]

The project has shipped (its ``roles.until`` lies before the days that are played); the file holds the known bars and
those after them. Every day `update` sees the last bars up to that day alone. In the second pass at random days it is a
process of its own that is killed with SIGKILL after a random time, and then run again. The journals must be equal to
the byte. ``follow`` judges what is left, and writes its page beside the journal.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from bench.speed.machine import described

from buysignal.bars.forms.read import read_file
from buysignal.bars.reading import Wanted
from buysignal.cli.main import parser
from buysignal.cli.predict import Predictor
from buysignal.cli.update.asked import brought_up
from buysignal.core.files import read_json, write_json
from buysignal.core.sealed import SEAL, read_strict
from buysignal.core.settings import read_all
from buysignal.judge.params import Costs, Exit
from buysignal.ship.journal.followed import followed
from buysignal.ship.journal.lines import PATH, read

SEEN = 40  # bars of each day's file
TODAY = Path("today.csv")
MODEL = Path("data/models/shipped")
SEED = 19


def play(bars: pd.DataFrame, days: pd.DatetimeIndex, killed: set[int], chance: random.Random) -> list[float]:
    """Update on each of the days; seconds of each. On those ``killed`` a process is killed first."""
    predictor, seal, params = Predictor.load(MODEL), read_strict(MODEL / "model.json")[SEAL], read_all(Costs, Exit)
    words = ["update", "--bars", str(TODAY)]
    asked, spent = parser().parse_args(words), []
    for at, day in enumerate(days):
        bars.loc[:day].iloc[-SEEN:].to_csv(TODAY)
        if at in killed:
            process = subprocess.Popen([sys.executable, "-m", "buysignal", *words], stdout=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.05, 2.5))
            process.send_signal(signal.SIGKILL)
            process.wait()
        began = time.perf_counter()
        brought_up(predictor, seal, asked, *params, date.today())
        spent.append(time.perf_counter() - began)
    return spent


def passed(bars: pd.DataFrame, days: pd.DatetimeIndex, kills: int) -> tuple[bytes, list[float]]:
    """The journal of a pass from nothing, and the seconds of its days."""
    PATH.unlink(missing_ok=True)
    chance = random.Random(SEED)
    spent = play(bars, days, set(chance.sample(range(len(days)), min(kills, len(days)))), chance)
    return PATH.read_bytes(), spent


def told(days: pd.DatetimeIndex, kills: int, same: bool, spent: list[float]) -> dict[str, Any]:
    """What came of it, for JSON."""
    found = followed(read(PATH))
    kept, seen = found.kept, found.evidence
    return {
        "machine": described(),
        "model": found.name,
        "days": len(days),
        "first": f"{days[0]:%Y-%m-%d}",
        "last": f"{days[-1]:%Y-%m-%d}",
        "kills": kills,
        "same_bytes": same,
        "median_seconds_of_a_day": sorted(spent)[len(spent) // 2],
        "promised": dict(found.promise),
        "realised": None if seen is None else seen.to_dict(),
        "verdict": kept.verdict,
        "since": None if kept.since is None else f"{kept.since:%Y-%m-%d}",
        "alarm": None if kept.alarm is None else f"{kept.alarm:%Y-%m-%d}",
        "buying_days": len(kept.e),
        "needed": kept.needed,
        "money": None if found.money is None else found.money.to_dict(),
        "years": [{"year": one.year, **one.evidence.to_dict(), "mean": one.mean} for one in found.years],
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--project", type=Path, required=True)
    options.add_argument("--bars", type=Path, required=True)
    options.add_argument("--since", type=pd.Timestamp, help="first day that is played (default: after the known ones)")
    options.add_argument("--until", type=pd.Timestamp, help="last day that is played")
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--out", type=Path, default=Path("bench/results/daily.json"))
    given = options.parse_args()
    out, bars = given.out.absolute(), read_file(given.bars, Wanted()).bars.drop(columns="adj_close", errors="ignore")
    with contextlib.chdir(given.project):
        after = given.since or pd.Timestamp(read_json("data/bars/bars.json")["last"]) + pd.Timedelta(days=1)
        days = bars.loc[after : given.until].index
        peace, spent = passed(bars, days, 0)
        with contextlib.redirect_stdout(io.StringIO()):
            killed, _ = passed(bars, days, given.kills)
        found = told(days, given.kills, peace == killed, spent)
        subprocess.run([sys.executable, "-m", "buysignal", "follow"], check=False, stdout=subprocess.DEVNULL)
        os.unlink(TODAY)
    write_json(out, found)
    print({key: found[key] for key in ("model", "days", "kills", "same_bytes", "verdict", "median_seconds_of_a_day")})


if __name__ == "__main__":
    main()
