"""How the shipped models came about: what their scaler saw, and when their training stopped."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import numpy as np
import pandas as pd

from buysignal.cli.doctor.run import SHIPPED, Run
from buysignal.cli.doctor.verdict import NO_CLAIM, Looking, check
from buysignal.core.errors import UserError
from buysignal.models import contenders
from buysignal.models.dataset import Scaler
from buysignal.models.metrics import auc
from buysignal.models.scores import Scored
from buysignal.ship.package import MANIFEST, WEIGHTS, Shipped

CLOSE = 1e-6  # relative, of a scaler: sums of another order differ by less
NOISE = 1e-3  # AUC: what scores computed in other batches, and rounding, may move
CURVE = "plots/live/train/plots/metrics/stop_auc.tsv"


@check("scaler-on-all-data", "a scaler that has seen the days it is judged on")
def _scaler(run: Run) -> Looking:
    if not run.shipped:
        return NO_CLAIM
    for model in run.shipped:
        name, table, names = model.card.name, run.table(model.card.tier), list(model.features)
        if lacking := [feature for feature in names if feature not in table.columns]:
            yield f"{name}: its feature {lacking[0]} is not in the table of {model.card.tier}"
            continue
        values, role = table[names].to_numpy(float), table["role"].to_numpy(str)
        if not _fits(model, values[role == "train"]):
            days = "all days, test among them" if _fits(model, values) else "other days than the train role"
            yield f"{name}: its scaler is that of {days}"
    return f"the scalers of all {len(run.shipped)} shipped models are those of the train role"


def _fits(model: Shipped, values: np.ndarray) -> bool:
    right, found = Scaler.fit(values), model.scaler
    pairs = ((found.mean, right.mean), (found.deviation, right.deviation))
    return all(np.allclose(one, other, rtol=CLOSE, atol=CLOSE * 1e-3) for one, other in pairs)


@check("early-stop-on-test", "training stopped at the epoch that looks best on judged days")
def _early_stop(run: Run) -> Looking:
    for tier in run.params.tiers:
        if said := _stop_days(run, tier):
            yield f"{tier}: {said}"
    if not run.shipped:
        return NO_CLAIM
    limit, patience = run.params.training.epochs, run.params.training.patience
    for model in run.shipped:
        first = 0 if model.card.origin == "built" else 1  # an addition may add nothing
        for best, epochs in zip(model.best_epoch, model.card.epochs):
            if not first <= best <= epochs or epochs != min(best + patience, limit):
                yield (
                    f"{model.card.name}: best epoch {best} of {epochs} run does not agree with patience {patience} "
                    f"and at most {limit} epochs on role stop"
                )
    yield from _against_curve(run)
    return "the kept epoch is the best of role stop, whose days come before every judged one"


def _stop_days(run: Run, tier: str) -> str:
    """Whether the stop role of a table lies where params put it, apart from the test role."""
    table = run.table(tier)
    stop, test = table.index[table["role"] == "stop"], run.expected.index[run.expected["role"] == "test"]
    shared = stop.intersection(test)
    if len(shared):
        return f"{len(shared)} days of role stop are days of the test role"
    held = table[table["role"] == "test"].drop_duplicates(run.features(tier))
    both = pd.concat([table.loc[table["role"] == "stop"].drop_duplicates(run.features(tier)), held])
    twins = int(both.duplicated(run.features(tier)).sum())
    return f"{twins} rows of role stop are those of days of the test role" if twins else ""


def _against_curve(run: Run) -> Iterator[str]:
    """The headline's kept states against its curve: no epoch may be better on role stop by more than min_delta.

    The curve is the mean over the seeds. Every kept state is, within ``min_delta``, the best of its seed,
    so their mean is, within ``min_delta``, above the mean curve at every epoch. Where all seeds keep the same
    epoch, the curve there is their mean.
    """
    if not run.chosen:
        return
    headline, (_, model), least = run.shipped[0], run.chosen[0], run.params.training.min_delta + NOISE
    curve = _curve(run, max(headline.card.epochs))
    kept, best, top = _kept(model), set(headline.best_epoch), int(curve.argmax())
    if curve[top] > kept + least:
        yield f"{model.card.name}: epoch {top + 1} has AUC {curve[top]:.4f} on role stop, the kept state {kept:.4f}"
    if len(best) == 1 and 1 <= (epoch := best.pop()) <= len(curve) and curve[top] > curve[epoch - 1] + least:
        yield (
            f"{headline.card.name}: epoch {epoch} is shipped (AUC {curve[epoch - 1]:.4f} on role stop), "
            f"epoch {top + 1} is better ({curve[top]:.4f})"
        )


def _kept(model: Scored) -> float:
    """Mean over the seeds of the AUC on role stop of the states that were kept."""
    label, _, per_seed = model.of("stop")
    return float(np.mean([auc(label, scores) for scores in per_seed]))


def _curve(run: Run, epochs: int) -> np.ndarray:
    """AUC on role stop per epoch, mean over the headline's seeds, of which the longest ran ``epochs``."""
    try:
        content = (run.root / CURVE).read_text(encoding="utf-8")
        curve = pd.read_csv(StringIO(content), sep="\t")["stop_auc"].to_numpy(float)
    except (OSError, ValueError, LookupError):
        raise UserError(f"{CURVE} is missing or torn: build it with `dvc repro train`") from None
    if len(curve) != epochs or not np.isfinite(curve).all() or not content.endswith("\n"):
        raise UserError(f"{CURVE} holds no whole curve: build it with `dvc repro train`")
    return curve


@check("weights-altered", "weights that are not those which were trained and shipped")
def _weights(run: Run) -> Looking:
    if not run.selected:
        return NO_CLAIM
    files = [f"data/models/{name}/{file}" for name in run.json(SHIPPED, "train") for file in (MANIFEST, WEIGHTS)]
    try:
        shipped = [model.card.name for model in run.shipped]
    except UserError as error:
        if not all(map(run.has, files)):
            raise
        yield str(error)  # all are there, and one is not what was shipped
    else:
        if shipped != run.names:
            yield "data/models ships other models than selected.json names"
    for tier in run.params.tiers:
        try:
            contenders.load_all(run.root / f"data/baseline/{tier}/fitted")
        except UserError as error:
            yield str(run.relative(error))
    return f"the weights of {len(run.names)} models are those that were shipped, and of the baselines those fitted"
