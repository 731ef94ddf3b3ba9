"""What is asked of a trial and what is kept of it: everything needed to judge, repeat or re-rank it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any, Self

import pandas as pd

from buysignal.models.patchtst.architecture import Configuration

COMPLETE, PRUNED, FAILED = "complete", "pruned", "failed"
STATES = (COMPLETE, PRUNED, FAILED)
VARIANT = "variant"
ORIGINS = ("extreme", "random", "tpe", "redirected", VARIANT, "supplementary")


@dataclass(frozen=True)
class Trial:
    """What is to be trained, and the learning curves of the complete trials of earlier batches."""

    configuration: Configuration
    curves: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What training one configuration yields; the return value of the ``evaluate`` of a search.

    Per-seed tuples have one entry per seed, in the order of ``seeds``. Rates and areas are shares in
    [0, 1]; ``n_buys`` and ``hits`` count rows. Precision and recall are those at or above the search's
    threshold, each seed alone; what they are worth is for `buysignal.judge.trials` to say, from the scores.
    ``scores`` are the averages over the seeds, one per day of the rank role, to six decimals.
    ``collapsed`` tells that the predictions of at least one seed span a narrow range;
    ``prediction_min`` and ``prediction_max`` are over all seeds. ``intermediate`` is the learning
    curve, one mean over the seeds per epoch: of the objective where trials are pruned by it, else of
    the AUC on the stop role, which training computes anyway.

    Raises
    ------
    ValueError
        If the state is unknown, or a trial that did not fail has no finite ``value``.
    """

    state: str = COMPLETE
    seeds: tuple[int, ...] = ()
    auc: tuple[float, ...] = ()
    average_precision: tuple[float, ...] = ()
    precision: tuple[float, ...] = ()
    recall: tuple[float, ...] = ()
    n_buys: tuple[int, ...] = ()
    hits: tuple[int, ...] = ()
    precision_at_recall: tuple[float, ...] = ()
    epochs: tuple[int, ...] = ()
    prediction_min: float | None = None
    prediction_max: float | None = None
    collapsed: bool = False
    intermediate: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    value: float | None = None
    duration_s: float = 0.0
    error: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"state is {self.state!r}; it must be one of {', '.join(STATES)}")
        if self.state != FAILED and (self.value is None or not isfinite(self.value)):
            raise ValueError(f"a {self.state} trial has the value {self.value}; it must be a finite number")

    def mean(self, metric: str) -> float | None:
        """Mean of a per-seed metric over the seeds; None if there is none."""
        values: Sequence[float] = getattr(self, metric)
        return sum(values) / len(values) if values else None


@dataclass(frozen=True)
class TrialRecord:
    """One finished trial: what was asked, why, and what came of it.

    Attributes
    ----------
    index, batch : position in the plan of the study and the batch it was proposed in; both from 0
    origin : one of `ORIGINS`; a redirected trial keeps in ``asked_by`` who proposed it first, a variant of an
        earlier trial's shape who proposed what it is trained with
    batch_size : windows per optimiser step
    parameters, cap : true number of trainable parameters, and the budget's cap on it
    outcome : what came of it; ``value`` of a pruned trial is its last
    """

    index: int
    batch: int
    origin: str
    asked_by: str
    configuration: Configuration
    batch_size: int
    parameters: int
    cap: int
    outcome: Outcome

    @property
    def state(self) -> str:
        return self.outcome.state

    @property
    def value(self) -> float | None:
        """The objective; None for a failed trial."""
        return self.outcome.value

    @property
    def error(self) -> str:
        return self.outcome.error

    def mean(self, metric: str) -> float | None:
        """Mean of a per-seed metric over the seeds; None if the trial has none."""
        return self.outcome.mean(metric)

    def sd(self, metric: str) -> float | None:
        """Sample standard deviation over the seeds (n - 1); None below two seeds."""
        values: Sequence[float] = getattr(self.outcome, metric)
        if len(values) < 2:
            return None
        centre = sum(values) / len(values)
        return (sum((v - centre) ** 2 for v in values) / (len(values) - 1)) ** 0.5

    def to_dict(self) -> dict[str, Any]:
        """Plain types that survive JSON without loss (floats by shortest round-trip repr)."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Inverse of `to_dict`, also after JSON turned tuples into lists.

        Raises
        ------
        KeyError, TypeError
            If a field is missing or unknown.
        """
        plain = dict(value)
        outcome = {k: tuple(v) if isinstance(v, list) else v for k, v in plain.pop("outcome").items()}
        if set(outcome) != {f.name for f in fields(Outcome)}:
            raise KeyError(f"outcome has fields {sorted(outcome)}")
        configuration = Configuration(**plain.pop("configuration"))
        return cls(configuration=configuration, outcome=Outcome(**outcome), **plain)


def best(records: Sequence[TrialRecord]) -> TrialRecord | None:
    """The complete trial with the highest objective value, the earliest of equals; None without one."""
    complete = [record for record in records if record.state == COMPLETE]
    return max(complete, key=lambda record: (record.value, -record.index), default=None)


def kind_of(error: str) -> str:
    """What a trial failed of, without what is its own: the name of an exception, or ``unknown``."""
    return error.split(":")[0] or "unknown"


def failures(errors: Iterable[str]) -> dict[str, int]:
    """How many trials failed by each kind of reason, the commonest first; each whole reason is in the trial table."""
    kinds = Counter(map(kind_of, errors))
    return dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])))


BOUGHT = ("precision", "recall", "n_buys", "hits")
RANKED = ("auc", "average_precision", "precision_at_recall")
PER_SEED = ("seeds", "precision", "recall", "n_buys", *RANKED, "epochs")


def table(records: Sequence[TrialRecord]) -> pd.DataFrame:
    """One row per trial, sorted by index; equal studies give equal bytes.

    Wall times are left out: they differ between runs that agree in everything else. Means come first
    under the metric's name, in ``configurations`` the number of trials looked at, which is all of them;
    the per-seed values of the metrics follow as JSON lists in ``<metric>_per_seed``, so that the frame
    survives CSV.
    """
    rows = [_row(record, len(records)) for record in sorted(records, key=lambda r: r.index)]
    return pd.DataFrame(rows, columns=_columns())


def _row(record: TrialRecord, configurations: int) -> dict[str, Any]:
    outcome = record.outcome
    row = {
        "index": record.index,
        "batch": record.batch,
        "origin": record.origin,
        "asked_by": record.asked_by,
        "state": outcome.state,
        **asdict(record.configuration),
        "batch_size": record.batch_size,
        "parameters": record.parameters,
        "cap": record.cap,
        "value": outcome.value,
        **{metric: record.mean(metric) for metric in (*BOUGHT, *RANKED)},
        "configurations": configurations,
        "auc_sd": record.sd("auc"),
        "epochs": record.mean("epochs"),
        "prediction_min": outcome.prediction_min,
        "prediction_max": outcome.prediction_max,
        "collapsed": outcome.collapsed,
        "error": outcome.error,
        "intermediate": json.dumps([round(v, 6) for v in outcome.intermediate]),
    }
    for name in PER_SEED:
        values = [round(v, 6) if isinstance(v, float) else v for v in getattr(outcome, name)]
        row[name if name == "seeds" else f"{name}_per_seed"] = json.dumps(values)
    return row


def _columns() -> list[str]:
    """Column order of `table`, also of an empty one."""
    empty = TrialRecord(0, 0, "", "", Configuration(1, 1, 1, 1, 0.0, 1.0, 0.0), 0, 0, 0, Outcome(FAILED))
    return list(_row(empty, 0))
