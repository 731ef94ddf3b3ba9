"""What a model promised when it began to answer: what `follow` holds against what came."""

from __future__ import annotations

from typing import Any

from buysignal.judge.params import BASIS_POINT, Costs
from buysignal.ship.manifest import Seen
from buysignal.ship.package import Shipped


def promised(model: Shipped, costs: Costs) -> dict[str, Any]:
    """The promise of a model in plain values.

    Returns
    -------
    ``floor`` is the precision that its buys must keep: the certified one, else the lower bound of what was seen on the
    latest role that it was judged on; ``by`` says which of these. ``precision``, ``precision_interval``, ``recall``,
    ``recall_interval`` and ``base_rate`` are of that role; ``mean`` is what a trade earned there after costs, None
    where it was not opened; ``cost`` is that of a round trip, ``rule`` by what it buys.
    """
    certified = model.certified.threshold is not None
    seen: Seen = model.expected.certified if certified else model.expected.chosen
    role = "test" if seen.test is not None else "threshold"
    found = seen.test if seen.test is not None else dict(seen.threshold)
    by_precision = certified and model.certified.kind == "precision"
    keys = ("precision", "precision_interval", "recall", "recall_interval", "base_rate", "n_buys", "alert_rate")
    return {
        **{key: list(found[key]) if key.endswith("interval") else found[key] for key in keys},
        "role": role,
        "by": "certified" if by_precision else f"the lower bound of what was seen on the {role} role",
        "floor": model.certified.target if by_precision else found["precision_low"],
        "confidence": model.expected.confidence,
        "mean": None if seen.money is None else seen.money.mean,
        "cost": costs.bps * BASIS_POINT,
        "verdict": seen.verdict.word,
        "threshold": model.certified.threshold if certified else model.threshold,
        "per_day": model.per_day,
        "horizon": model.label.horizon,
        "seeds": len(model.card.seeds),
    }
