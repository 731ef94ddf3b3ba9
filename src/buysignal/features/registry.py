"""Writes the reference of all features: ``python -m buysignal.features.registry > docs/features.md``."""

import talib

from buysignal.features.tiers import FAMILIES, TIERS, n_features, warmup

INTRODUCTION = f"""# Features

Written by `python -m buysignal.features.registry > docs/features.md`; a test fails when this file is stale.

A value depends on the bars up to its own day alone. The warm-up of a tier, the longest of its features,
is dropped from the front and never filled. Each tier contains the whole tier before it, in the same order.
Indicators come from TA-Lib ({talib.__version__} here) wherever it has them, with the arguments shown.

- The bar enters as it is. Everything else is free of the price level: ratios, percent of the close, ranks.
- Running totals (on-balance volume and its kin) enter as changes over a window, relative to the window's volume,
  so their level does not depend on where the history starts.
- Recursive indicators (EMA, Wilder's averages) start at the first bar: early values remember that start.
- `returns` are log returns in percent, `log_range` is 100 ln(high / low), `squared_returns` and `volume_change` are as
  in the tables. Volatility is per day, in percent, not annualised.
- A value that a flat or volumeless stretch would leave undefined has the value its formula states; TA-Lib has its
  own rules, such as RSI 0 before the price first moves and stochastic 0 where the range is 0.
"""


def markdown() -> str:
    """The text of docs/features.md."""
    lines = [INTRODUCTION, "| tier | features | warm-up (days) |", "|---|---:|---:|"]
    lines += [f"| {tier} | {n_features(tier)} | {warmup(tier)} |" for tier in TIERS]
    entry = {feature.name: tier for tier in reversed(TIERS) for feature in TIERS[tier]}
    for family in FAMILIES:
        title, remark = (family.__doc__ or "").strip().split(": ", 1)
        lines += ["", f"## {title}", "", remark[0].upper() + remark[1:], ""]
        lines += ["| feature | from tier | warm-up | source | formula |", "|---|---|---:|---|---|"]
        lines += [f"| {f.name} | {entry[f.name]} | {f.warmup} | {f.source} | {f.formula} |" for f in family.FEATURES]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")
