"""Whether the source of the bars holds what the journal knows, before anything is trained on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from buysignal.bars.agreement import changed
from buysignal.bars.params import Ingest
from buysignal.bars.quality.across import few_of
from buysignal.core.errors import UserError
from buysignal.core.settings import PATH, read
from buysignal.ship.journal.known import iso, last_day

FILES = ("csv", "folder")  # sources that are files; of others `ingest.csv` is not read


def require_file(project: Path) -> None:
    """`UserError` if ``ingest.csv`` is not in a folder that git alone has filled."""
    ingest = read(Ingest, project / PATH)
    if ingest.source in FILES and not (project / ingest.csv).exists():
        raise UserError(
            f"ingest.csv is {ingest.csv}, which git does not have, so that no branch can: commit it, or name it by its "
            f"whole path in {PATH}"
        )


def require_same(known: Mapping[str, pd.DataFrame], given: Mapping[str, pd.DataFrame], until: pd.Timestamp) -> None:
    """Hold the bars that a branch has read against those that are known up to a day.

    Parameters
    ----------
    known, given : symbol -> its bars, index ``date``
    until : the day up to which they are to reach

    Raises
    ------
    UserError
        If a symbol is not there, begins later or ends sooner, or has other bars on a day.
    """
    if (last := last_day(given)) != until:
        raise UserError(f"the source holds bars to {iso(last)}, and a new model needs those to {iso(until)}: {_mend()}")
    if lacking := sorted(known.keys() - given.keys()):
        raise UserError(f"the source does not have {few_of(lacking)}: {_mend()}")
    for symbol, bars in sorted(known.items()):
        old = bars[bars.index <= until]
        if not len(old):
            continue
        if gone := [name for name in old if name not in given[symbol]]:
            raise UserError(f"{symbol}: the source has no {gone[0]}, which the known bars have: {_mend()}")
        new = given[symbol][list(old)]
        if new.index[-1] < old.index[-1] or new.index[0] > old.index[0]:
            ends = f"from {iso(new.index[0])} to {iso(new.index[-1])}"
            wanted = f"from {iso(old.index[0])} to {iso(old.index[-1])}"
            raise UserError(f"{symbol}: the source holds bars {ends}, and a new model needs those {wanted}: {_mend()}")
        try:
            found = changed(old, new, until)
        except UserError as error:
            raise UserError(f"{symbol}: {error}") from None
        if found:
            raise UserError(
                f"{symbol}: the source has other bars than those that are known: {found.said}; `python -m buysignal "
                f"update --accept-changed` takes them in if they are right, else {_mend()}"
            )


def _mend() -> str:
    return "put a newer file at ingest.csv or move ingest.end, and commit that"
