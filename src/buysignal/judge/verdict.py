"""The one verdict on a model: use, do not use, or cannot tell. Money decides; precision stands beside it."""

import math
from typing import Any

from buysignal.bars.returns import YEAR
from buysignal.core.settings import MOST_WHOLE, Section, choice, or_null, printable, whole
from buysignal.judge.luck import Bar
from buysignal.judge.money import Money
from buysignal.judge.paired import MIN_BUYS
from buysignal.judge.params import CANNOT_TELL, DO_NOT_USE, USE

STATUS = {USE: 0, DO_NOT_USE: 1, CANNOT_TELL: 2}
"""Exit status of a command that says it."""
CHANCE = 0.05  # that the best of the models tried earns as much without skill; above it one is not believed


class Verdict(Section):
    """What to do with a model.

    Attributes
    ----------
    word : `USE`, `DO_NOT_USE` or `CANNOT_TELL`
    reason : one sentence
    more_days : of *cannot tell*, how many more would tell if all went on as observed; None if nobody knows
    """

    word: choice(USE, DO_NOT_USE, CANNOT_TELL)
    reason: printable(500, "a printable reason of at most 500 characters")
    more_days: or_null(whole(1)) = None

    @property
    def because(self) -> str:
        """The reason, and how many more days would tell."""
        more = "" if self.more_days is None else f" About {time(self.more_days)} would tell."
        return f"{self.reason}.{more}"

    @property
    def told(self) -> str:
        """The verdict and `because`: the same words wherever it is said."""
        return f"{self.word}: {self.because}"

    @property
    def status(self) -> int:
        """Exit status of a command that ends with it."""
        return STATUS[self.word]

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return dict(self)

    def __str__(self) -> str:
        return f"{self.word}: {self.reason}"


def verdict(
    found: Money | None, days: int, luck: Bar | None = None, tried: int = 1, bought: int | None = None
) -> Verdict:
    """Decide by money.

    *use*: the interval of a trade's mean return after costs lies above 0, and so does that of its lead over random
    days; and with several models tried, the best of as many without skill seldom earns as much. *do not use*: one of
    the two intervals lies below 0. Else *cannot tell*.

    Parameters
    ----------
    found : what the buys earned; None without one
    days : trading days judged; >= 1
    luck : of the mean return after costs, `buysignal.judge.unskilled`
    tried : models looked at, this one among them
    bought : of many symbols, days with a buy: it takes `MIN_BUYS` of them, and the lead is over the average symbol of
        the same days; None: one symbol, and a buy a day
    """
    if found is None:
        return cannot_tell(f"no trades: nothing was bought on {days:,} days")
    earns = f"a trade earns {percent(found.mean)} after costs of {percent(found.cost)} {span(found.mean_interval)}"
    many = bought is not None
    other = "the average symbol of the same days:" if many else "a random day's"
    against = f"{points(found.ahead)} than {other} {percent(found.random)} {span(found.ahead_interval)}"
    if found.mean_interval[1] < 0:
        return _said(DO_NOT_USE, f"it loses money: {earns}")
    if found.ahead_interval[1] < 0:
        why = "the average symbol of the same days" if many else "buying on any other day"
        return _said(DO_NOT_USE, f"{why} pays better: {earns}, {against}")
    left = more_days(found, days, bought)
    if (seen := bought if many else found.trades) < MIN_BUYS:
        unit = f"day{'s' * (seen > 1)} with a buy" if many else f"buy{'s' * (seen > 1)}"
        buys = f"{seen} {unit} {'are' if seen > 1 else 'is'} too few to tell by, it takes {MIN_BUYS}"
        return cannot_tell(f"{buys}: {earns}", left)
    if found.mean_interval[0] <= 0:
        why = "it may as well lose money" if found.mean > 0 else "it lost money, and that may be chance"
        return cannot_tell(f"{why}: {earns}", left)
    if found.ahead_interval[0] <= 0:
        why = f"it may be no better than {'the average symbol' if many else 'random days'}"
        return cannot_tell(f"{why}: {earns}, {against}", left)
    if tried > 1 and (luck is None or luck.chance > CHANCE):
        odds = "nobody knows how often" if luck is None else f"in {100 * luck.chance:.0f} of 100 cases"
        return cannot_tell(f"it may be luck: {earns}, and the best of {tried:,} without skill does so {odds}")
    return _said(USE, f"{earns}, {against}")


def cannot_tell(reason: str, more: int | None = None) -> Verdict:
    """The verdict on what was not, or too seldom, seen to buy."""
    return _said(CANNOT_TELL, reason, more)


def _said(word: str, reason: str, more: int | None = None) -> Verdict:
    return Verdict(word=word, reason=reason, more_days=more)


def more_days(found: Money, days: int, bought: int | None = None) -> int | None:
    """How many more days would tell, at the observed means and as many buys a day; None if they never would.

    An interval shrinks with the root of the days: one that reaches ``w`` from its mean m to the side of 0 leaves 0
    behind after ``days * (w / m)^2``. *use* needs both means above 0 and both to leave it; else one below 0 is enough.
    """
    sides = ((found.mean, found.mean_interval), (found.ahead, found.ahead_interval))
    if any(mean == 0 for mean, _ in sides):
        return None
    needed = [(days * ((mean - ends[0 if mean > 0 else 1]) / mean) ** 2, mean > 0) for mean, ends in sides]
    told = max(n for n, _ in needed) if all(up for _, up in needed) else min(n for n, up in needed if not up)
    enough = max(told, days * MIN_BUYS / (bought or found.trades))
    return math.ceil(enough) - days if days < enough <= MOST_WHOLE else None


def percent(value: float | None, digits: int = 2) -> str:
    """A return in percent, one digit more below 0.1 %; a dash of no trades.

    >>> percent(0.0123), percent(-0.0004), percent(0.0), percent(-0.0214, 1), percent(None)
    ('1.23 %', '-0.040 %', '0.00 %', '-2.1 %', '–')
    """
    return "–" if value is None else f"{100 * value:.{digits + (0 < abs(value) < 0.001)}f} %"


def span(ends: tuple[float, float]) -> str:
    """An interval of returns: ``(-0.10 to 0.32 %)``."""
    return f"({100 * ends[0]:.2f} to {100 * ends[1]:.2f} %)"


def points(value: float) -> str:
    """A lead: ``0.12 % more``, ``0.12 % less``."""
    return f"{percent(abs(value))} {'more' if value >= 0 else 'less'}"


def time(days: int) -> str:
    """Trading days in words.

    >>> time(40), time(2520)
    ('40 more days', '2,520 more days (10 years)')
    """
    years = f" ({days / YEAR:,.0f} years)" if days >= 2 * YEAR else ""
    return f"{days:,} more day{'s' * (days != 1)}{years}"
