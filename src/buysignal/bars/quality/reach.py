"""Prices of a day that are far from the others of that day, where Close itself is as it should be."""

from collections.abc import Iterator

import numpy as np

from buysignal.bars.quality.finding import NAMED, Finding, iso, on
from buysignal.bars.quality.local import median
from buysignal.bars.quality.look import Look

WILD = 12  # local deviations, or local ranges from High to Low
LARGE = np.log(1.35)  # a distance of this size is looked at
LEAST = np.log(1.1)  # and one below this is none
OHLC = ("open", "high", "low", "close")


def far_off(look: Look) -> Iterator[Finding]:
    """A High, Low or Open beyond all that the day and the one before tell: the label asks for the High."""
    open_, high, low, close = (look.logs[name] for name in OHLC)
    last = np.append(close[:1], close[:-1])
    beyond = {
        "High": high - np.maximum(open_, close),
        "Low": np.minimum(open_, close) - low,
        "Open": np.maximum(open_ - np.maximum(last, close), np.minimum(last, close) - open_),
    }
    wide = np.flatnonzero(np.max(list(beyond.values()), axis=0) >= LEAST)
    usual = np.maximum(median(high - low, wide), look.deviation(wide))
    beyond = {name: by[wide] for name, by in beyond.items()}
    for least, most, level in ((LARGE, np.inf, "warning"), (LEAST, LARGE, "note")):
        told = {name: (by > WILD * usual) & (by >= least) & (by < most) for name, by in beyond.items()}
        found = np.flatnonzero(np.any(list(told.values()), axis=0))
        if not len(found):
            continue
        days = iso(look.bars.index[wide[found]])
        if level == "note":
            text = f"a High, Low or Open is far from the other prices of its day ({on(days)})"
            yield Finding("off-range", "note", days, text)
            continue
        shown = [
            f"{' and '.join(name for name in told if told[name][at])} on {day}"
            f" ({', '.join(f'{name.capitalize()} {look.bars[name].iloc[wide[at]]:.6g}' for name in OHLC)})"
            for day, at in zip(days[:NAMED], found)
        ]
        more = f" and {len(days) - NAMED:,} more" if len(days) > NAMED else ""
        text = f"prices far from the others of their day: {', '.join(shown)}{more}"
        advice = "the label asks for the High: compare these days with another source, and correct the file"
        yield Finding("off-range", "warning", days, text, advice)
