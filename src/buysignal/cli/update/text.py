"""What an update came to, for a person and for a program."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from buysignal.bars.quality.across import few_of
from buysignal.cli.told import plain
from buysignal.core.files import stable
from buysignal.judge.sequential import BROKEN, EARLY, Kept
from buysignal.ship.journal.known import changed_of
from buysignal.ship.journal.lines import PATH, Journal
from buysignal.ship.journal.table import ANSWER

Lines = Sequence[Mapping[str, Any]]
SHOWN = 5  # days and symbols in the text


def as_json(journal: Journal, new: Lines, left_out: Mapping[str, str], kept: Kept) -> str:
    """One object: the lines that are new without their chain, the last day's buys, and what was left out."""
    plain = [{key: value for key, value in line.items() if key not in ("number", "previous", "seal")} for line in new]
    told = {"new": plain, "buys": buys_of_last_day(journal), "left_out": dict(left_out), "promise": kept.verdict}
    return json.dumps(stable(told | {"damaged": list(journal.damaged)}), indent=2)


def blocks(journal: Journal, new: Lines, left_out: Mapping[str, str], kept: Kept) -> list[str]:
    """What is new, the last day, whether the promise is kept, and what was left out, as a list."""
    of = {kind: [line for line in new if line["kind"] == kind] for kind in ("model", "revision", "day", "outcome")}
    told = [f"{PATH}: {'nothing new' if not new else _counted(of)}"]
    if of["model"]:
        promise, who = of["model"][0]["promise"], of["model"][0]["model"]["name"]
        told.append(f"from here on {who} answers; promised: precision of at least {promise['floor']:.3f}")
    for line in of["revision"]:
        columns = journal.of("model")[0]["columns"]
        told.append(f"revision put down: {line['symbol']}: {changed_of(line, columns).said}")
    if late := [line["date"] for line in of["day"] if line["late"]]:
        told.append(f"late: {few_of(late)} {_were(late)} put down when a later bar was there already")
    told += [_came(line) for line in of["outcome"][-SHOWN:]]
    if days := journal.of("day"):
        told += _day(days[-1])
    told.append(f"the promise: {promise_in_words(kept)}")
    if left_out:
        symbol, why = next(iter(sorted(left_out.items())))
        told.append(f"left out: {few_of(sorted(left_out))}; {symbol}: {why}")
    return ["\n".join(f"- {plain(line)}" for line in told)]


def promise_in_words(kept: Kept) -> str:
    """Whether the promise is kept, in a few words."""
    if kept.verdict == BROKEN:
        return f"broken since {kept.since:%Y-%m-%d}, found on {kept.alarm:%Y-%m-%d}; see `python -m buysignal follow`"
    more = f", {kept.more:,} more days with a buy" if kept.verdict == EARLY and kept.more else ""
    return f"{kept.verdict}{more}"


def buys_of_last_day(journal: Journal) -> list[str]:
    """Symbols that the last day of the journal says to buy."""
    days = journal.of("day")
    buy = ANSWER.index("buy")
    return [symbol for symbol, answer in days[-1]["answers"].items() if answer[buy]] if days else []


def _counted(of: Mapping[str, Lines]) -> str:
    days, come = len(of["day"]), len(of["outcome"])
    span = f" ({of['day'][0]['date']} to {of['day'][-1]['date']})" if days > 1 else ""
    return f"{days} new day{'s' * (days != 1)}{span}, {come} outcome{'s' * (come != 1)} became known"


def _were(days: Sequence[str]) -> str:
    return "was" if len(days) == 1 else "were"


def _came(line: Mapping[str, Any]) -> str:
    rows = line["rows"]
    if len(rows) == 1:
        ((symbol, (label, earned)),) = rows.items()
        return f"{line['date']}  {symbol}: {'a hit' if label else 'no hit'}, a trade earned {earned:+.2%} before costs"
    return f"{line['date']}  {sum(label for label, _ in rows.values())} of {len(rows)} symbols hit"


def _day(line: Mapping[str, Any]) -> list[str]:
    """The last day: its buys, or the best of what is above, or what one market got."""
    rows = sorted(line["answers"].items(), key=lambda item: -item[1][0])
    above = [item for item in rows if item[1][ANSWER.index("above")]]
    shown = rows if len(rows) == 1 else above[:SHOWN]
    told = [f"{line['date']}  {symbol}: {_answer(answer)}" for symbol, answer in shown]
    more = f", {len(above) - SHOWN} more above" if len(above) > SHOWN and len(rows) > 1 else ""
    return told if len(rows) == 1 else [*told, f"{line['date']}  {len(above)} of {len(rows)} symbols above{more}"]


def _answer(answer: Sequence[Any]) -> str:
    score, probability, above, buy, warnings = answer
    word = "buy" if buy else "held: above, and the verdict on the model is not `use`" if above else "no buy"
    return f"{word} (score {score:.3f}, probability {probability:.3f}){f'; {warnings}' if warnings else ''}"
