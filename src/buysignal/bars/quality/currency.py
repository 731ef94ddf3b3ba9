"""Prices in a currency of before the euro, by the day and the rate at which it became the euro."""

from collections.abc import Iterator

import numpy as np

from buysignal.bars.quality.finding import Finding, Look, change, fall, iso, overnight
from buysignal.bars.quality.local import deviation

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
    days, found = look.used.index, {}
    moves, opened, sigma = change(look.used["close"]), overnight(look.used), deviation(look.used)
    for year, rates in RATES.items():
        first, stop = days.searchsorted(f"{year}-01-01"), days.searchsorted(f"{year}-01-08")
        for row in range(max(int(first), 1), int(stop)):  # the first day on which there was trade is one of these
            off = {n: max(abs(moves[row] + np.log(r)), abs(opened[row] + np.log(r))) for n, r in rates.items()}
            name = min(off, key=off.get)
            if off[name] <= NEAR[0] + NEAR[1] * sigma[row] and abs(moves[row]) > JUMP * sigma[row]:
                found[row] = (name, rates[name])
    return found
