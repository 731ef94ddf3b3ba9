"""Several contenders as one: the mean of what they say, after each has been brought to one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import expit

from buysignal.core.errors import UserError
from buysignal.models.contender import Fitted, logit
from buysignal.models.dataset import Scaler
from buysignal.models.days import Days
from buysignal.models.kept import expect
from buysignal.models.metrics import auc
from buysignal.models.scores import ModelCard, Scored, TunedCard

SCALED_ON = ("stop", "rank")  # no member was fitted on them, but for a number of rounds; their labels are not read
STILL = 1e-9  # a logit whose extremes differ by less does not move


@dataclass(frozen=True)
class Blend(Fitted):
    """Equal weights: with so few days, weights that are fitted do worse than none.

    Attributes
    ----------
    members : k contenders, by name
    mean, deviation : (k,) of the logit of each member's ensemble
    """

    KIND: ClassVar[str] = "blend"
    members: tuple[Fitted, ...]
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, members: Sequence[Fitted], scored: Sequence[Scored], tier: str, name: str) -> Self:
        """Bring contenders to one scale, by their scores of the roles `SCALED_ON`; no label is looked at.

        A member whose score is the same on all of those days says nothing about a day and is left out, unless
        all are such.

        Parameters
        ----------
        scored : the members' scores, in the same order

        Raises
        ------
        UserError
            If there is no such day.
        """
        ordered = sorted(zip(members, scored, strict=True), key=lambda pair: pair[0].card.name)
        if any(member.card != told.card for member, told in ordered):
            raise ValueError(f"{name}: the scores are those of other members")
        logits = np.stack([logit(told.ensemble[np.isin(told.role, SCALED_ON)]) for _, told in ordered], axis=1)
        if not len(logits):
            raise UserError(f"{name}: no day of the roles {' and '.join(SCALED_ON)} has a score; use more bars")
        moves = np.ptp(logits, axis=0) > STILL
        kept = np.flatnonzero(moves if moves.any() else ~moves)
        scaler, chosen = Scaler.fit(logits[:, kept]), tuple(ordered[place][0] for place in kept)
        parameters = sum(member.card.parameters for member in chosen)
        card = ModelCard(name, tier, "blend", "", "built", None, parameters, 0, (), ())
        return cls(card, chosen, scaler.mean, scaler.deviation)

    def score(self, days: Days) -> np.ndarray:
        """Scores (1, n): the mean standardised logit, on the average scale of the members'."""
        return self.mix([member.averaged(days) for member in self.members])

    def mix(self, scores: Sequence[np.ndarray]) -> np.ndarray:
        """The same from the members' ensemble scores (n,), in their order."""
        sides = zip(map(logit, scores), self.mean, self.deviation)
        standard = [(one - mean) / deviation for one, mean, deviation in sides]
        return expit(self.mean.mean() + self.deviation.mean() * np.mean(standard, axis=0))[None, :]

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        members = values.get("members", ())
        if not isinstance(members, tuple) or not members:
            raise ValueError("it has no member")
        expect(values, "mean", (len(members),))
        if not (expect(values, "deviation", (len(members),)) > 0).all():
            raise ValueError("deviation is not above 0")
        return super().restore(card, values)


def strongest(models: Sequence[Scored], first: int, others: int) -> list[str]:
    """Names of what to blend: the ``first`` best transformers, then the ``others`` best of the other families.

    Best is the AUC on the rank role; of two equal ones the simpler. A rival that was tuned stands for the one that was
    not: the two are nearly one, and would have a say each.
    """
    twins = {model.card.name.removesuffix("-tuned") for model in models if isinstance(model.card, TunedCard)}
    models = [model for model in models if model.card.name not in twins]
    ordered = sorted(models, key=lambda model: (-auc(*model.of("rank")[:2]), model.card.complexity))
    transformers = [model.card.name for model in ordered if model.card.family == "transformer"]
    rest = [model.card.name for model in ordered if model.card.family != "transformer"]
    return transformers[:first] + rest[:others]
