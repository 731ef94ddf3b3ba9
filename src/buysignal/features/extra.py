"""Features of a user's own: functions of bars whose columns join those of every tier, once they keep their promises.

A function takes daily bars (open, high, low, close[, volume]; index ``date``) and gives a Series, named after the
function, or a DataFrame, each of whose columns is named ``<function>_<column>``: numbers on the days of the bars. It
looks back only; NaN stands at its start alone, and is its warm-up: a few bars alone give NaN and raise nothing.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from buysignal.bars.standard import REQUIRED
from buysignal.bars.symbols import each, is_many
from buysignal.core.errors import UserError, shown
from buysignal.core.plugins import is_of_bars, read, told, unheard
from buysignal.features.tiers import TIERS
from buysignal.features.tiers import compute as of_tier
from buysignal.features.tiers import warmup as of_tiers

NAME = re.compile("[a-z0-9_]{1,80}")
CUTS = 12  # days at which the future is cut off
FEWEST = 8  # bars that are left by the first cut: a warm-up filled from behind is seen there alone
CLOSE = 1e-7  # of a value and the column's deviation: sums of another order differ by less


def compute(bars: pd.DataFrame, specs: Sequence[str], cuts: int = 0) -> pd.DataFrame:
    """Columns of a user's own on all bars, float64 (n, k), with NaN in the `warmup` at their start alone.

    Parameters
    ----------
    bars : (n, ...) valid daily bars
    specs : as `buysignal.core.plugins.read` takes them; their columns stand in this order
    cuts : number of days at which the future is cut off, to see that no column knows it; 0 trusts them

    Raises
    ------
    UserError
        If a function cannot be read, or breaks a promise; one line with the spec, the column and the day.
    """
    found = [tried(bars, spec, cuts) for spec in specs]
    names = [name for one in found for name in one.columns]
    if twice := [name for at, name in enumerate(names) if name in names[:at]]:
        raise UserError(f"features.extra gives a column {twice[0]} twice: name one of the functions otherwise")
    return pd.concat([pd.DataFrame(index=bars.index), *found], axis=1)


def warmup(columns: pd.DataFrame) -> int:
    """Rows at the start of what `compute` gave that are not whole; 0 where it has no columns."""
    return int((~np.isfinite(columns.to_numpy()).all(axis=1)).sum())


def table(bars: pd.DataFrame, tier: str, specs: Sequence[str] = (), cuts: int = 0, less: int = 0) -> pd.DataFrame:
    """The columns of a tier, as `buysignal.features.tiers.compute` gives them, then those of a user's own.

    Rows start after the longer of the two warm-ups. Of many symbols each looks back along its own days, none has the
    raw bar as a feature, and one with no more days than the tier's warm-up has no row. Errors are those of both.

    Parameters
    ----------
    less : of many symbols the last days of each that are left out, for who has no use for them
    """
    many = is_many(bars.index)

    def of_one(one: pd.DataFrame) -> pd.DataFrame:
        if not specs:
            return of_tier(one, tier, not many)
        columns = compute(one, specs, cuts)
        return of_tier(one, tier, not many).join(columns.iloc[warmup(columns) :], how="inner")

    if not many:
        return of_one(bars)
    held = _Held(len(bars))
    rows = each(bars, lambda one: held.add(of_one(one).iloc[: -less or None]), of_tiers(tier) + 1)
    return held.frame(rows.index)


class _Held:
    """Tables of one symbol after the other in one array: to keep each and join them all would take it twice."""

    def __init__(self, most: int) -> None:
        self.most, self.rows, self.names, self.values = most, 0, [], np.empty((0, 0))

    def add(self, one: pd.DataFrame) -> pd.Series:
        """Take a table, float64; a Series with its index is left of it."""
        if not self.names:
            self.names, self.values = list(one), np.empty((len(one.columns), self.most))
        if list(one) != self.names:
            raise UserError(f"its columns are {', '.join(one)}, and not those of the symbols before it")
        end = self.rows + len(one)
        self.values[:, self.rows : end] = one.to_numpy().T
        self.rows = end
        return pd.Series(True, one.index)

    def frame(self, index: pd.Index) -> pd.DataFrame:
        """All that were taken, one below the other."""
        return pd.DataFrame(self.values[:, : self.rows].T, index, self.names, copy=False)


def tried(bars: pd.DataFrame, spec: str, cuts: int, keeps: Callable[[str], object] = unheard) -> pd.DataFrame:
    """Columns of one function; ``keeps`` is told of each promise that it keeps, in a few words."""
    function, name = read(spec), spec.split(":")[1]
    if not is_of_bars(function):
        raise UserError(f"{spec} is no function of bars: name it in models.extra, if it is a model")
    seen = bars[[column for column in REQUIRED if column in bars]]
    columns = _numbers(_named(_called(function, spec, seen), name, spec, seen), spec)
    keeps(f"gives numbers on the days of the bars: {', '.join(columns)}")
    _require_whole(columns, spec)
    keeps(f"is whole after a warm-up of {warmup(columns)} days")
    if cuts:
        _require_same(columns, _again(function, spec, name, seen), spec, "is another one when it is asked again")
        keeps("gives the same when it is asked again")
        for at in np.unique(np.geomspace(FEWEST, len(seen) - 1, cuts).astype(int)):
            day = f"changes when the bars after {seen.index[at - 1]:%Y-%m-%d} are cut off: it must look back only"
            _require_same(columns[:at], _again(function, spec, name, seen[:at]), spec, day)
        keeps(f"looks back only: the future cut off on {cuts} days changes nothing before")
    return columns


def _called(function: Callable, spec: str, bars: pd.DataFrame) -> object:
    given = bars.copy()
    try:
        return function(given)
    except (Exception, SystemExit) as error:
        raise UserError(f"{spec} raises on {len(bars):,} bars ({told(error)})") from None


def _again(function: Callable, spec: str, name: str, bars: pd.DataFrame) -> pd.DataFrame:
    return _numbers(_named(_called(function, spec, bars), name, spec, bars), spec)


def _named(found: object, name: str, spec: str, bars: pd.DataFrame) -> pd.DataFrame:
    """A frame of the bars' days, its columns with their names."""
    if isinstance(found, pd.Series):
        frame = found.to_frame(name)
    elif isinstance(found, pd.DataFrame) and len(found.columns):
        frame = found.set_axis([f"{name}_{column}" for column in found.columns], axis=1)
    else:
        raise UserError(f"{spec} gives {type(found).__name__}: it must give a Series, or a DataFrame with columns")
    if not frame.index.equals(bars.index):
        raise UserError(f"{spec} gives {len(frame):,} days: its index must be that of the {len(bars):,} bars")
    taken = {feature.name for tier in TIERS.values() for feature in tier}
    for column in frame.columns:
        if not NAME.fullmatch(column):
            told_of = "at most 80 lower case letters, digits and underscores"
            raise UserError(f"{spec} gives a column {shown(column)}: its name must be of {told_of}")
        if column in taken or list(frame.columns).count(column) > 1:
            raise UserError(f"{spec} gives a column {column}, which there is already: it must have another name")
    return frame


