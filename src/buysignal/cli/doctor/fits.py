"""How the shipped models came about: what their scaler saw, and when their training stopped."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd

from buysignal.cli.doctor.points import NO_CLAIM
from buysignal.cli.doctor.run import Run, Shipped
from buysignal.cli.doctor.verdict import Check, Finding, conclude
from buysignal.core.errors import UserError
from buysignal.core.files import sha256
from buysignal.models.dataset import Scaler
from buysignal.models.metrics import auc
from buysignal.models.scores import Scored

CLOSE = 1e-6  # relative, of a scaler: sums of another order differ by less
NOISE = 1e-3  # AUC: what scores computed in other batches, and rounding, may move
WEIGHTS = "weights.safetensors"
CURVE = "plots/live/train/plots/metrics/stop_auc.tsv"


def _scaler(run: Run) -> Finding:
    faults = []
    if not run.shipped:
        return conclude([], [], NO_CLAIM)
    for model in run.shipped:
        tier, names = model.manifest["card"]["tier"], model.manifest["features"]
        table = run.table(tier)
        lacking = [name for name in names if name not in table.columns]
        if lacking:
            faults.append(f"{model.name}: its feature {lacking[0]} is not in the table of {tier}")
            continue
        values, role = table[names].to_numpy(float), table["role"].to_numpy(str)
        if _fits(model, values[role == "train"]):
            continue
        days = "all days, test among them" if _fits(model, values) else "other days than the train role"
        faults.append(f"{model.name}: its scaler is that of {days}")
    fine = f"the scalers of all {len(run.shipped)} shipped models are those of the train role"
    return conclude(faults, [], fine)


def _fits(model: Shipped, values: np.ndarray) -> bool:
    scaler = Scaler.fit(values)
    pairs = ((model.tensors["scaler.mean"], scaler.mean), (model.tensors["scaler.deviation"], scaler.deviation))
    return all(np.allclose(found, right, rtol=CLOSE, atol=CLOSE * 1e-3) for found, right in pairs)


def _early_stop(run: Run) -> Finding:
    faults = [f"{tier}: {said}" for tier in run.params.tiers if (said := _stop_days(run, tier))]
    if not run.shipped:
        return conclude(faults, [], NO_CLAIM)
    limit, patience = run.params.training.epochs, run.params.training.patience
    for model in run.shipped:
        best, ran = model.manifest["best_epoch"], model.manifest["card"]["epochs"]
        for one, epochs in zip(best, ran):
            if not 1 <= one <= epochs or epochs != min(one + patience, limit):
                faults.append(
                    f"{model.name}: best epoch {one} of {epochs} run does not agree with patience {patience} and "
                    f"at most {limit} epochs on role stop"
                )
    faults += _against_curve(run)
    return conclude(faults, [], "the kept epoch is the best of role stop, whose days come before every judged one")


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


def _against_curve(run: Run) -> list[str]:
    """The headline's kept states against its curve: no epoch may be better on role stop by more than min_delta.

    The curve is the mean over the seeds. Every kept state is, within ``min_delta``, the best of its seed,
    so their mean is, within ``min_delta``, above the mean curve at every epoch. Where all seeds keep the same
    epoch, the curve there is their mean.
    """
    if not run.shipped or not run.chosen:
        return []
    curve = _curve(run, max(run.shipped[0].manifest["card"]["epochs"]))
    headline, (_, model), delta = run.shipped[0], run.chosen[0], run.params.training.min_delta
    kept, best = _kept(model), set(headline.manifest["best_epoch"])
    top = int(curve.argmax())
    faults = []
    if curve[top] > kept + delta + NOISE:
        faults.append(
            f"{model.card.name}: epoch {top + 1} has AUC {curve[top]:.4f} on role stop, the kept state {kept:.4f}"
        )
    if len(best) == 1 and (epoch := best.pop()) <= len(curve) and curve[top] > curve[epoch - 1] + delta + NOISE:
        faults.append(
            f"{headline.name}: epoch {epoch} is shipped (AUC {curve[epoch - 1]:.4f} on role stop), "
            f"epoch {top + 1} is better ({curve[top]:.4f})"
        )
    return faults


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


def _weights(run: Run) -> Finding:
    if not run.selected:
        return conclude([], [], NO_CLAIM)
    faults, selected = [], [entry["card"]["name"] for entry in run.selected]
    if [model.name for model in run.shipped] != selected:
        faults.append("data/models ships other models than selected.json names")
    for model in run.shipped:
        if sha256(run.root / model.folder / WEIGHTS) != model.manifest["sha256"]:
            faults.append(f"{model.folder}/{WEIGHTS} has another SHA-256 than its model.json says")
    return conclude(faults, [], f"the weights of {len(selected)} models are those that were shipped")


CHECKS = (
    Check("scaler-on-all-data", "a scaler that has seen the days it is judged on", _scaler),
    Check("early-stop-on-test", "training stopped at the epoch that looks best on judged days", _early_stop),
    Check("weights-altered", "weights that are not those which were trained and shipped", _weights),
)
