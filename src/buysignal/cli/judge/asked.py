"""What is asked of outside scores: what a buy is, what it costs, and on which days."""

from typing import Annotated

from pydantic import AfterValidator

from buysignal.core.isoday import iso_day
from buysignal.core.settings import Must, Section, choice, of, or_null, real, whole
from buysignal.days.params import Kind, Label, Move, Stop
from buysignal.judge.params import Bps, Costs

Day = Annotated[str, AfterValidator(iso_day), Must("a day, written as 2016-01-01")]


class Asked(Section):
    """Each is a flag of the command ``judge`` and a keyword of ``buysignal.judge``.

    Attributes
    ----------
    tried : models looked at before this one was shown, itself among them
    start : first day to be looked at (``--from``); None: the first that is scored
    threshold : buy if score >= threshold; None: 0.5 of signals, else chosen on the first half of the days
    horizon, level, barrier, multiple, kind : what makes a day a buy, as ``label`` in params.yaml
    cost_bps : of a round trip, in hundredths of a percent
    per_day : of many symbols, how many of highest score are bought a day; None: `PER_DAY`, if nothing else says what
        is bought
    stop : relative move at which a trade is given up, of kind triple that of the label, too; None: there is none
    """

    tried: whole(1, 10**6) = 1
    start: or_null(Day) = None
    threshold: or_null(real("that is finite")) = None
    horizon: whole(1, 250) = 1
    level: Move = 0.01
    barrier: choice("fixed", "volatility") = "fixed"
    multiple: Move = 1.0
    cost_bps: Bps = 5.0
    stop: or_null(Stop) = None
    kind: Kind = "touch"
    per_day: or_null(whole(1, 10**4)) = None

    @property
    def label(self) -> Label:
        """What makes a day a buy."""
        stop = -1.0 if self.stop is None else self.stop
        return of(Label, self.kind, self.horizon, self.level, self.barrier, self.multiple, stop)

    def fault(self) -> str:
        """Of kind close the level must not be below the costs; and there is one rule to buy by."""
        if None not in (self.per_day, self.threshold):
            return f"per_day is {self.per_day} and threshold is {self.threshold:g}: give one of them"
        lost = Costs(bps=self.cost_bps).lost(self.label)
        return f"level is {lost}" if lost else ""
