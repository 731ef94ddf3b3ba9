"""The numbers that the gate judges, read from the metrics of a run, each checked before it is used."""

from typing import Any

from buysignal.cli.doctor.run import LEDGER, Run
from buysignal.core.errors import UserError, shown
from buysignal.core.settings import Section, Share, Switch, by_name, one, parse, printable, real, whole
from buysignal.judge.verdict import Verdict
from buysignal.ship.ledger import Entry
from buysignal.ship.registered import NOTHING

TRAIN, SELECTION = "metrics/train.json", "metrics/selection.json"
RERUN = "run `dvc repro test`"
OFF = 0.02  # what another machine that trains the same look again may differ by, in precision and in recall
Signed = real("in [-1, 1]", ge=-1, le=1)
Count = whole(0)
Worth = real(">= 0", ge=0, lt=1e12)
Name = printable(200, "a printable name of at most 200 characters")


class Lead(Section, extra="ignore"):
    """Precision minus that of the volatility baseline buying on as many days, with its two-sided interval."""

    difference: Signed
    low: Signed
    high: Signed
    confidence: Share


class Against(Section, extra="ignore"):
    """The volatility baseline, and the lead over it; None of a model that never buys."""

    baseline: Name
    precision: Lead | None


class Headline(Section, extra="ignore"):
    """What ships, on the test role.

    Attributes
    ----------
    verdict : by money; None in a run from before there was one
    family : of `buysignal.models.scores.FAMILIES`; empty in a run from before each row told it
    precision, precision_low, n_buys, n_eff, recall, base_rate : see `buysignal.judge.evidence`
    n : test days
    one_class : whether all of them have the same label, so that they can judge nothing
    at_as_many_buys : precision of each baseline of its tier that buys on as many days; its own among them, if it is one
    """

    name: Name
    precision: Share
    precision_low: Share
    recall: Share
    n_buys: Count
    n_eff: Worth
    base_rate: Share
    n: Count
    one_class: Switch
    against_volatility: Against
    at_as_many_buys: by_name(Name, Share, "name at least one baseline")
    family: str = ""
    verdict: Verdict | None = None


class Judged(Section, extra="ignore"):
    """The same model on the threshold role: its range of scores, and what its seeds differ by.

    ``recall_sd`` is the standard deviation of recall over ``seeds`` seeds, each judged alone at the threshold
    of their average; no seed where nothing is drawn by chance.
    """

    prediction_width: Worth
    collapsed: Switch
    recall_sd: Worth
    seeds: Count


def headline(run: Run) -> Headline | None:
    """What ships, as metrics/train.json has it; None if nothing does.

    Raises
    ------
    UserError
        If the file is missing or torn, the run is not registered, a value is not one that `test` writes, or it is
        not what the ledger saw when the test role was opened; the message names it.
    """
    if run.unopened == NOTHING:
        return None
    require_opened(run)
    row = _shipped(run)
    if row is None:
        return None
    model, seen = parse(Headline, row, f"{TRAIN}: ", ("shipped",), RERUN), _look(run).results
    for name in ("precision", "recall"):
        said, then = getattr(model, name), one(Share, seen.get(name), name, f"{LEDGER}: the look of {TRAIN}: ")
        if abs(said - then) > OFF:
            saw = f"{LEDGER} saw {then:.3f} at that look: {RERUN}"
            raise UserError(f"{TRAIN} says {name} {said:.3f} of {model.name}, and {saw}")
    return model


def _shipped(run: Run) -> dict[str, Any] | None:
    """Its row; in a file from before what ships was chosen of all, the model that was selected first."""
    found = run.examined
    if "shipped" not in found and "baselines" in found:
        return next(iter(found["models"]), None)
    if not (name := found["shipped"]):
        return None
    row = next((row for row in run.rows if row["name"] == name), None)
    if row is None:
        raise UserError(f"{TRAIN} has no row of {shown(name)}, which ships: {RERUN}")
    return row


def require_opened(run: Run) -> None:
    """Refuse a run to which the test role is closed: there is nothing of it that could be judged."""
    if run.unopened:
        raise UserError(f"not registered: {run.unopened}; `python -m buysignal register`, then `dvc repro`, opens it")


def judged(run: Run, name: str) -> Judged:
    """The model of that name in metrics/selection.json; errors as for `headline`, and if there is none."""
    found = next((row for row in run.judged if row["name"] == name), None)
    if found is None:
        raise UserError(f"{SELECTION} has no model {shown(name)}, which {TRAIN} has: run `dvc repro select`")
    return parse(Judged, found, f"{SELECTION}: ", (name,), "run `dvc repro select`")


def test_days(run: Run) -> dict[str, Any]:
    """What this run looked at: market, hash of the bars, first and last test day; errors as for the ledger."""
    return _look(run).data


def _look(run: Run) -> Entry:
    """The line of the ledger that metrics/train.json names."""
    require_opened(run)
    look = run.examined["look"]
    found = next((entry for entry in run.looks if entry.look == look), None)
    if found is None:
        raise UserError(f"{LEDGER} lacks the look of {TRAIN}: `git checkout HEAD -- {LEDGER}`, or `dvc repro test`")
    return found
