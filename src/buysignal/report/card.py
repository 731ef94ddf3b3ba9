"""The card that a page answers with first: the verdict, precision against break-even, what was earned, the capital.

It is one of a run and of outside scores alike. As Markdown it is two blocks, the verdict and a table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from buysignal.judge.money import Money
from buysignal.judge.params import CANNOT_TELL, DO_NOT_USE, USE
from buysignal.judge.verdict import Verdict, percent, span
from buysignal.report.markdown import table
from buysignal.report.markup import TEMPLATES
from buysignal.report.words import Row, ends, three

HEADLINES = {
    USE: "{} earned money on these days, by more than luck explains.",
    DO_NOT_USE: "Do not trade on {}.",
    CANNOT_TELL: "Nobody can tell yet whether {} makes money.",
}
SIGNS = {USE: "\N{CHECK MARK}", DO_NOT_USE: "\N{MULTIPLICATION X}", CANNOT_TELL: "?"}
BUYS, ALWAYS = "its buys", "buying always"
WIDE, HIGH, MOST_POINTS = 600, 120, 300  # units of the drawing of a capital, and points of its lines


@dataclass(frozen=True)
class Fact:
    """A number of the headline, with its interval (or none) and what it is."""

    name: str
    value: str
    span: str
    means: str


@dataclass(frozen=True)
class Line:
    """A capital that started as 1: what it is of, and what it was after each day (n,), which may be many."""

    name: str
    values: np.ndarray


@dataclass(frozen=True)
class Card:
    """See the module.

    Attributes
    ----------
    who : what is judged
    told : the verdict
    lead : what comes before the verdict's word where a page is read as text
    seen : the precision and all that it is read with; None without a buy, or where nothing was judged
    money : what the buys earned
    facts : what stands below
    when : the days, in words
    capital : lines to draw, that of ``who`` first
    mind : what is said in a line of its own below the verdict
    days : the first and the last of ``capital``
    luck : the lowest and the highest of as many random buys, of nine of ten draws, day by day
    """

    who: str
    told: Verdict
    lead: str = ""
    seen: Row | None = None
    money: Money | None = None
    facts: Sequence[Fact] = ()
    when: str = ""
    capital: Sequence[Line] = ()
    luck: tuple[np.ndarray, np.ndarray] | None = None
    mind: Sequence[str] = ()
    days: tuple[str, str] | None = None

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        return HEADLINES[self.told.word].format(self.who)

    @property
    def sign(self) -> str:
        """Says the verdict at a glance."""
        return SIGNS[self.told.word]

    @property
    def even(self) -> float | None:
        """The precision at which the buys break even, if there is one."""
        at = None if self.money is None else self.money.break_even
        return at if at is not None and 0 < at < 1 else None

    def blocks(self) -> list[str]:
        """The same as Markdown."""
        first = f"**{self.lead}{self.told.word}**: {self.told.because}"
        rows = [[fact.name, fact.value, fact.span or "–", fact.means] for fact in self.facts]
        return [
            first,
            *minded(self.mind),
            *([table((self.when, "", "95 % interval", "what it is"), rows)] if rows else []),
        ]

    def html(self) -> Markup:
        """The card as it is drawn."""
        return Markup(TEMPLATES.get_template("card.html").render(card=self, drawn=_drawn(self.capital, self.luck)))


def minded(mind: Sequence[str]) -> list[str]:
    """What is to be minded as Markdown, a block each."""
    return [f"**caution**: {text}" for text in mind]


def facts(
    seen: Row, money: Money | None, days: str, by_year: Mapping[str, int], other: str = "a random day"
) -> list[Fact]:
    """What a card says in numbers, precision first.

    Parameters
    ----------
    seen : keys of `buysignal.judge.evidence.Evidence`; with a buy
    days : of how many days, in words
    by_year : year -> buys; may be empty
    other : whose return a trade's is held against
    """
    years = ", ".join(f"{count:,} in {year}" for year, count in by_year.items() if count)
    told = [
        Fact("precision", three(seen["precision"]), _ends(seen, "precision"), "share of its buys that were right"),
        Fact("recall", three(seen["recall"]), _ends(seen, "recall"), "share of the right days that it bought"),
        Fact("buys", f"{seen['n_buys']:,}", "", f"on {days}{f': {years}' if years else ''}"),
        Fact("base rate", three(seen["base_rate"]), "", "precision of who buys always"),
    ]
    if money is None:
        return told
    even, interval = money.break_even, span(money.mean_interval).strip("()")
    means = f"after costs of {percent(money.cost)}; {other} {percent(money.random)}"
    told.insert(2, Fact("a trade earns", percent(money.mean), interval, means))
    if even is not None:
        told.append(Fact("break-even", three(max(even, 0.0)), "", "precision below which such buys lose money"))
    return told


def _ends(seen: Row, name: str) -> str:
    low, high = seen.get(f"{name}_interval") or (None, None)
    return "" if low is None else ends(low, high)


def _drawn(capital: Sequence[Line], luck: tuple[np.ndarray, np.ndarray] | None) -> Row | None:
    """Paths of the lines in a box of `WIDE` x `HIGH`, with what each came to; None of nothing."""
    if not capital:
        return None
    every = np.concatenate([[1.0], *(line.values for line in capital), *(luck or ())])
    low, high = float(every.min()), float(every.max())
    scale = HIGH / (high - low) if high > low else 0.0

    def points(values: np.ndarray) -> list[str]:
        step = max(1, -(-len(values) // MOST_POINTS))
        at = np.unique(np.r_[np.arange(0, len(values), step), len(values) - 1])
        across = WIDE * at / max(len(values) - 1, 1)
        return [f"{x:.1f} {scale * (high - y):.1f}" for x, y in zip(across, values[at])]

    band = f"M{' L'.join([*points(luck[0]), *reversed(points(luck[1]))])}Z" if luck else ""
    lines = [
        {"name": line.name, "path": f"M{' L'.join(points(line.values))}", "came": percent(line.values[-1] - 1, 1)}
        for line in capital
    ]
    ends = {"most": percent(high - 1, 0), "least": percent(low - 1, 0)}
    return {"lines": lines, "band": band, "start": f"{scale * (high - 1):.1f}", "wide": WIDE, "high": HIGH, **ends} | {
        "lucky": f"{percent(luck[0][-1] - 1, 1)} to {percent(luck[1][-1] - 1, 1)}" if luck else ""
    }
