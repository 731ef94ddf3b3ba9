"""A model that was fitted on other bars as a contender on these: what many symbols taught, asked of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from buysignal.bars.symbols import dates_of
from buysignal.core.errors import UserError
from buysignal.core.isoday import Day
from buysignal.core.settings import one, parse
from buysignal.days.params import Label
from buysignal.models.contender import Fitted
from buysignal.models.dataset import Scaler
from buysignal.models.days import Days
from buysignal.models.kept import expect
from buysignal.models.scores import ModelCard

PRETRAINED = "pretrained"


@dataclass(frozen=True)
class Pretrained(Fitted):
    """A contender of another run; nothing of it is fitted again.

    Attributes
    ----------
    under : what it is there
    names : the F features that it sees, in its own order; the days may have more
    mean, deviation : (F,) what standardised them there
    context : days of its windows
    label : what it was taught to predict
    last : last day it was trained on, ISO
    """

    KIND: ClassVar[str] = PRETRAINED
    under: Fitted
    names: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray
    context: int
    label: dict[str, Any]
    last: str

    @classmethod
    def of(cls, under: Fitted, names: Sequence[str], scaler: Scaler, context: int, label: Label, last: str) -> Self:
        """A fitted contender with the features and the scaler of its tier there, what it was taught and until when."""
        theirs = under.card
        card = ModelCard(
            name=f"{theirs.tier}-{PRETRAINED}",
            tier=theirs.tier,
            family="own",
            budget="",
            origin="own",
            configuration=None,
            parameters=theirs.parameters,
            cap=0,
            seeds=theirs.seeds,
            epochs=(),
        )
        return cls(card, under, tuple(names), scaler.mean, scaler.deviation, context, dict(label), last)

    def require_earlier(self, days: Days) -> Self:
        """Refuse, by `UserError`, one that learned from a day of the stop role or later: it would know more here."""
        begins = f"{dates_of(days.of_roles('stop').index).min():%Y-%m-%d}"
        if self.last >= begins:
            raise UserError(
                f"models.pretrained: it was trained on days up to {self.last}, and the stop role begins on {begins}: "
                "it must have been trained on earlier ones, as days of many markets rise and fall together"
            )
        return self

    def score(self, days: Days) -> np.ndarray:
        """Scores (S, n), of features on the scale that it knows.

        Raises
        ------
        UserError
            If the days lack a feature.
        """
        if lacking := [name for name in self.names if name not in days.names]:
            raise UserError(f"{self.card.name}: the bars give no {', '.join(lacking[:3])}, which it was trained on")
        places, scaler = [days.names.index(name) for name in self.names], Scaler(self.mean, self.deviation)
        raw = days.table[:, places] * days.scaler.deviation[places] + days.scaler.mean[places]
        return self.under.score(replace(days, names=self.names, scaler=scaler, table=scaler.transform(raw)))

    def fault(self, n_features: int, context: int) -> str:
        """It needs its own features, and windows as long as its own."""
        if context < self.context:
            return f"its windows have {self.context} days, and model.context is {context}"
        few = n_features < len(self.names)
        return f"it was trained on {len(self.names)} features, and {n_features} are named" if few else ""

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        names, under = values.get("names"), values.get("under")
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise ValueError("it names no features")
        if not isinstance(under, Fitted) or type(values.get("context")) is not int or values["context"] < 1:
            raise ValueError("it holds no contender of another run")
        parse(Label, values.get("label"))
        one(Day, values.get("last"), "last")
        if (len(under.card.seeds), under.card.parameters) != (len(card.seeds), card.parameters):
            raise ValueError(f"{under.card.name} within it is of another size than its card says")
        expect(values, "mean", (len(names),))
        if not (expect(values, "deviation", (len(names),)) > 0).all():
            raise ValueError("deviation is not above 0")
        return super().restore(card, {**values, "names": tuple(names)})
