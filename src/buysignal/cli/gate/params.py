"""The section ``gates`` of params.yaml: what the gate asks of a run. Null switches a rule off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from buysignal.core.rules import Rule, real, whole

SHARE = ("in [0, 1)", lambda v: 0 <= v < 1)
CONFIDENCE = ("above 0.5 and below 1", lambda v: 0.5 < v < 1)


@dataclass(frozen=True)
class OrNull(Rule):
    """A rule that null satisfies as well."""

    def read(self, value: Any, key: str, file: str = "params.yaml: ") -> Any:
        """None, or what the rule says of the value."""
        return None if value is None else super().read(value, key, file)


def or_null(one: Any) -> Any:
    """The field ``one``, or null."""
    rule: Rule = one.metadata["rule"]
    return field(metadata={"rule": OrNull(rule.kind, f"{rule.words}, or null", rule.holds)})


@dataclass(frozen=True)
class GatesParams:
    """What each rule asks; None: the rule is off. See docs/gate.md.

    Attributes
    ----------
    precision_low : least one-sided lower bound of precision on the test role
    recall : least recall there
    lift : what precision must have more than the volatility baseline's on as many buys, beyond the interval
    prediction_width : least width of the headline's scores on the threshold role, 1st to 99th percentile
    new_looks : most looks at the test role that the revision compared with has not
    precision_drop, recall_drop : confidence from which a drop against that revision is more than noise
    """

    precision_low: float | None = or_null(real(*SHARE))
    recall: float | None = or_null(real(*SHARE))
    lift: float | None = or_null(real("above -1 and below 1", lambda v: -1 < v < 1))
    prediction_width: float | None = or_null(real(*SHARE))
    new_looks: int | None = or_null(whole(0))
    precision_drop: float | None = or_null(real(*CONFIDENCE))
    recall_drop: float | None = or_null(real(*CONFIDENCE))
