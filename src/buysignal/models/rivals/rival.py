"""What the rivals of the transformer share: a fit on known days, and a card."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

from buysignal.models.contender import Fitted
from buysignal.models.days import Days
from buysignal.models.scores import ModelCard


@dataclass(frozen=True)
class Rival(Fitted):
    """A contender that is fitted at once, without a search; ``FAMILY`` is its place among the complexities."""

    FAMILY: ClassVar[str]

    @classmethod
    @abstractmethod
    def fit(cls, days: Days, seed: int) -> Self:
        """Fit on `Days.known` days, which show both labels."""

    @classmethod
    def card_of(
        cls, tier: str, parameters: int, seeds: tuple[int, ...] = (), epochs: tuple[int, ...] = ()
    ) -> ModelCard:
        """Who it is: the number of values it fitted, its seeds and its boosting rounds."""
        name = f"{tier}-{cls.KIND}"
        return ModelCard(name, tier, cls.FAMILY, "", "baseline", None, parameters, 0, seeds, epochs)
