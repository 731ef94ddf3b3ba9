"""Writes the reference of all features: ``python -m buysignal.features.registry > docs/features.md``."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

import talib

from buysignal.features.feature import Feature
from buysignal.features.tiers import FAMILIES, TIERS, n_features, warmup

INTRODUCTION = f"""# Features

For whoever meets a feature's name in a report: what each column of a [tier](glossary.md#tier) is. Written by
`python -m buysignal.features.registry > docs/features.md`; a test fails when it is stale.

- A value uses bars up to its own day only. Days before a tier's longest warm-up are dropped, never filled.
- Each tier contains the one before it, in the same order.
- The bar enters as it is, all else free of the price level: ratios, percent of the close, ranks.
- *Source*: a function of TA-Lib ({talib.__version__} here) in capitals with its periods, or who described it.
- *n* is the number in the name; tiers and warm-ups of such a row are in the order of its names.
- Running totals enter as changes over a window, so the start of the history does not matter. Recursive indicators (EMA,
  Wilder's averages) do remember their first bar.
- `returns` are log returns in percent; `log_range` is 100 ln(high / low). Volatility is per day, in percent.
- The formula says what a flat or volumeless stretch gives.
"""

PRICES = re.compile(r"(?<=\()(?:(?:open|high|low|close|volume)(?:, |(?=\))))+")
"""The columns of bars that a function of TA-Lib takes."""


def markdown() -> str:
    """The text of docs/features.md."""
    lines = [INTRODUCTION, "| tier | features | warm-up (days) |", "|---|---:|---:|"]
    lines += [f"| {tier} | {n_features(tier)} | {warmup(tier)} |" for tier in TIERS]
    for family in FAMILIES:
        title, remark = (family.__doc__ or "").strip().split(": ", 1)
        tail = _common_tail([feature.formula for feature in family.FEATURES])
        remark += f" In all of them: {tail.removeprefix('; ')}." if tail else ""
        lines += ["", f"## {title}", "", remark[0].upper() + remark[1:], ""]
        lines += ["| feature | from tier | warm-up | source | formula |", "|---|---|---:|---|---|"]
        lines += _rows(family.FEATURES, tail)
    return "\n".join(lines) + "\n"


def _common_tail(formulas: Iterable[str]) -> str:
    """What follows the last semicolon of every formula, if it is the same; else empty."""
    ends = {formula.rpartition("; ")[1:] for formula in formulas}
    return "".join(ends.pop()) if len(ends) == 1 else ""


def _rows(features: Iterable[Feature], tail: str) -> Iterator[str]:
    """A row for each feature; neighbours that differ in the last number of their name alone share one."""
    entry = {feature.name: tier for tier in reversed(TIERS) for feature in TIERS[tier]}
    for general, group in groupby(features, key=_general):
        alike = list(group)
        source, formula = general[1:] if len(alike) > 1 else (alike[0].source, alike[0].formula)
        names, tiers, warmups = (
            ", ".join(map(str, column))
            for column in zip(*((f.name, entry[f.name], f.warmup) for f in alike), strict=True)
        )
        source = PRICES.sub("", source).replace("()", "").replace("TA-Lib ", "")
        yield f"| {names} | {tiers} | {warmups} | {source} | {formula.removesuffix(tail)} |"


def _general(feature: Feature) -> tuple[str, str, str]:
    """Name, source and formula with n in the place of the last number of the name."""
    number = re.search(r"_(\d+)$", feature.name)
    if not number:
        return feature.name, feature.source, feature.formula
    name, source, formula = (
        re.sub(rf"(?<![\d.]){number[1]}(?![\d.]*\d)", "n", text)
        for text in (feature.name, feature.source, feature.formula)
    )
    return name, source, formula


if __name__ == "__main__":
    print(markdown(), end="")
