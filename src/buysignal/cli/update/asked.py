"""A day of the journal: the past checked, new days answered, outcomes that became known filled in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from buysignal.bars.agreement import SAME, Changed, changed
from buysignal.bars.standard import REQUIRED
from buysignal.bars.symbols import SYMBOL
from buysignal.cli import told
from buysignal.cli.predict.asked import MODELS, default_model, named
from buysignal.cli.predict.history import answers_between
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.update.doubts import doubts, stale
from buysignal.cli.update.given import given
from buysignal.cli.update.text import as_json, blocks, buys_of_last_day
from buysignal.core.errors import UserError
from buysignal.core.lock import exclusive
from buysignal.core.sealed import SEAL, read_strict
from buysignal.core.settings import read_all
from buysignal.days.labels import rises
from buysignal.judge.money import Trades
from buysignal.judge.params import Costs, Exit
from buysignal.judge.sequential import BROKEN
from buysignal.ship.journal import lines
from buysignal.ship.journal.begun import promised
from buysignal.ship.journal.followed import followed
from buysignal.ship.journal.known import (
    as_revision,
    identified,
    iso,
    known_past,
    last_day,
    market_in,
    stacked,
)
from buysignal.ship.journal.lines import Journal
from buysignal.ship.journal.table import ANSWER
from buysignal.ship.package import MANIFEST


@dataclass(frozen=True)
class Updated:
    """What an update came to.

    Attributes
    ----------
    journal : with its new lines
    new : those
    left_out : symbol -> why it has no new bar
    warnings : what speaks against the new bars
    """

    journal: Journal
    new: Sequence[Mapping[str, Any]]
    left_out: Mapping[str, str]
    warnings: tuple[str, ...]


def update(arguments: argparse.Namespace) -> str:
    """Bring the journal up to date and print what is new; gives what came of it: ``broken``, ``buy`` or ``no buy``."""
    folder = named(arguments.model) if arguments.model else default_model(MODELS)
    predictor = Predictor.load(folder, arguments.anyway)
    costs, exit = read_all(Costs, Exit)
    with exclusive(lines.PATH.with_name(lines.LOCK), doing="written"):
        seal = read_strict(folder / MANIFEST)[SEAL]
        found = brought_up(predictor, seal, arguments, costs, exit, date.today())
    for said in (*found.journal.warnings, *found.warnings):
        print(f"warning: {said}", file=sys.stderr)
    kept = followed(found.journal).kept
    said = (found.journal, found.new, found.left_out, kept)
    print(told.written(arguments.format, lambda: blocks(*said), lambda: as_json(*said)))
    if kept.verdict == BROKEN:
        return BROKEN
    return "buy" if buys_of_last_day(found.journal) else "no buy"


def brought_up(
    predictor: Predictor,
    seal: str,
    arguments: argparse.Namespace,
    costs: Costs,
    exit: Exit,
    today: date,
    path: Path = lines.PATH,
) -> Updated:
    """The journal with what the bars of today add to it, on the disk, too; ``seal`` is that of the model's manifest.

    Raises
    ------
    UserError
        If the bars cannot be used, or the known past has changed and that is not accepted; nothing is written then.
    """
    journal = lines.read(path)
    market = market_in(journal, predictor.model.regime.market)
    if journal.content and not journal.of("model"):
        raise UserError(f"{journal.damaged[0] if journal.damaged else path}: bring the file back from git or a copy")
    known = known_past(journal, market)
    if not journal.of("model"):
        asked = REQUIRED if predictor.volume != "none" else REQUIRED[:-1]  # Adj Close changes with each dividend
        known = {symbol: one[[name for name in asked if name in one]] for symbol, one in known.items()}
    new = _begins(predictor, journal, known, seal, costs)
    through = last_day(known)
    read = given(predictor, arguments, market, through, today)
    left_out = dict(read.left_out)
    left_out |= {symbol: "it is not among the known ones" for symbol in read.judged.keys() - known.keys()}
    left_out |= {symbol: "it is not in what was read" for symbol in known.keys() - read.judged.keys() - left_out.keys()}
    warnings, revised = [], set()
    for symbol in sorted(read.judged.keys() & known.keys()):
        judged, accept = read.judged[symbol], arguments.accept_changed
        one = _columns(symbol, judged.bars, known[symbol])
        found = _changed(f"{arguments.bars}: {symbol}", known[symbol], one, through, journal, accept)
        warnings += doubts(symbol, judged, known[symbol].index, through, accept)
        if found:
            new.append(as_revision(symbol, through, found))
            known[symbol] = found.applied(known[symbol])
            revised.add(symbol)
        known[symbol] = pd.concat([known[symbol], one[one.index > through]])
    warnings += stale(read.judged, predictor.model.regime.max_gap_days, today)
    new += _days(predictor, known, through)
    new += _outcomes(predictor, known, (*journal.lines, *new), revised, costs, exit)
    return Updated(lines.added(journal, new, path), new, left_out, tuple(warnings))


def _begins(
    predictor: Predictor, journal: Journal, known: Mapping[str, pd.DataFrame], seal: str, costs: Costs
) -> list[dict[str, Any]]:
    """The line of a model that has not answered last; none if it has."""
    model = predictor.model
    told = {"name": model.card.name, "tier": model.card.tier, "seal": seal}
    if journal.of("model") and journal.of("model")[-1]["model"] == told:
        return []
    columns = list(next(iter(known.values())))
    begun = {"market": model.regime.market, "many": bool(model.regime.symbols)}
    begun |= {"columns": columns, "known": identified(known)}
    return [{"kind": "model", "model": told, **begun, "promise": promised(model, costs)}]


def _columns(symbol: str, bars: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    if lacking := [name for name in known if name not in bars]:
        raise UserError(f"{symbol}: the bars have no {lacking[0]}, which the known ones have: give it, too")
    return bars[list(known)]


def _changed(
    name: str, known: pd.DataFrame, bars: pd.DataFrame, through: pd.Timestamp, journal: Journal, accept: bool
) -> Changed:
    try:
        found = changed(known, bars, through)
    except UserError as error:
        raise UserError(f"{name}: {error}") from None
    if found and journal.damaged:
        raise UserError(
            f"{journal.damaged[0]}: bring the journal back from git or a copy; without what it held, {name} has "
            f"{found.said}, and nobody can tell whether the bars have changed"
        )
    if found and not accept:
        raise UserError(
            f"{name}: the known past has changed: {found.said}; see whether that is right, and give --accept-changed "
            "to go on with it"
        )
    return found


def _days(predictor: Predictor, known: Mapping[str, pd.DataFrame], through: pd.Timestamp) -> list[dict[str, Any]]:
    """A line for every day after ``through``: its bars and the answers."""
    last, many = last_day(known), bool(predictor.model.regime.symbols)
    if last <= through:
        return []
    first = min(one.index[one.index > through][0] for one in known.values() if one.index[-1] > through)
    if not many:
        predictor.require_enough(next(iter(known.values())))
    answers = answers_between(predictor, stacked(known, many), first, last)
    if not many:
        answers = pd.concat({next(iter(known)): answers}, names=[SYMBOL])
    bars = _by_day(stacked({symbol: one[one.index > through] for symbol, one in known.items()}, True))
    said, found = _by_day(answers[list(ANSWER)]), []
    for day in sorted(bars):
        told = {"kind": "day", "date": iso(day), "model": predictor.model.card.name, "late": bool(day < last)}
        told["bars"] = {symbol: row.tolist() for symbol, row in bars[day].items()}
        told["answers"] = {symbol: _plain(row) for symbol, row in said.get(day, {}).items()}
        found.append(told)
    return found


def _by_day(frame: pd.DataFrame) -> dict[pd.Timestamp, dict[str, Any]]:
    """Day -> symbol -> its row."""
    found: dict[pd.Timestamp, dict[str, Any]] = {}
    for (symbol, day), row in zip(frame.index, frame.to_numpy()):
        found.setdefault(day, {})[symbol] = row
    return found


def _plain(row: Sequence[Any]) -> list[Any]:
    score, probability, above, buy, warnings = row
    return [float(score), float(probability), bool(above), bool(buy), str(warnings)]


def _outcomes(
    predictor: Predictor,
    known: Mapping[str, pd.DataFrame],
    written: Sequence[Mapping[str, Any]],
    revised: Set[str],
    costs: Costs,
    exit: Exit,
) -> list[dict[str, Any]]:
    """A line for every day of which an outcome has become known, or is another after a revision: label and return
    before costs, by symbol."""
    told: dict[tuple[str, str], list[Any]] = {}
    for line in written:
        if line["kind"] == "outcome":
            told |= {(line["date"], symbol): row for symbol, row in line["rows"].items()}
    days: dict[str, list[str]] = {}
    for line in written:
        for symbol in line["answers"] if line["kind"] == "day" else ():
            if symbol in revised or (line["date"], symbol) not in told:
                days.setdefault(symbol, []).append(line["date"])
    label, rows = predictor.model.label, {}
    for symbol in sorted(days):
        one = known[symbol]
        if len(one) <= label.horizon:
            continue
        hit, earned = rises(one, label)["label"], Trades.of(one, label, costs, exit).gross
        for day in days[symbol]:
            at = pd.Timestamp(day)
            row = [int(hit[at]), float(earned[at])] if at in hit.index else None
            if row and not _alike(row, told.get((day, symbol))):
                rows.setdefault(day, {})[symbol] = row
    return [{"kind": "outcome", "date": day, "rows": rows[day]} for day in sorted(rows)]


def _alike(row: Sequence[Any], before: Sequence[Any] | None) -> bool:
    """Whether an outcome is the one that was told, but for the rounding of prices on another scale."""
    return before is not None and row[0] == before[0] and abs(row[1] - before[1]) < SAME
