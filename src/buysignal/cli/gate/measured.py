"""The numbers that the gate judges, read from the metrics of a run, each checked before it is used."""

from typing import Any

from buysignal.cli.doctor.run import LEDGER, Run
from buysignal.core.errors import UserError, shown
from buysignal.core.settings import Section, Share, Switch, by_name, one, parse, printable, real, whole
from buysignal.ship.ledger import Entry

TRAIN, SELECTION = "metrics/train.json", "metrics/selection.json"
RERUN = "run `dvc repro train`"
OFF = 0.02  # what another machine that trains the same look again may differ by, in precision and in recall
Signed = real("in [-1, 1]", ge=-1, le=1)
Count = whole(0)
Worth = real(">= 0", ge=0, lt=1e12)
Name = printable(200, "a printable name of at most 200 characters")


class Difference(Section, extra="ignore"):
    """A difference of precisions with its two-sided interval."""

    difference: Signed
    low: Signed
    high: Signed
    confidence: Share


class Lead(Difference):
    """Precision minus that of the volatility baseline buying on as many days.

    ``best`` names the baseline of the model's tier that is most precise on as many buys, ``best_precision`` is its.
    """

    baseline: Name
    best: Name
    best_precision: Share


class Headline(Section, extra="ignore"):
    """The first selected model on the test role.

    Attributes
    ----------
    precision, precision_low, n_buys, n_eff, recall, base_rate : see `buysignal.judge.evidence`
    n : test days
    one_class : whether all of them have the same label, so that they can judge nothing
    lead : over the baselines; None of a model that never buys
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
    lead: Lead | None = None


class Judged(Section, extra="ignore"):
    """The same model on the threshold role: its range of scores, and what its seeds differ by.

    ``recall_sd`` is the standard deviation of recall over ``seeds`` seeds, each judged alone at the threshold
    of their average.
    """

    prediction_width: Worth
    collapsed: Switch
    recall_sd: Worth
    seeds: Count


class _Against(Section, extra="ignore"):
    baseline: Name
    precision: Difference


class _Rivals(Section, extra="ignore"):
    """What of a row of metrics/train.json tells how far it leads."""

    against_volatility: _Against
    at_as_many_buys: by_name(Name, Share, "name at least one baseline")


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
    row, place = models[0], (f"{TRAIN}: ", ("models[0]",), RERUN)
    found = parse(Headline, row, *place)
    _vouched(run, found)
    lead = _lead(parse(_Rivals, row, *place)) if found.n_buys else None
    return found.model_copy(update={"lead": lead})


def _lead(row: _Rivals) -> Lead:
    against, reached = row.against_volatility, row.at_as_many_buys
    best = max(reached, key=lambda name: reached[name])
    return Lead(baseline=against.baseline, best=best, best_precision=reached[best], **dict(against.precision))


def judged(run: Run, name: str) -> Judged:
    """The model of that name in metrics/selection.json; errors as for `headline`, and if there is none."""
    found = next((row for row in run.judged if row["name"] == name), None)
    if found is None:
        raise UserError(f"{SELECTION} has no model {shown(name)}, which {TRAIN} has: run `dvc repro select`")
    return parse(Judged, found, f"{SELECTION}: ", (name,), "run `dvc repro select`")


def _vouched(run: Run, model: Headline) -> None:
    """Refuse a headline that is not what the ledger saw when the test role was opened."""
    for name in ("precision", "recall"):
        said, noted = getattr(model, name), _look(run).results.get(name)
        noted = one(Share, noted, f"{name} of the look of {TRAIN}", f"{LEDGER}: ")
        if abs(said - noted) > OFF:
            raise UserError(
                f"{TRAIN} says {name} {said:.3f} of {model.name}, and {LEDGER} saw {noted:.3f} at that look: {RERUN}"
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
