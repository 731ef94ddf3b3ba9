"""Are the buys many, or one buy made many times? Their share in the largest month, and in the largest symbol.

A crisis buys everything at once: half of the surest buys of a year may lie in one month. Such a number is the story of
that month.
"""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

LIMIT = 0.25
"""Share of the buys in one month, or in one symbol, above which it is said. At a quarter there may be no more than four
such lumps, and four is the fewest cosines that an interval is made from (`buysignal.judge.intervals.cosines`)."""


@dataclass(frozen=True)
class Lump:
    """The month or the symbol with most buys.

    Attributes
    ----------
    kind, name : ``month`` or ``symbol``, and which
    buys : in it
    share : of all buys
    even : its share of all rows, which random buys would have
    said : whether it is worth a word: above `LIMIT`, and above twice ``even``
    """

    kind: str
    name: str
    buys: int
    share: float
    even: float

    @property
    def said(self) -> bool:
        return self.share > LIMIT and self.share > 2 * self.even

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {**asdict(self), "said": self.said}


def concentration(alert: pd.Series) -> tuple[Lump, ...]:
    """The largest month and the largest symbol; nothing without a buy.

    Parameters
    ----------
    alert : bool, index with the levels ``symbol`` and ``date``; of equal lumps the first month or name is taken

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["a", "b"], pd.to_datetime(["2020-01-31", "2020-02-03"])])
    >>> month, symbol = concentration(pd.Series([True, True, False, True], index.set_names(["symbol", "date"])))
    >>> month.name, round(month.share, 3), month.even, month.said, symbol.name, round(symbol.share, 3)
    ('2020-02', 0.667, 0.5, False, 'a', 0.667)
    """
    if not alert.any():
        return ()
    dates = alert.index.get_level_values("date")
    kinds = {"month": dates.strftime("%Y-%m"), "symbol": alert.index.get_level_values("symbol")}
    return tuple(_largest(kind, pd.Series(names), alert.to_numpy()) for kind, names in kinds.items())


def _largest(kind: str, names: pd.Series, alert) -> Lump:
    bought = names[alert].value_counts().sort_index()
    name, total = bought.idxmax(), int(bought.sum())
    return Lump(kind, str(name), int(bought[name]), float(bought[name] / total), float((names == name).mean()))
