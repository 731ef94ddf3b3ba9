"""Two models on the days that neither has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from buysignal.bars.symbols import by_date, dates_of, is_many
from buysignal.cli.predict.history import answers_between
from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError
from buysignal.days.labels import rises
from buysignal.judge.dates import dates_among
from buysignal.judge.evidence import Evidence, evidence
from buysignal.judge.paired import Difference, auc_difference
from buysignal.ship.journal.known import iso

CONFIDENCE = 0.95  # of the lower bound of the difference, and of the intervals of precision and recall
SEED = 1  # of the bootstrap


@dataclass(frozen=True)
class Compared:
    """Two models on the same days, of which the outcome is known.

    Attributes
    ----------
    first, last : of these days
    n : how many they are
    old, new : what the buys of each came to
    difference : AUC of the new one minus that of the old one; its ``low`` is a one-sided bound at `CONFIDENCE`
    one_class : whether all labels are the same, of which nothing can be said
    """

    first: pd.Timestamp
    last: pd.Timestamp
    n: int
    old: Evidence
    new: Evidence
    difference: Difference
    one_class: bool

    def not_worse(self, margin: float) -> bool:
        """Whether the new one is shown to lose less than ``margin`` of AUC."""
        return not self.one_class and self.difference.low > -margin

    def to_dict(self) -> dict[str, Any]:
        """Plain values: precision first, recall second, of both."""
        keys = ("precision", "precision_interval", "recall", "recall_interval", "n_buys", "base_rate")
        told = {who: {key: getattr(self, who).to_dict()[key] for key in keys} for who in ("old", "new")}
        area = {"auc_difference": self.difference.difference, "auc_difference_low": self.difference.low}
        return {"first": iso(self.first), "last": iso(self.last), "n": self.n, **told, **area}


def compared(old: Predictor, new: Predictor, bars: pd.DataFrame, after: pd.Timestamp) -> Compared:
    """Hold both against what came after a day.

    Parameters
    ----------
    bars : all that are known, index ``date`` or (symbol, date)
    after : the last day that either has seen

    Raises
    ------
    UserError
        If they answer other questions, or no outcome is known yet.
    """
    label = new.model.label
    if old.model.label != label:
        raise UserError("the two models predict different labels: nothing can be compared")
    days = dates_of(bars.index)
    first, last = days[days > after].min(), days.max()
    told = [answers_between(one, bars, first, last)[["score", "above"]] for one in (old, new)]
    rows = told[0].join(told[1], how="inner", lsuffix="_old", rsuffix="_new")
    rows = rows.join(rises(bars, label)["label"], how="inner").dropna()
    if not len(rows):
        raise UserError(f"no outcome after {iso(after)} is known yet: there is nothing to compare")
    if is_many(rows.index):
        rows = rows.iloc[np.argsort(by_date(rows.index), kind="stable")]
    seeds = tuple(len(one.model.card.seeds) for one in (old, new))
    return of_rows(rows, label.horizon, seeds)


def of_rows(rows: pd.DataFrame, horizon: int, seeds: tuple[int, int]) -> Compared:
    """The same of rows in order of date and symbol.

    Parameters
    ----------
    rows : columns ``score_old``, ``above_old``, ``score_new``, ``above_new`` and ``label``
    horizon : trading days the label looks ahead
    seeds : members of the old one and of the new one
    """
    hit, dates = rows["label"].to_numpy(int), dates_among(rows.index)

    def seen(who: str, members: int) -> Evidence:
        return evidence(hit, rows[f"above_{who}"].to_numpy(bool), horizon, CONFIDENCE, members, 1, dates)

    two_sided = 2 * CONFIDENCE - 1  # its lower end is the one-sided bound
    scores = (rows["score_new"].to_numpy(), rows["score_old"].to_numpy())
    area = auc_difference(hit, *scores, horizon, two_sided, SEED, dates=dates)
    days = dates_of(rows.index)
    both = (seen("old", seeds[0]), seen("new", seeds[1]))
    return Compared(days.min(), days.max(), days.nunique(), *both, area, bool(hit.min() == hit.max()))


def as_blocks(found: Compared, names: Mapping[str, str], margin: float) -> list[str]:
    """Markdown: the days, a list with precision and recall of both and their AUC, and what follows."""
    told = []
    for who in ("old", "new"):
        seen: Evidence = getattr(found, who)
        precision, recall = _share(seen.precision, seen.precision_interval), _share(seen.recall, seen.recall_interval)
        told.append(f"- {who} ({names[who]}): precision {precision}, recall {recall}, {seen.n_buys:,} buys")
    area = found.difference
    told.append(f"- base rate {found.old.base_rate:.3f}; intervals of {CONFIDENCE * 100:g} %")
    sure = f"with {CONFIDENCE * 100:g} % confidence above {area.low:+.3f}"
    told.append(f"- AUC, new minus old: {area.difference:+.3f}, {sure}")
    days = f"{found.n:,} trading days that neither has seen, {iso(found.first)} to {iso(found.last)}:"
    if found.one_class:
        return [days, "\n".join(told), "every day has the same label: nothing is shown, and the old one is kept"]
    good = found.not_worse(margin)
    shown = "the new one is shown not worse" if good else "that it is not worse is not shown, and the old one is kept"
    return [days, "\n".join(told), f"{shown}: that bound must be above {-margin or 0.0:+.3f} (retrain.margin)"]


def _share(value: float, ends: tuple[float, float]) -> str:
    return f"{value:.3f} ({ends[0]:.3f} to {ends[1]:.3f})"
