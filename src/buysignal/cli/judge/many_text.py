"""A judgement on many symbols in words."""

from __future__ import annotations

from collections.abc import Iterator

from buysignal.cli.judge.many import JudgementOfMany
from buysignal.cli.judge.many_rivals import RivalOfMany
from buysignal.cli.judge.words import luck, precise, traded
from buysignal.days.labels import in_words
from buysignal.judge.paired import Difference
from buysignal.report.pages.symbols import parts_table
from buysignal.report.words import earned, ends, lumps, sentence, signed, three


def told_of_many(found: JudgementOfMany) -> tuple[str, dict[str, list[str]]]:
    """What was asked, and what was found by heading."""
    dates = "Symbols of one date rise and fall together: every interval draws dates, with all symbols of a date."
    return _asked(found), {
        "Precision": [
            precise(found.evidence),
            _areas(found),
            *map(_rival, found.rivals),
            *luck(found.lucky_precision, found.lucky_return, found.asked.tried),
        ],
        "Money": [earned(found.money, found.days, "the average symbol of the same days")],
        "By year": [parts_table("year", [part.to_dict() for part in found.years])],
        "Symbols": list(_symbols(found)),
        "Notes": [dates, *(sentence(note) for note in found.notes)],
    }


def _asked(found: JudgementOfMany) -> str:
    if found.per_day is not None:
        rule = f"one of the {found.per_day} rows of highest score of a day ({found.chosen}; of equal ones by name)"
    else:
        rule = "a signal of 1" if found.chosen == "signals" else f"a score of {found.threshold:.6g} or more (as given)"
    return (
        f"{found.scores} on {found.bars}: {found.symbols:,} symbols, {found.rows:,} rows on {found.days:,} days, "
        f"{found.first} to {found.last}. A row is a buy on {rule}, right if {in_words(found.asked.label)}. "
        f"{traded(found.asked)} There are buys on {found.days_bought:,} of the days."
    )


def _areas(found: JudgementOfMany) -> str:
    at = found.daily_auc
    others = " and ".join(f"that of the {rival.name} {three(rival.daily_auc)}" for rival in found.rivals)
    return f"Within a day the AUC of the scores is {three(at.point)} ({ends(at.low, at.high)}), {others}."


def _rival(rival: RivalOfMany) -> str:
    if rival.lead_of_day is None:
        return f"Against the {rival.name} there are no buys to compare."
    return (
        f"The {rival.name} on as many buys of each day: precision {three(rival.of_day)}. The model's minus that: "
        f"{_lead(rival.lead_of_day)}. On as many buys in all, on days of its own choice: {three(rival.over_all)}; "
        f"{_lead(rival.lead_over_all)}."
    )


def _lead(lead: Difference) -> str:
    who = {"better": "the model is better", "worse": "the model is worse"}.get(
        lead.verdict, "cannot tell which is better"
    )
    return f"{signed(lead.difference, lead.low, lead.high)}; {who}"


def _symbols(found: JudgementOfMany) -> Iterator[str]:
    yield from lumps([lump.to_dict() for lump in found.lumps])
    if found.worst:
        yield (
            "The symbols whose buys earned least, and most, of those with ten or more. Some symbol is always first: of "
            "many the extremes are mostly luck."
        )
        yield parts_table("symbol", [part.to_dict() for part in (*found.worst, *found.best[::-1])])
