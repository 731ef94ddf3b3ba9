"""A judgement in words: the same blocks as text and as one HTML page; and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from buysignal.cli.judge.outside import KEYS, Judgement
from buysignal.cli.judge.rivals import Rival
from buysignal.core.files import stable
from buysignal.days.labels import in_words
from buysignal.judge.luck import Bar
from buysignal.judge.verdict import percent
from buysignal.report.tables import table
from buysignal.report.words import earned, ends, sentence, signed, three

WIDTH = 100
YEARS = ("year", "precision", "its interval", "recall", "buys", "base rate", "a trade earns")


def as_text(found: Judgement) -> str:
    """The verdict, then what it rests on."""
    told = [block.replace("**", "").replace("## ", "") for block in _blocks(found)]
    return "\n\n".join(block.rstrip() if "|" in block[:1] else textwrap.fill(block, WIDTH) for block in told)


def as_html(found: Judgement) -> str:
    """One page that needs nothing else; no word of a file can become a tag."""
    from buysignal.report.html import html_page  # it brings the charts' library, and no other format needs it

    return html_page([f"# {found.scores} on {found.bars}", *_blocks(found)], {}, "")


def as_json(found: Judgement) -> str:
    """One object with stable keys."""
    return _dumped({**found.to_dict(), "error": None, "status": found.verdict.status})


def unjudged_as_json(error: str) -> str:
    """The same keys for files that cannot be judged: ``error`` says why."""
    return _dumped({**dict.fromkeys(KEYS), "error": error, "status": 2})


def _dumped(content: dict[str, Any]) -> str:
    return json.dumps(stable(content), indent=2, ensure_ascii=True)


def _blocks(found: Judgement) -> list[str]:
    """Paragraphs, headings and tables, as Markdown."""
    lead = [f"**{found.verdict.word}**: {found.verdict.because}", _asked(found)]
    parts = {
        "Precision": [_precision(found), *map(_rival, found.rivals), *_luck(found)],
        "Money": [earned(found.money, found.days)],
        "By year": [_years(found)],
        "Notes": [sentence(note) for note in found.notes],
    }
    return lead + [block for name, blocks in parts.items() if blocks for block in (f"## {name}", *blocks)]


def _asked(found: Judgement) -> str:
    asked = found.asked
    stop = "" if asked.stop is None else f"at {percent(asked.stop)}"
    ends = ["at that level"] * (asked.kind != "close") + [stop] * bool(stop)
    held = "the next day" if asked.horizon == 1 else f"the last of {asked.horizon} days"
    rule = "signals of 1" if found.chosen == "signals" else f"scores of {found.threshold:.6g} or more ({found.chosen})"
    return (
        f"{found.scores} on {found.bars}: {found.days:,} days, {found.first} to {found.last}. A day is a buy on "
        f"{rule}, right if {in_words(asked.label)}. It is bought at the Close and sold "
        f"{', or '.join(ends)}{', else ' if ends else ''}at the Close of {held}; "
        f"a round trip costs {asked.cost_bps:g} basis points."
    )


def _precision(found: Judgement) -> str:
    at = found.evidence
    if not at.n_buys:
        return f"Nothing was bought, so there is no precision. Base rate {three(at.base_rate)}."
    return (
        f"Precision {three(at.precision)} ({ends(*at.precision_interval)}; at least {three(at.precision_low)}, "
        f"with 95 % confidence), recall {three(at.recall)} ({ends(*at.recall_interval)}), base rate "
        f"{three(at.base_rate)}: {at.hits:,} of {at.n_buys:,} buys were right, "
        f"which are worth {at.n_eff:,.0f} independent ones."
    )


def _rival(rival: Rival) -> str:
    if rival.lead is None or rival.at_as_many is None:
        return f"Against the {rival.name}, whose AUC is {three(rival.auc)}, there are no buys to compare."
    lead = rival.lead
    said = {"better": "the model is better", "worse": "the model is worse"}.get(
        lead.verdict, "cannot tell which is better"
    )
    gap = signed(lead.difference, lead.low, lead.high)
    return (
        f"The {rival.name} on as many buys: precision {three(rival.at_as_many)}. The model's minus that: {gap}; {said}."
    )


def _luck(found: Judgement) -> Iterator[str]:
    bar, tried = found.lucky_precision, found.asked.tried
    if bar is not None:
        who = "A model without skill" if tried == 1 else f"The best of {tried:,} models without skill"
        yield (
            f"{who} shows a precision of {three(bar.mean)} on as many buys on average, {three(bar.p95)} in one of 20 "
            f"cases, the observed one or more in {_hundred(bar)}.{_lucky(found.lucky_return)}"
        )


def _lucky(bar: Bar | None) -> str:
    return "" if bar is None else f" It earns {percent(bar.mean)} a trade, as much as observed in {_hundred(bar)}."


def _hundred(bar: Bar) -> str:
    return f"{100 * bar.chance:.0f} of 100" if bar.chance >= 0.01 else "fewer than 1 of 100"


def _years(found: Judgement) -> str:
    rows = []
    for year in found.years:
        at = year.evidence
        bought = [three(at.precision), ends(*at.precision_interval), three(at.recall)] if at.n_buys else ["–"] * 3
        earned = "no trades" if year.mean_return is None else percent(year.mean_return)
        rows.append([str(year.year), *bought, f"{at.n_buys:,}", three(at.base_rate), earned])
    return table(YEARS, rows)
