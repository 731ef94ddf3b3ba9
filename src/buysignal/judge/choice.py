"""What ships: the simplest contender whose precision is within one standard error of the best.

The rule is Breiman's (Breiman, Friedman, Olshen & Stone, Classification and Regression Trees, 1984, section 3.4.3). It
is one of eight whose regret was measured on markets and origins of every kind (docs/decisions.md, `python -m
bench.choice`): the precision that looks best on a few dozen buys is mostly luck, and what is simpler has less of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from buysignal.judge.best_of_day import the_best
from buysignal.judge.dates import dates_in
from buysignal.judge.evidence import Evidence, evidence
from buysignal.judge.operating import JUDGE, OperatingPoint, SelectionRules, alerts, require_same_days
from buysignal.judge.row import looked_at
from buysignal.judge.selection import qualified
from buysignal.models.scores import Scored

RULE = "the simplest contender whose precision is within one standard error of that of the most precise, each {}, ships"
SHIPS, BEST, WITHIN, BELOW = (
    "ships",
    "the most precise, and less simple than what ships",
    "within a standard error of the best, and less simple than what ships",
    "more than a standard error below the best",
)


@dataclass(frozen=True)
class Standing:
    """One contender on the threshold role, at its own threshold: who it is, what it came to and what became of it."""

    name: str
    family: str
    seen: Evidence
    outcome: str


@dataclass(frozen=True)
class Choice:
    """What ships and why; the losers with it.

    Attributes
    ----------
    shipped : name; empty if no contender has an operating point
    rule, reason : one sentence each
    best : the most precise
    best_error : standard error of its precision, at its effective number of buys
    standings : the most precise first
    """

    shipped: str
    rule: str
    reason: str
    best: str
    best_error: float
    standings: tuple[Standing, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; a standing has the keys of its evidence among its own."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return told | {"standings": [_row(one) for one in self.standings]}


def choose(models: Sequence[Scored], rules: SelectionRules, trials: int = 1) -> Choice:
    """Choose what ships, on the threshold role alone.

    Parameters
    ----------
    models : the contenders; one that does not qualify can't ship and is left out
    rules : say what an operating point is
    trials : configurations looked at in all rounds of the search

    Raises
    ------
    ValueError
        If two of them are not judged on the same days.
    """
    rule = RULE.format(f"buying {the_best(k)} of each day" if (k := rules.per_day) else "at its own threshold")
    found = sorted(((model, qualified(model, rules)[0]) for model in models), key=lambda one: one[0].card.complexity)
    able = [(model, point) for model, point in found if point]
    if not able:
        return Choice("", rule, "nothing ships: no contender has an operating point", "", 0.0, ())
    require_same_days([model for model, _ in able])
    best, top = max(able, key=lambda one: one[1].precision)  # of equals the simpler: it comes first
    error = float(np.sqrt(top.precision * (1 - top.precision) / max(top.n_eff, 1.0)))
    near = [model.card.name for model, point in able if point.precision >= top.precision - error]
    standings = [_standing(model, point, near, best.card.name, rules, trials) for model, point in able]
    standings.sort(key=lambda one: -one.seen.precision)
    shipped = next(point for model, point in able if model.card.name == near[0])
    reason = _reason(near[0], shipped.precision, best.card.name, top.precision, error)
    return Choice(near[0], rule, reason, best.card.name, error, tuple(standings))


def _standing(
    model: Scored, point: OperatingPoint, near: Sequence[str], best: str, rules: SelectionRules, trials: int
) -> Standing:
    """``near`` are those within a standard error of the best, the simplest first."""
    card, (label, *_) = model.card, model.of(JUDGE)
    told = (rules.horizon, rules.confidence, len(card.seeds), looked_at(card, trials), dates_in(model, JUDGE))
    outcome = SHIPS if card.name == near[0] else BEST if card.name == best else WITHIN if card.name in near else BELOW
    alert = alerts(model, JUDGE, point.threshold, rules.per_day)
    return Standing(card.name, card.family, evidence(label, alert, *told), outcome)


def _row(one: Standing) -> dict[str, Any]:
    return {"name": one.name, "family": one.family, **one.seen.to_dict(), "outcome": one.outcome}


def _reason(name: str, precision: float, best: str, top: float, error: float) -> str:
    if name == best:
        return f"{name} ships: it is the most precise, and nothing simpler is within its standard error ({error:.3f})"
    return (
        f"{name} ships: its precision of {precision:.3f} is within one standard error ({error:.3f}) of the best, "
        f"{top:.3f} of {best}, and no simpler contender's is"
    )
