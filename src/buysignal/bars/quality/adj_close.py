"""What Adj Close and a column of split ratios say of the Close."""

from collections.abc import Iterator

import numpy as np

from buysignal.bars.quality.finding import Finding, fall, iso, on
from buysignal.bars.quality.local import change
from buysignal.bars.quality.look import Look

DIFFERS = 1e-4  # of Adj Close / Close: less is rounding
ODD = np.log(1.2)  # a change of Adj Close / Close that no dividend makes


def splits(look: Look) -> Iterator[Finding]:
    """Splits that the file tells of, and whether prices were adjusted for them."""
    steps = look.splits
    for step in steps if look.adjust == "none" else ():
        day = (step.day,)
        close = look.bars["close"]
        moved = f"on {day[0]} Close {fall(close.iloc[step.at] / close.iloc[step.at - 1])} and"
        by = f"{step.by} does not" if step.by == "Adj Close" else f"{step.by} says so"
        text = f"{moved} {by}: a {step.split.called}, prices not adjusted"
        yield Finding("split", "warning", day, text, "set ingest.adjust to splits, or to all for dividends too")
    if steps and look.adjust != "none":
        days = tuple(step.day for step in steps)
        each = ", ".join(f"{step.split} on {step.day}" for step in steps[-3:])
        more = f" and {len(steps) - 3} before" if len(steps) > 3 else ""
        text = f"adjusted for {len(steps)} split{'s' * (len(steps) > 1)} shown by {steps[-1].by} ({each}{more})"
        done = "prices before divided by the ratio, volume multiplied by it"
        yield Finding("split", "note", days, text, f"{done}; ingest.adjust none leaves them")


def dividends(look: Look) -> Iterator[Finding]:
    """Whether Adj Close differs from the Close by more than splits, and which of both is used."""
    if "adj_close" not in look.bars:
        return
    logs = np.log((look.bars["adj_close"] / look.bars["close"]).to_numpy())
    steps = change(logs)
    steps[[step.at for step in look.splits]] = 0  # what is left are dividends
    yield from _odd(look, steps)
    level = logs[-1] - steps[::-1].cumsum()[::-1]  # of Adj Close / Close on each day, splits taken out
    if np.abs(level).max() > DIFFERS:
        text = f"Adj Close differs from Close, by {100 * abs(np.expm1(level[0])):.3g} % on the first day"
        done = "all prices are scaled to it" if look.adjust == "all" else "prices are not adjusted for dividends"
        way = "ingest.adjust splits or none leaves dividends" if look.adjust == "all" else "ingest.adjust all does it"
        yield Finding("dividends", "note", (), f"{text}: {done}", way)


def _odd(look: Look, steps: np.ndarray) -> Iterator[Finding]:
    """Changes of Adj Close / Close that are neither a dividend nor a split: Close jumps by them, or does not."""
    odd = np.abs(steps) > ODD
    if not odd.any():
        return
    moves = change(np.log(look.bars["close"].to_numpy()))
    falls = odd & (np.abs(moves + steps) < np.abs(moves) / 2)  # Adj Close goes on where Close jumps
    if days := iso(look.bars.index[falls]):
        text = f"Close jumps and Adj Close does not, by more than a dividend and by no known split ({on(days)})"
        if look.adjust == "all":
            yield Finding("adj-close", "note", days, text, "all prices are scaled to Adj Close, these jumps are out")
        else:
            yield Finding("adj-close", "warning", days, text, "set ingest.adjust to all: the jumps are taken out")
    if days := iso(look.bars.index[odd & ~falls]):
        text = f"Adj Close / Close changes by more than a dividend does, and Close does not jump ({on(days)})"
        advice = "one of the two is wrong: mend it, or delete the column Adj Close from the file"
        yield Finding("adj-close", "warning", days, text, advice)