def _numbers(frame: pd.DataFrame, spec: str) -> pd.DataFrame:
    for column, kind in frame.dtypes.items():
        if not (pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind)):
            raise UserError(f"{spec} gives a column {column} of {kind}: it must be of numbers")
    return frame.astype("float64")


def _require_whole(columns: pd.DataFrame, spec: str) -> None:
    for name, column in columns.items():
        bad = ~np.isfinite(column.to_numpy())
        bad[: int(np.argmin(column.isna().to_numpy()))] = False  # NaN at the start: its warm-up
        if column.isna().all():
            raise UserError(f"{spec}: {name} is NaN on all {len(column):,} days: they are too few, or it is no feature")
        if bad.any():
            day, value = column.index[bad.argmax()], column.iloc[bad.argmax()]
            ahead = "; NaN on the last days alone is how one looks that reads later days" if bad[-1] else ""
            raise UserError(f"{spec}: {name} is {value} on {day:%Y-%m-%d}: it must be finite after its warm-up{ahead}")


def _require_same(one: pd.DataFrame, other: pd.DataFrame, spec: str, wrong: str) -> None:
    """Refuse the first column that differs, on its first day."""
    if list(one.columns) != list(other.columns):
        raise UserError(f"{spec} gives other columns for other bars: {', '.join(other.columns)}")
    for name in one.columns:
        left, right = one[name].to_numpy(), other[name].to_numpy()
        room = CLOSE * np.nan_to_num(np.nanstd(left) if np.isfinite(left).any() else 0.0)
        differs = ~np.isclose(left, right, rtol=CLOSE, atol=room, equal_nan=True)
        if differs.any():
            raise UserError(f"{spec}: {name} on {one.index[differs.argmax()]:%Y-%m-%d} {wrong}")
