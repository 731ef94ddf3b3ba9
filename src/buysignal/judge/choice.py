"""What ships: the volatility logistic, unless another contender is ahead of it by more than chance plays with.

The rule is one of several whose regret was measured on markets and origins of every kind (docs/decisions.md,
`python -m bench.choice`). It puts the burden of proof on what is less simple, and asks for little proof: a whole
interval above 0 would nearly never be reached on two years of days, and ships the baseline where there is a signal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from buysignal.judge.evidence import Evidence, evidence
from buysignal.judge.intervals import block_length
from buysignal.judge.operating import JUDGE, SelectionRules, require_same_days
from buysignal.judge.paired import highest
from buysignal.judge.row import looked_at
from buysignal.judge.selection import qualified
from buysignal.models.scores import Scored

SHARE = 0.10  # of the days: on as many each contender buys when they are compared
ERRORS = 1.0  # standard errors by which one must be ahead
DRAWS = 1000
SAME = 1e-9  # a spread below it is that of the same buys
RULE = (
    f"the volatility logistic ships, unless another contender's precision on its {SHARE:.0%} most confident days is "
    f"more than {ERRORS:g} standard error ahead on the same days; of those, the most precise"
)


@dataclass(frozen=True)
class Standing:
    """One contender at its most confident days of the threshold role.

    Attributes
    ----------
    name, family : who it is
    seen : what buying on its days of highest score came to, as many for every contender; days that tie with the
        last of them are bought too
    lead, error : precision minus that of the benchmark on the same days, ties sharing the last buys, and its
        standard error, days resampled in blocks; None of the benchmark itself, and where there is none
    outcome : one sentence
    """

    name: str
    family: str
    seen: Evidence
    lead: float | None
    error: float | None
    outcome: str


@dataclass(frozen=True)
class Choice:
    """What ships and why; the losers with it.

    Attributes
    ----------
    shipped : name; empty if no contender has an operating point
    benchmark : the simplest logistic, which must be beaten; empty if there is none
    rule, reason : one sentence each
    days, buys : of the threshold role, and those of them that each contender buys here
    standings : the most precise first
    """

    shipped: str
    benchmark: str
    rule: str
    reason: str
    days: int
    buys: int
    standings: tuple[Standing, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; a standing has the keys of its evidence among its own."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return told | {"standings": [_row(one) for one in self.standings]}


def choose(models: Sequence[Scored], rules: SelectionRules, seed: int, trials: int = 1) -> Choice:
    """Choose what ships, on the threshold role alone.

    Parameters
    ----------
    models : the contenders; one that does not qualify can't ship and is left out
    rules : give the fewest buys and what an operating point is
    seed : of the bootstrap
    trials : configurations looked at in all rounds of the search

    Raises
    ------
    ValueError
        If two of them are not judged on the same days.
    """
    able = sorted((m for m in models if qualified(m, rules)[0]), key=lambda m: m.card.complexity)
    if not able:
        return Choice("", "", RULE, "nothing ships: no contender has an operating point", 0, 0, ())
    require_same_days(able)
    label = able[0].of(JUDGE)[0]
    count = min(len(label), max(rules.min_buys, round(SHARE * len(label))))
    bought = np.array([highest(model.of(JUDGE)[1], count) for model in able])  # (k, n)
    precision = bought @ label / count
    at = next((i for i, model in enumerate(able) if model.card.family == "logistic"), None)
    leads, errors = _leads(label, bought, at, rules.horizon, seed)
    ahead = [i for i in range(len(able)) if i != at and (at is None or leads[i] > ERRORS * max(errors[i], SAME))]
    best = min(ahead, key=lambda i: (-round(float(precision[i]), 9), able[i].card.complexity)) if ahead else at
    standings = [
        Standing(
            model.card.name,
            model.card.family,
            _seen(model, count, rules, trials),
            None if at in (None, i) else float(leads[i]),
            None if at in (None, i) else float(errors[i]),
            _outcome(i, best, at, ahead),
        )
        for i, model in enumerate(able)
    ]
    standings.sort(key=lambda one: -round(one.seen.precision, 9))
    benchmark = "" if at is None else able[at].card.name
    reason = _reason(able[best].card.name, benchmark, leads[best], errors[best], len(ahead))
    return Choice(able[best].card.name, benchmark, RULE, reason, len(label), count, tuple(standings))


def _row(one: Standing) -> dict[str, Any]:
    return {"name": one.name, "family": one.family, **one.seen.to_dict()} | {
        key: getattr(one, key) for key in ("lead", "error", "outcome")
    }


def _seen(model: Scored, count: int, rules: SelectionRules, trials: int) -> Evidence:
    label, score, _ = model.of(JUDGE)
    alert = score >= np.sort(score)[-count]
    told = (rules.horizon, rules.confidence, len(model.card.seeds), looked_at(model.card, trials))
    return evidence(label, alert, *told)


def _leads(
    label: np.ndarray, bought: np.ndarray, at: int | None, horizon: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Precision of every contender minus the benchmark's, and its standard error: (k,) each.

    Days are resampled in blocks (Politis & Romano, 1994), all contenders on the same ones, so that what they
    share cancels.
    """
    from arch.bootstrap import StationaryBootstrap  # it brings statsmodels, and a reader of the rule needs none

    def leads(rows: np.ndarray) -> np.ndarray:
        weight = bought[:, rows]
        precision = weight @ label[rows] / np.maximum(weight.sum(axis=1), SAME)
        return precision - (0 if at is None else precision[at])

    n = len(label)
    draws = StationaryBootstrap(block_length(n, horizon), np.arange(n), seed=seed).apply(leads, DRAWS)
    return leads(np.arange(n)), draws.std(axis=0, ddof=1)


def _outcome(i: int, best: int, at: int | None, ahead: Sequence[int]) -> str:
    if i == best:
        return "ships"
    if i == at:
        return "the benchmark, beaten"
    return "ahead of the benchmark, and less precise than what ships" if i in ahead else "not ahead by enough"


def _reason(name: str, benchmark: str, lead: float, error: float, ahead: int) -> str:
    if not benchmark:
        return f"{name} ships: there is no logistic to be beaten, and it is the most precise"
    if name == benchmark:
        return f"{name} ships: no other contender is more than {ERRORS:g} standard error ahead of it"
    return (
        f"{name} ships: it is {lead:+.3f} ahead of {benchmark} on the same days, standard error {error:.3f}; "
        f"{ahead} {'is' if ahead == 1 else 'are'} ahead by enough"
    )
