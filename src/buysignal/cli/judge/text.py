"""A judgement in words: the same blocks for a terminal, as Markdown and as one HTML page; and as JSON."""

from __future__ import annotations

import json
from typing import Any

from buysignal.cli import told
from buysignal.cli.judge.many import JudgementOfMany
from buysignal.cli.judge.many_text import told_of_many
from buysignal.cli.judge.outside import KEYS, Judgement
from buysignal.cli.judge.rivals import Rival
from buysignal.cli.judge.words import luck, precise, traded
from buysignal.core.files import stable
from buysignal.days.labels import in_words
from buysignal.report.card import minded
from buysignal.report.tables import years_table
from buysignal.report.words import earned, sentence, signed, three

HTML = "html"  # the form beside those of `told`
QUESTIONS = {
    "## Precision": "## Is it real?",
    "## Money": "## What does it earn?",
    "## By year": "## When does it fail?",
}
"""Headings of the text -> those of the page, which are the report's."""


Found = Judgement | JudgementOfMany


def said(found: Found, form: str) -> str:
    """The verdict, then what it rests on, in one of the forms of the command."""
    return as_html(found) if form == HTML else told.written(form, lambda: _blocks(found), lambda: as_json(found))


def as_html(found: Found) -> str:
    """One page that needs nothing else; no word of a file can become a tag."""
    from buysignal.cli.judge.drawn import card
    from buysignal.report.html import html_page  # it brings the charts' library, and no other format needs it

    said_by_card = 1 + len(found.cautions)  # the verdict, and what is to be minded
    blocks = [QUESTIONS.get(block, block) for block in _blocks(found)[said_by_card:]]
    return html_page([f"# {found.scores} on {found.bars}", *blocks], {}, "", card=card(found))


def as_json(found: Found) -> str:
    """One object with stable keys."""
    return _dumped({**found.to_dict(), "error": None, "status": found.verdict.status})


def unjudged_as_json(error: str) -> str:
    """The same keys for files that cannot be judged: ``error`` says why."""
    return _dumped({**dict.fromkeys(KEYS), "error": error, "status": 2})


def _dumped(content: dict[str, Any]) -> str:
    return json.dumps(stable(content), indent=2, ensure_ascii=True)


def _blocks(found: Found) -> list[str]:
    """Paragraphs, headings and tables, as Markdown."""
    about, parts = told_of_many(found) if isinstance(found, JudgementOfMany) else _told(found)
    lead = [
        f"**{found.verdict.word}**: {found.verdict.because}",
        *minded([sentence(one.text) for one in found.cautions]),
        about,
    ]
    return lead + [block for name, blocks in parts.items() if blocks for block in (f"## {name}", *blocks)]


def _told(found: Judgement) -> tuple[str, dict[str, list[str]]]:
    """What was asked, and what was found by heading."""
    return _asked(found), {
        "Precision": [
            precise(found.evidence),
            *map(_rival, found.rivals),
            *luck(found.lucky_precision, found.lucky_return, found.asked.tried),
        ],
        "Money": [earned(found.money, found.days)],
        "By year": [years_table([(year.year, year.evidence, year.mean_return) for year in found.years])],
        "Notes": [sentence(note) for note in found.notes],
    }


def _asked(found: Judgement) -> str:
    rule = "signals of 1" if found.chosen == "signals" else f"scores of {found.threshold:.6g} or more ({found.chosen})"
    return (
        f"{found.scores} on {found.bars}: {found.days:,} days, {found.first} to {found.last}. A day is a buy on "
        f"{rule}, right if {in_words(found.asked.label)}. {traded(found.asked)}"
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
