"""The rules that are compared, each a function of what is known before the opening, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from arch.bootstrap import StationaryBootstrap

from buysignal.judge.choice import choose
from buysignal.judge.intervals import block_length
from buysignal.judge.operating import JUDGE, OperatingPoint, SelectionRules
from buysignal.judge.paired import highest, precision_at_buys
from buysignal.judge.selection import qualified
from buysignal.models.scores import Scored

Able = Sequence[tuple[Scored, OperatingPoint]]
TEST = "test"
SHARE = 0.10  # of the days, where contenders are compared on as many buys
DRAWS, CONFIDENCE, FEW = 500, 0.95, 10
VOLATILITY = "a20-volatility"


def lower_bound(able: Able, rules: SelectionRules) -> str:
    """The highest lower bound of precision, at each contender's own threshold."""
    return max(able, key=lambda one: (round(one[1].precision_low, 6), one[1].recall))[0].card.name


def not_beaten(able: Able, rules: SelectionRules) -> str:
    """The simplest that no other is shown to beat: paired, on as many days, simultaneous over all pairs (max-t)."""
    precision, drawn = _at_share([model for model, _ in able], rules)
    k = len(able)
    spread = np.array([[(drawn[:, j] - drawn[:, i]).std() + 1e-9 for j in range(k)] for i in range(k)])
    pairs = [(i, j) for i in range(k) for j in range(i)]
    if not pairs:
        return able[0][0].card.name
    shift = drawn - precision
    limit = np.quantile(
        np.max([np.abs(shift[:, i] - shift[:, j]) / spread[i, j] for i, j in pairs], axis=0), CONFIDENCE
    )
    beaten = ((precision[None, :] - precision[:, None]) / spread > limit).any(axis=1)
    return _simplest([model for (model, _), is_beaten in zip(able, beaten) if not is_beaten])


def most_precise(able: Able, rules: SelectionRules) -> str:
    """The most precise on the tenth of the days that it likes best."""
    precision, _ = _at_share([model for model, _ in able], rules)
    return able[int(np.argmax(precision))][0].card.name


def product(able: Able, rules: SelectionRules) -> str:
    """The rule of `buysignal.judge.choice`: the simplest within one standard error of the most precise."""
    return choose([model for model, _ in able], rules).shipped


def unless_ahead(able: Able, rules: SelectionRules) -> str:
    """The volatility logistic, unless another is ahead by a standard error of the difference, paired; then the best."""
    names = [model.card.name for model, _ in able]
    if VOLATILITY not in names:
        return most_precise(able, rules)
    at = names.index(VOLATILITY)
    precision, drawn = _at_share([model for model, _ in able], rules)
    lead, error = precision - precision[at], (drawn - drawn[:, [at]]).std(axis=0)
    ahead = [i for i in range(len(able)) if i != at and lead[i] > max(error[i], 1e-9)]
    return names[max(ahead, key=lambda i: precision[i])] if ahead else VOLATILITY


def always(name: str) -> Callable[[Able, SelectionRules], str]:
    """One contender whatever was seen."""
    return lambda able, rules: name


RULES: dict[str, Callable[[Able, SelectionRules], str]] = {
    "simplest within a standard error of the best": product,
    "volatility, unless one is ahead by a standard error": unless_ahead,
    "most precise on the best tenth": most_precise,
    "highest lower bound of precision": lower_bound,
    "simplest that none is shown to beat": not_beaten,
    "always the blend": always("a20-blend"),
    "always boosting": always("a20-boosting"),
    "always the volatility logistic": always(VOLATILITY),
}


def outcomes(models: Sequence[Scored], rules: SelectionRules) -> list[dict[str, Any]]:
    """What each rule chose on the threshold role, and what came of it on the test role.

    ``precision`` and ``recall`` are at the contender's own threshold, None where it never buys; ``tenth`` is the
    precision of the tenth of the test days that it likes best. ``regret`` and ``regret_tenth`` are what the best
    contender in hindsight had more (of those with `FEW` buys), ``over`` and ``over_tenth`` what the volatility
    logistic had less. A rule that has nothing to choose from ships nothing and gives no row.
    """
    able = [(model, point) for model in models if (point := qualified(model, rules)[0])]
    seen = {model.card.name: _seen(model, point) for model, point in able}
    bought = [one["precision"] for one in seen.values() if one["n_buys"] >= FEW]
    rows = []
    for rule, pick in RULES.items():
        name = pick(able, rules) if able else ""
        if name not in seen:
            continue
        mine, other = seen[name], seen.get(VOLATILITY)
        row = {
            "rule": rule,
            "chosen": name,
            **mine,
            "regret_tenth": max(s["tenth"] for s in seen.values()) - mine["tenth"],
        }
        row["regret"] = max(bought) - mine["precision"] if bought and mine["n_buys"] >= FEW else None
        row["over_tenth"] = mine["tenth"] - other["tenth"] if other else None
        both = other and mine["n_buys"] and other["n_buys"]
        row["over"] = mine["precision"] - other["precision"] if both else None
        rows.append(row)
    return rows


def _seen(model: Scored, point: OperatingPoint) -> dict[str, Any]:
    label, score, _ = model.of(TEST)
    bought = score >= point.threshold
    count, hits = int(bought.sum()), int(label[bought].sum())
    return {
        "n_buys": count,
        "precision": hits / count if count else None,
        "recall": hits / max(1, int(label.sum())),
        "tenth": precision_at_buys(label, score, round(SHARE * len(label))),
        "base_rate": float(label.mean()),
    }


def _simplest(models: Sequence[Scored]) -> str:
    return min(models, key=lambda model: model.card.complexity).card.name


def _at_share(models: Sequence[Scored], rules: SelectionRules) -> tuple[np.ndarray, np.ndarray]:
    """Precision (k,) on the best tenth of the threshold role, and (DRAWS, k) with days resampled in blocks."""
    label = models[0].of(JUDGE)[0]
    n, count = len(label), max(rules.min_buys, round(SHARE * len(label)))
    weight = np.array([highest(model.of(JUDGE)[1], count) for model in models])

    def precision(rows: np.ndarray) -> np.ndarray:
        return weight[:, rows] @ label[rows] / np.maximum(weight[:, rows].sum(axis=1), 1e-9)

    draws = StationaryBootstrap(block_length(n, rules.horizon), np.arange(n), seed=1).apply(precision, DRAWS)
    return precision(np.arange(n)), draws


def table(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Means over the cases of each rule, with the standard error over cases of what is held against volatility."""
    found = []
    for rule, part in rows.groupby("rule", sort=False):
        mean = {key: float(part[key].mean()) for key in MEANS}
        errors = {f"{key}_error": float(part[key].std() / np.sqrt(part[key].count())) for key in ("over", "over_tenth")}
        kinds = {kind: float(of["over_tenth"].mean()) for kind, of in part.groupby("kind")}
        found.append({"rule": rule, "cases": len(part), **mean, **errors, "over_tenth_by_kind": kinds})
    return found


MEANS = ("precision", "recall", "n_buys", "regret", "over", "tenth", "regret_tenth", "over_tenth")
