"""A configuration trained again over seeds, as the tests want it."""

from __future__ import annotations

from buysignal.judge.trials.again import Again
from buysignal.models.patchtst.architecture import Configuration
from buysignal.models.scores import ModelCard

CONFIGURATION = Configuration(8, 1, 2, 2, 0.1, 1e-4, 0.0)
EVIDENCE = {
    **dict(precision=0.55, precision_low=0.3, precision_interval=[0.2, 0.85], recall=0.15, recall_interval=[0.05, 0.3]),
    **dict(n_buys=3.5, hits=1.5, n_eff=3.0, base_rate=0.2, lift=2.5, alert_rate=0.35, seeds=2, configurations=1),
}
"""What two seeds' precisions are read with; the numbers need not agree with each other."""
CELLS = ["0.550", "0.20–0.85", "0.150", "0.05–0.30", "3.5", "3"]
"""`EVIDENCE` as a page shows it."""


def over_seeds(auc, precision=None, configuration=CONFIGURATION, parameters=10) -> Again:
    """AUC (and precision) of each seed; everything else is alike."""
    n = len(auc)
    per_seed = {"auc": tuple(auc), "average_precision": tuple(auc), "precision": tuple(precision or [0.5] * n)}
    per_seed |= {"recall": (0.1,) * n, "n_buys": (20,) * n}
    seeds = tuple(range(n))
    card = ModelCard("a50-2M-T0", "a50", "transformer", "2M", "tpe", configuration, parameters, 99, seeds, (3,) * n)
    return Again(card, per_seed, EVIDENCE, False)
