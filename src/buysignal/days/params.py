"""What a day is for: the sections ``label`` and ``roles`` of params.yaml."""

from buysignal.core.settings import Section, choice, real, whole

Stop = real("from -1 and below 0", ge=-1, lt=0)
Move = real("above 0 and at most 1000", gt=0, le=1000)
RoleShare = real("from 0.001 to 0.995", ge=0.001, le=0.995)

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
    """Shares of the bars, in the order of time."""

    train: RoleShare
    stop: RoleShare
    rank: RoleShare
    calibrate: RoleShare
    threshold: RoleShare
    test: RoleShare

    @property
    def shares(self) -> dict[str, float]:
        """Role -> share."""
        return dict(self)

    def fault(self) -> str:
        """The six must sum to 1."""
        total = sum(self.shares.values())
        return "" if abs(total - 1) <= 1e-6 else f"the six roles sum to {total:.6g}; they must sum to 1"
