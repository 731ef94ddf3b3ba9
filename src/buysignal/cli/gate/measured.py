"""The numbers that the gate judges, read from the metrics of a run, each checked before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from buysignal.cli.doctor.run import LEDGER, Run
from buysignal.core.errors import UserError
from buysignal.core.rules import Rule, shown
from buysignal.ship.ledger import Entry

TRAIN, SELECTION = "metrics/train.json", "metrics/selection.json"
OFF = 0.02  # what another machine that trains the same look again may differ by, in precision and in recall
SHARE = Rule(float, "a number in [0, 1]", lambda v: 0 <= v <= 1)
SIGNED = Rule(float, "a number in [-1, 1]", lambda v: -1 <= v <= 1)
COUNT = Rule(int, "a whole number >= 0", lambda v: v >= 0)
WORTH = Rule(float, "a number >= 0", lambda v: 0 <= v < 1e12)
SWITCH = Rule(bool, "true or false")
NAME = Rule(str, "a printable name of at most 200 characters", lambda v: v.isprintable() and len(v) <= 200)


@dataclass(frozen=True)
class Lead:
    """Precision minus that of the volatility baseline buying on as many days, with its two-sided interval.

    ``best`` names the baseline of the model's tier that is most precise on as many buys, ``best_precision`` is its.
    """

    baseline: str
    difference: float
    low: float
    high: float
    confidence: float
    best: str
    best_precision: float


@dataclass(frozen=True)
class Headline:
    """The first selected model on the test role.

    Attributes
    ----------
    precision, precision_low, n_buys, n_eff, recall, base_rate : see `buysignal.judge.evidence`
    n : test days
    one_class : whether all of them have the same label, so that they can judge nothing
    lead : over the baselines; None of a model that never buys
    """

    name: str
    precision: float
    precision_low: float
    recall: float
    n_buys: int
    n_eff: float
    base_rate: float
    n: int
    one_class: bool
    lead: Lead | None


@dataclass(frozen=True)
class Judged:
    """The same model on the threshold role: its range of scores, and what its seeds differ by.

    ``recall_sd`` is the standard deviation of recall over ``seeds`` seeds, each judged alone at the threshold
    of their average.
    """

    width: float
    collapsed: bool
    recall_sd: float
    seeds: int


def headline(run: Run) -> Headline | None:
    """The first selected model of metrics/train.json; None if the run selected none.

    Raises
    ------
    UserError
        If the file is missing or torn, or a value is not one that `train` writes; the message names it.
    """
    models = run.metrics("train.json", "train")["models"]
    if not models:
        return None
    row = _Row(models[0], f"{TRAIN}: models[0]")
    _vouched(run, row)
    n_buys = row.get("n_buys", COUNT)
    return Headline(
        name=row.get("name", NAME),
        precision=row.get("precision", SHARE),
        precision_low=row.get("precision_low", SHARE),
        recall=row.get("recall", SHARE),
        n_buys=n_buys,
        n_eff=row.get("n_eff", WORTH),
        base_rate=row.get("base_rate", SHARE),
        n=row.get("n", COUNT),
        one_class=row.get("one_class", SWITCH),
        lead=_lead(row) if n_buys else None,
    )


def _lead(row: _Row) -> Lead:
    against = row.inner("against_volatility")
    difference = against.inner("precision")
    rivals = row.inner("at_as_many_buys")
    names = [NAME.read(name, f"{TRAIN}: a baseline of models[0]", "") for name in rivals.content]
    reached = {name: rivals.get(name, SHARE) for name in names}
    if not reached:
        raise UserError(f"{TRAIN}: models[0].at_as_many_buys names no baseline: run `dvc repro train`")
    best = max(reached, key=lambda name: reached[name])
    return Lead(
        baseline=against.get("baseline", NAME),
        difference=difference.get("difference", SIGNED),
        low=difference.get("low", SIGNED),
        high=difference.get("high", SIGNED),
        confidence=difference.get("confidence", SHARE),
        best=best,
        best_precision=reached[best],
    )


def judged(run: Run, name: str) -> Judged:
    """The model of that name in metrics/selection.json; errors as for `headline`, and if there is none."""
    found = next((row for row in run.judged if row["name"] == name), None)
    if found is None:
        raise UserError(f"{SELECTION} has no model {shown(name)}, which {TRAIN} has: run `dvc repro select`")
    row = _Row(found, f"{SELECTION}: {name}")
    return Judged(
        width=row.get("prediction_width", WORTH),
        collapsed=row.get("collapsed", SWITCH),
        recall_sd=row.get("recall_sd", WORTH),
        seeds=row.get("seeds", COUNT),
    )


def _vouched(run: Run, row: _Row) -> None:
    """Refuse a headline that is not what the ledger saw when the test role was opened."""
    seen = _look(run).results
    for name in ("precision", "recall"):
        said, noted = row.get(name, SHARE), SHARE.read(seen.get(name), f"{LEDGER}: {name} of the look of {TRAIN}", "")
        if abs(said - noted) > OFF:
            raise UserError(
                f"{TRAIN} says {name} {said:.3f} of {row.get('name', NAME)}, and {LEDGER} saw {noted:.3f} at that "
                f"look: run `dvc repro train`"
            )


def test_days(run: Run) -> dict[str, Any]:
    """What was looked at by this run: market, hash of the bars, first and last test day, from its look in the ledger.

    Raises
    ------
    UserError
        If the ledger is missing or damaged, or lacks the look.
    """
    return _look(run).data


def _look(run: Run) -> Entry:
    """The line of the ledger that metrics/train.json names; errors as for `test_days`."""
    look = run.metrics("train.json", "train")["look"]
    found = next((entry for entry in run.looks if entry.look == look), None)
    if found is None:
        raise UserError(f"{LEDGER} lacks the look of {TRAIN}: `git checkout HEAD -- {LEDGER}`, or `dvc repro train`")
    return found


@dataclass(frozen=True)
class _Row:
    """An object of a JSON file whose values are read one by one."""

    content: Any
    where: str

    def get(self, key: str, rule: Rule) -> Any:
        value = self.content.get(key) if isinstance(self.content, Mapping) else None
        return rule.read(value, f"{self.where}.{key}", "")

    def inner(self, key: str) -> _Row:
        value = self.content.get(key) if isinstance(self.content, Mapping) else None
        if not isinstance(value, Mapping):
            raise UserError(f"{self.where}.{key} is {shown(value)}; it must be an object: run `dvc repro train`")
        return _Row(value, f"{self.where}.{key}")
