"""What was promised against what came, since the model that answers now began to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from buysignal.bars.symbols import by_date, dates_of
from buysignal.core.errors import UserError
from buysignal.judge.dates import dates_among
from buysignal.judge.evidence import Evidence, evidence
from buysignal.judge.money import Money, money
from buysignal.judge.sequential import Kept, Promise, kept
from buysignal.ship.journal.lines import PATH, Journal
from buysignal.ship.journal.table import table

SEED = 1  # of the intervals of money


@dataclass(frozen=True)
class Year:
    """The buys of a calendar year: ``mean`` is what one earned after costs; None without a buy."""

    year: int
    evidence: Evidence
    mean: float | None


@dataclass(frozen=True)
class Followed:
    """A promise and what came of it.

    Attributes
    ----------
    name : of the model
    promise : as `buysignal.ship.journal.begun.promised` gave it
    rows : (n, ...) its answers, see `buysignal.ship.journal.table.table`, in order of date and symbol
    kept : the test of the promise; a buy is a row that is ``above``
    evidence, money, years : of the rows whose outcome is known; None where there is none, money without a buy
    retrained : lines of kind ``retrain``: new models that were held against the one that answered then
    """

    name: str
    promise: Mapping[str, Any]
    rows: pd.DataFrame
    kept: Kept
    evidence: Evidence | None
    money: Money | None
    years: tuple[Year, ...]
    retrained: tuple[Mapping[str, Any], ...] = ()

    @property
    def known(self) -> pd.DataFrame:
        """The rows whose outcome is known."""
        return self.rows[self.rows["label"].notna()]


def followed(journal: Journal) -> Followed:
    """What became of the promise of the model that answers now.

    Raises
    ------
    UserError
        If no model has answered yet, or it promised nothing that could be broken.
    """
    begun = journal.of("model")
    if not begun:
        raise UserError(
            f"{PATH} holds no answer yet: `python -m buysignal update --bars FILE` puts the first ones down"
        )
    told = begun[-1]
    own = Journal(lines=tuple(line for line in journal.lines if line["number"] > told["number"]))
    promise = told["promise"]
    if not 0 < promise["floor"] < 1 or not 0 < promise["base_rate"] < 1:
        raise UserError(
            f"{told['model']['name']} promised a precision of {promise['floor']:g}: there is nothing to follow"
        )
    rows = table(own, bool(told["many"]))
    rows = rows.iloc[np.argsort(by_date(rows.index), kind="stable")] if told["many"] else rows
    test = _tested(rows, promise)
    known = rows[rows["label"].notna()]
    seen = _seen(known, promise) if len(known) else None
    earned, years = _money(known, promise), _years(known, promise)
    return Followed(told["model"]["name"], promise, rows, test, seen, earned, years, tuple(journal.of("retrain")))


def _tested(rows: pd.DataFrame, promise: Mapping[str, Any]) -> Kept:
    """The test over buying days: each has the share of hits among its buys of which the outcome is known."""
    dates = dates_of(rows.index)
    days = dates.unique().sort_values()
    bought = rows["label"][rows["above"]].groupby(dates[rows["above"]]).mean()
    at = days.get_indexer(bought.index)
    open_ = at + promise["horizon"] >= len(days)
    used = bought.notna().to_numpy() | open_  # a line that was damaged, or a symbol that ended, has no outcome
    asked = Promise(promise["floor"], promise["base_rate"], promise["horizon"])
    return kept(bought.fillna(0.0).to_numpy()[used], at[used], days, asked)


def _seen(known: pd.DataFrame, promise: Mapping[str, Any]) -> Evidence:
    label, above = known["label"].to_numpy(int), known["above"].to_numpy(bool)
    judged = (promise["horizon"], promise["confidence"], promise["seeds"], 1)
    return evidence(label, above, *judged, dates=dates_among(known.index))


def _money(known: pd.DataFrame, promise: Mapping[str, Any]) -> Money | None:
    if not known["above"].any():
        return None
    rows = (known["earned"].to_numpy(), known["label"].to_numpy(int), known["above"].to_numpy(bool))
    how = (promise["horizon"], promise["cost"], promise["confidence"], SEED)
    return money(*rows, *how, dates=dates_among(known.index))


def _years(known: pd.DataFrame, promise: Mapping[str, Any]) -> tuple[Year, ...]:
    found = []
    for year, part in known.groupby(dates_of(known.index).year):
        net = part.loc[part["above"], "earned"] - promise["cost"]
        found.append(Year(int(year), _seen(part, promise), float(net.mean()) if len(net) else None))
    return tuple(found)
