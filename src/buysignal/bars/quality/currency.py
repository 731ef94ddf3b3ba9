"""Prices in a currency of before the euro, by the day and the rate at which it became the euro."""

from collections.abc import Iterator

import numpy as np

from buysignal.bars.quality.finding import Finding, fall, iso
from buysignal.bars.quality.look import Look

RATES = {  # year on whose first day -> units of a currency that one euro was, as fixed by the Council
    1999: {
        "ATS": 13.7603, "BEF": 40.3399, "DEM": 1.95583, "ESP": 166.386, "FIM": 5.94573, "FRF": 6.55957,
        "IEP": 0.787564, "ITL": 1936.27, "NLG": 2.20371, "PTE": 200.482,
    },
    2001: {"GRD": 340.75},
    2007: {"SIT": 239.64},
    2008: {"CYP": 0.585274, "MTL": 0.4293},
    2009: {"SKK": 30.126},
    2011: {"EEK": 15.6466},
    2014: {"LVL": 0.702804},
    2015: {"LTL": 3.4528},
    2023: {"HRK": 7.5345},
    2026: {"BGN": 1.95583},
}  # fmt: skip
NEAR = (0.005, 3)  # a jump is off by at most this, and so many local deviations, in logs
JUMP = 8  # local deviations that it is at least
WEEKS = np.array([(f"{year}-01-01", f"{year}-01-08") for year in RATES], dtype="datetime64[D]")
"""Of each of these years the first day and the eighth: on one before it there is trade for the first time."""


def euros(look: Look) -> Iterator[Finding]:
    """Prices that fall by the rate of a currency as the euro comes."""
    for row, (name, rate) in jumps(look).items():
        days = iso(look.used.index[[row]])
        close = look.used["close"]
        moved = fall(close.iloc[row] / close.iloc[row - 1])
        text = f"on {days[0]}, as the euro came, Close {moved}: by the rate of {name}, {rate}"
        advice = f"if prices before it are in {name}, divide them by {rate}; nothing was changed"
        yield Finding("currency", "warning", days, text, advice)


def jumps(look: Look) -> dict[int, tuple[str, float]]:
    """Rows on which Close and Open change by a currency's rate at its end, with its name and rate."""
    moves, opened, found = look.moves, look.opened, {}
    edges = np.searchsorted(look.used.index.to_numpy(), WEEKS)
    years = {row: year for year, week in zip(RATES, edges) for row in range(max(week[0], 1), week[1])}
    for row, sigma in zip(*look.wild(JUMP, np.array([*years], dtype=int))):
        rates = RATES[years[row]]
        off = {n: max(abs(moves[row] + np.log(r)), abs(opened[row] + np.log(r))) for n, r in rates.items()}
        name = min(off, key=off.get)
        if off[name] <= NEAR[0] + NEAR[1] * sigma:
            found[int(row)] = (name, rates[name])
    return found
