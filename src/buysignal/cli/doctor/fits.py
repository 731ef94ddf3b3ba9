"""How the shipped models came about: what their scaler saw, and when their training stopped."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.cli.doctor.run import SHIPPED, Run
from buysignal.cli.doctor.verdict import NO_CLAIM, Looking, check
from buysignal.core.errors import UserError
from buysignal.models import contenders, kept
from buysignal.models.dataset import Scaler
from buysignal.models.metrics import auc
from buysignal.models.scores import Scored
from buysignal.ship import package
from buysignal.ship.package import FITTED, MANIFEST, Shipped, folder_of

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
    return f"the scalers of all {len(run.shipped)} contenders are those of the train role"


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
        if model.card.family != "transformer":
            continue
        first = 0 if model.card.origin == "built" else 1  # an addition may add nothing
        for best, epochs in zip(model.fitted.best_epoch, model.card.epochs):
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
        return f"{len(shared)} {run.days} of role stop are days of the test role"
    held = table[table["role"] == "test"].drop_duplicates(run.features(tier))
    both = pd.concat([table.loc[table["role"] == "stop"].drop_duplicates(run.features(tier)), held])
    twins = int(both.duplicated(run.features(tier)).sum())
    return f"{twins} rows of role stop are those of days of the test role" if twins else ""


def _against_curve(run: Run) -> Iterator[str]:
    """Kept states of the search's first against its curve: no epoch may be better on role stop by more than min_delta.

    The curve is the mean over the seeds. Every kept state is, within ``min_delta``, the best of its seed,
    so their mean is, within ``min_delta``, above the mean curve at every epoch. Where all seeds keep the same
    epoch, the curve there is their mean.
    """
    first = next((model for model in run.shipped if [model.card.name] == run.ranked[:1]), None)
    if first is None:
        return
    name, least = first.card.name, run.params.training.min_delta + NOISE
    curve = _curve(run, max(first.card.epochs))
    reached, best, top = _kept(run.models[name]), set(first.fitted.best_epoch), int(curve.argmax())
    if curve[top] > reached + least:
        yield f"{name}: epoch {top + 1} has AUC {curve[top]:.4f} on role stop, the kept state {reached:.4f}"
    if len(best) == 1 and 1 <= (epoch := best.pop()) <= len(curve) and curve[top] > curve[epoch - 1] + least:
        yield (
            f"{name}: epoch {epoch} is shipped (AUC {curve[epoch - 1]:.4f} on role stop), "
            f"epoch {top + 1} is better ({curve[top]:.4f})"
        )


def _kept(model: Scored) -> float:
    """Mean over the seeds of the AUC on role stop of the states that were kept."""
    label, _, per_seed = model.of("stop")
    return float(np.mean([auc(label, scores) for scores in per_seed]))


def _curve(run: Run, epochs: int) -> np.ndarray:
    """AUC on role stop per epoch, mean over the seeds, of which the longest ran ``epochs``."""
    try:
        content = (run.root / CURVE).read_text(encoding="utf-8")
        curve = pd.read_csv(StringIO(content), sep="\t")["stop_auc"].to_numpy(float)
    except (OSError, ValueError, LookupError):
        raise UserError(f"{CURVE} is missing or torn: build it with `dvc repro train`") from None
    if len(curve) != epochs or not np.isfinite(curve).all() or not content.endswith("\n"):
        raise UserError(f"{CURVE} holds no whole curve: build it with `dvc repro train`")
    return curve


@check("weights-altered", "a fit that is not the one which was trained and shipped")
def _weights(run: Run) -> Looking:
    names = run.json(SHIPPED, "test")
    if not run.selected and not names:
        return NO_CLAIM
    try:
        for model in run.shipped:
            yield from _refitted(run, model)
    except UserError as error:
        if not all(map(run.has, _files(run, names))):
            raise
        yield str(error)  # all are there, and one is not what was shipped
    if names != [folder_of(entry) for entry in (*run.ten, *run.selection["others"])]:
        yield "data/models ships other models than selected.json names"
    yield from _what_ships(run)
    for folder in run.other_folders:
        try:
            contenders.load_all(run.root / folder / FITTED)
        except UserError as error:
            yield str(run.relative(error))
    return f"the fits of {len(names)} contenders are those that were trained, and {package.SHIPPED} is what was chosen"


def _files(run: Run, names: list[str]) -> list[str]:
    """What must lie under data/models: the files of data/trained, of each contender two at least."""
    found = [f"{name}/{file}" for name in names for file in (MANIFEST, f"{FITTED}/{kept.FITTED}")]
    trained = run.root / "data/trained"
    found += [str(path.relative_to(trained)) for path in trained.glob(f"*/{FITTED}/**/*") if path.is_file()]
    return [f"data/models/{file}" for file in found]


def _refitted(run: Run, model: Shipped) -> Iterator[str]:
    """Whether a contender without a search is the one that was fitted: equal fits give equal bytes."""
    name = model.card.name
    for folder in run.other_folders:
        one, other = (run.root / f"{place}/{FITTED}" for place in (folder, f"data/models/{name}"))
        if (one / name / kept.FITTED).is_file() and _digest(one / name) != _digest(other):
            yield f"data/models/{name} holds another fit than {folder}"


def _what_ships(run: Run) -> Iterator[str]:
    """Whether data/models/shipped is, byte for byte, the folder of what was chosen."""
    models = run.root / "data/models"
    there = models / package.SHIPPED
    if not run.selection["shipped"]:
        if there.exists():
            yield f"data/models/{package.SHIPPED} is there, and nothing was chosen to ship"
        return
    if not run.has(f"data/models/{package.SHIPPED}"):
        raise UserError(f"data/models/{package.SHIPPED} is missing: `dvc pull`, or build it with `dvc repro test`")
    right = models / folder_of(run.selected[0])
    for file in sorted({path.relative_to(one) for one in (right, there) for path in one.rglob("*") if path.is_file()}):
        both = [(one / file).read_bytes() if (one / file).is_file() else b"" for one in (right, there)]
        if both[0] != both[1]:
            yield f"{file} of data/models/{package.SHIPPED} is not that of {right.name}, which was chosen to ship"


def _digest(folder: Path) -> bytes:
    """What tells fits apart: the file that seals all others."""
    return (folder / kept.FITTED).read_bytes()
