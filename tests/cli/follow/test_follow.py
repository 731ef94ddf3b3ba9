"""What was promised against what came, from the journal alone; the page says what the command says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from buysignal.cli.follow.command import STATUS
from buysignal.cli.main import main
from buysignal.core.errors import UserError
from buysignal.judge.evidence import evidence
from buysignal.judge.sequential import Promise, kept
from buysignal.report.follow import Moved, because, blocks, headline, page
from buysignal.ship.journal import lines
from buysignal.ship.journal.followed import followed
from buysignal.ship.journal.lines import Journal

NOTHING = Moved("nothing came", "nothing came")
PROMISE = {
    "precision": 0.5,
    "precision_interval": [0.4, 0.6],
    "recall": 0.3,
    "recall_interval": [0.2, 0.4],
    "base_rate": 0.2,
    "n_buys": 80,
    "alert_rate": 0.5,
    "role": "test",
    "by": "the lower bound of what was seen on the test role",
    "floor": 0.4,
    "confidence": 0.95,
    "mean": 0.001,
    "cost": 0.0005,
    "verdict": "cannot tell",
    "threshold": 0.5,
    "per_day": 0,
    "horizon": 1,
    "seeds": 1,
}


def journal(path: Path, hits: str, **other) -> Journal:
    """A journal with a day per letter: ``1`` a buy that hit, ``0`` one that did not, ``.`` no buy; the last is open."""
    known = {"first": "2010-01-01", "last": "2018-12-31", "n": 9, "sha256": ""}
    model = {"name": "a50-mine", "tier": "a50", "seal": "ab"}
    begun = {"kind": "model", "model": model, "market": "M", "many": False, "columns": ["close"], "known": known}
    told = [begun | {"promise": PROMISE | other}]
    for day, hit in zip(pd.bdate_range("2019-01-01", periods=len(hits)), hits):
        above = hit != "."
        answer = [0.7 if above else 0.1, 0.5, above, False, ""]
        one = {"kind": "day", "date": f"{day:%Y-%m-%d}", "model": "a50-mine", "late": False}
        told.append(one | {"bars": {"M": [1.0]}, "answers": {"M": answer}})
        rows = {"M": [int(hit == "1"), 0.01 if hit == "1" else -0.01]}
        told.append({"kind": "outcome", "date": one["date"], "rows": rows})
    return lines.added(Journal(), told[:-1], path)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_precision_recall_and_the_test_are_those_of_the_rows(here):
    found = followed(journal(lines.PATH, "1.0011..0100."))
    label, above = np.array([1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0]), np.array([1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1], bool)
    assert found.evidence == evidence(label, above, 1, 0.95, 1, 1)
    days = pd.bdate_range("2019-01-01", periods=13)
    right = kept(np.array([1, 0, 0, 1, 1, 0, 1, 0, 0]), np.flatnonzero(above), days, Promise(0.4, 0.2, 1))
    assert found.kept.e.tolist() == right.e.tolist() and found.kept.verdict == right.verdict
    (year,) = found.years
    assert year.year == 2019 and year.mean == pytest.approx((4 * 0.01 - 5 * 0.01) / 9 - 0.0005)


def test_misses_alone_break_the_promise_and_the_status_says_so(here, capsys):
    journal(lines.PATH, "0" * 40)
    assert main(["follow"]) == STATUS["broken"] == 3
    out, err = capsys.readouterr()
    assert out.startswith("Broken since 2019-01-01, found on 2019-0") and "page: journal/follow.html" in err
    told = json.loads(said_as_json(capsys))
    assert told["verdict"] == "broken" and told["since"] == "2019-01-01" and told["realised"]["n_buys"] == 39
    assert told["drift"]["features"].startswith("data/models/shipped is missing")


def said_as_json(capsys) -> str:
    main(["follow", "--format", "json"])
    return capsys.readouterr().out


def test_few_days_are_too_early_and_how_many_more_it_takes_is_said(here, capsys):
    journal(lines.PATH, "10110")
    assert main(["follow"]) == STATUS["too early to tell"] == 0
    out = capsys.readouterr().out
    assert out.startswith("Too early to tell. 4 days with a buy came to an end; after ")
    assert " would have been found out in 4 of 5 cases: " in " ".join(out.split())


def test_many_good_days_hold(here):
    found = followed(journal(lines.PATH, "10110" * 60))
    assert headline(found) == "It holds." and "nothing speaks against a precision of at least 0.400" in because(found)


def test_a_promise_near_the_base_rate_is_said_to_be_none_that_could_be_seen_to_break(here):
    found = followed(journal(lines.PATH, "10110", floor=0.2))
    assert "so near to the base rate, 0.200, or below it, that a model without skill" in because(found)


def test_only_the_model_that_answers_now_is_followed(here):
    old = journal(lines.PATH, "0" * 30)
    again = dict(old.of("model")[0]) | {"model": {"name": "a50-new", "tier": "a50", "seal": "cd"}}
    again = {key: value for key, value in again.items() if key not in ("number", "previous", "seal")}
    new = lines.added(old, [again])
    found = followed(new)
    assert found.name == "a50-new" and not len(found.rows) and found.evidence is None
    assert "No day has been answered yet." in "".join(blocks(found, NOTHING))


def test_a_day_whose_line_is_damaged_counts_for_nothing_and_is_named(here, capsys):
    journal(lines.PATH, "1010101")
    content = lines.PATH.read_text().replace(
        '"date": "2019-01-03", "kind": "outcome"', '"date": "2019-01-04", "kind": "outcome"', 1
    )
    lines.PATH.write_text(content)
    assert main(["follow"]) == 0
    out, err = capsys.readouterr()
    assert "line 7, was edited" in err and "5 days with a buy" in out


def test_without_a_journal_the_command_that_begins_one_is_named(here):
    with pytest.raises(UserError, match="holds no answer yet: `python -m buysignal update --bars FILE`"):
        followed(lines.read())


def test_the_page_says_what_the_text_says_and_draws_three_charts(here):
    found = followed(journal(lines.PATH, "10110" * 20))
    html = page(found, NOTHING, "")
    assert html.count('<div class="chart"') == 3
    for sentence in (
        "Too early to tell." if found.kept.verdict != "holds" else "It holds.",
        "Promised and realised precision",
    ):
        assert sentence in html
    assert replace(found, rows=found.rows).known.equals(found.known)


def test_new_models_that_were_tried_are_a_table_with_precision_first(here):
    seen = {"precision": 0.5, "precision_interval": [0.4, 0.6], "recall": 0.25, "recall_interval": [0.1, 0.4]}
    seen |= {"n_buys": 12, "base_rate": 0.2}
    area = {"auc_difference": -0.01, "auc_difference_low": -0.034}
    told = {"first": "2018-11-01", "last": "2018-12-31", "n": 40, "old": seen, "new": seen | {"n_buys": 0}, **area}
    line = {"kind": "retrain", "date": "2019-01-02", "until": "2018-10-31", "branch": "retrain/2018-10-31"}
    line |= {"names": {"old": "a50-mine", "new": "a50-new"}, "compared": told, "decision": "the old one is kept"}
    found = followed(lines.added(journal(lines.PATH, "10110"), [line]))
    text = blocks(found, NOTHING)
    rows = text[text.index("## New models that were tried") + 1].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells[0][:8] == [
        "2019-01-02",
        "a50-mine (old)",
        "–",
        "40",
        "0.500",
        "0.400–0.600",
        "0.250",
        "0.100–0.400",
    ]
    assert cells[1][1:6] == ["a50-new (new)", "2018-10-31", "40", "–", "–"]
    assert cells[1][8:] == ["-0.010", "-0.034", "the old one is kept"]
    assert "New models that were tried" in page(found, NOTHING, "")
