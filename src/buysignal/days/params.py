"""What a day is for: the sections ``label`` and ``roles`` of params.yaml."""

from datetime import date
from itertools import pairwise
from typing import Annotated

from buysignal.core.isoday import Day
from buysignal.core.settings import Must, Section, choice, real, whole

Stop = real("from -1 and below 0", ge=-1, lt=0)
Move = real("above 0 and at most 1000", gt=0, le=1000)
LEAST = 0.001  # share of a role
RoleShare = real(f"from {LEAST} to 0.995", ge=LEAST, le=0.995)
LAST, REST = "last", "rest"
Until = Annotated[choice(LAST) | Day, Must(f"{LAST}, or a day such as '2018-12-31'")]
Part = Annotated[
    RoleShare | Day, Must(f"a number from {LEAST} to 0.995, or the last day of the role, such as '2008-12-31'")
]
Rest = Annotated[RoleShare | choice(REST), Must(f"a number from {LEAST} to 0.995, or {REST}: it ends with the bars")]

Kind = choice("touch", "close", "triple")


class Label(Section, key="label"):
    """Which move, in how many days, makes a day a buy; see `buysignal.days.labels`."""

    kind: Kind
    horizon: whole(1, 250)
    threshold: Move
    barrier: choice("fixed", "volatility")
    multiple: Move
    stop: Stop


class Roles(Section, key="roles"):
    """Parts of the bars, in the order of time, each by its share of the days or by its last day."""

    until: Until
    train: Part
    stop: Part
    rank: Part
    calibrate: Part
    threshold: Part
    test: Rest

    @property
    def parts(self) -> dict[str, float | str]:
        """Role -> its share of the days, or its last day as an ISO date; of test, which is last, `REST` as well."""
        return self.model_dump(exclude={"until"})

    @property
    def last_day(self) -> date | None:
        """The last day whose bar is used; None: the last that there is."""
        return None if self.until == LAST else date.fromisoformat(self.until)

    def fault(self) -> str:
        """Shares must sum to 1, or leave as much as a share for the rest; days must increase, up to the last bar's."""
        ends = {role: part for role, part in self.parts.items() if isinstance(part, str) and part != REST}
        if self.until != LAST:
            ends["until"] = self.until
        for (one, day), (other, later) in pairwise(ends.items()):
            if later <= day:
                return f"{other} is {later}, which is not after {one}, {day}"
        dated = [role for role in ends if role != "until"]
        if dated and self.test != REST:
            return f"{dated[0]} has a last day, so test is what is left and no share: set it to {REST}"
        total = sum(part for part in self.parts.values() if not isinstance(part, str))
        if self.test != REST:
            return "" if abs(total - 1) <= 1e-6 else f"the six roles sum to {total:.6g}; they must sum to 1"
        if total > 1 - LEAST:
            return f"the shares sum to {total:.6g}, which leaves test less than {LEAST}: make them smaller"
        return ""
