"""The card of a judgement, which its page draws first."""

from __future__ import annotations

from buysignal.cli.judge.many import JudgementOfMany
from buysignal.cli.judge.outside import Judgement
from buysignal.report.card import ALWAYS, BUYS, Card, Line, facts
from buysignal.report.words import sentence


def card(found: Judgement | JudgementOfMany) -> Card:
    """The verdict and what it rests on; that alone where nothing was bought."""
    if found.money is None:
        return Card(found.scores, found.verdict)
    rows, other = f"{found.days:,} days", "a random day"
    if isinstance(found, JudgementOfMany):
        rows, other = f"{found.rows:,} days of {found.symbols:,} symbols", "the average symbol"
        counts = {part.name: part.n_buys for part in found.years}
    else:
        counts = {str(part.year): part.evidence.n_buys for part in found.years}
    seen = found.evidence.to_dict()
    lines = [Line(name, values) for name, values in zip((BUYS, ALWAYS), found.capital)]
    when = f"{found.first} to {found.last}"
    return Card(
        found.scores,
        found.verdict,
        "",
        seen,
        found.money,
        facts(seen, found.money, rows, counts, other),
        when,
        lines,
        mind=[sentence(one.text) for one in found.cautions],
        days=(found.first, found.last),
    )
