"""Days out of order, days twice, days under a wrong label, and roles that cannot be judged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from buysignal.bars.standard import REQUIRED
from buysignal.bars.symbols import by_date, dates_of, index_of, is_many, named
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Looking, Warn, check
from buysignal.days.columns import PURGED
from buysignal.days.roles import ROLES

FEW_POSITIVES = 10  # of either label: below it recall, or the share of false buys, moves by a tenth a day
SAME_BARS = 0.01  # share of days whose whole bar repeats another's: more is no coincidence


@check("shuffled-time", "days or roles out of order, or labels that reach into the next role")
def _shuffled(run: Run) -> Looking:
    if not run.bars.index.is_monotonic_increasing:
        yield "the dates of data/bars are not increasing"
    for tier, table in run.tables.items():
        if not table.index.is_monotonic_increasing:
            yield f"{tier}: the dates of the table are not increasing"
        yield from _roles(tier, table, run.params.label.horizon)
        known = table.index.intersection(run.expected.index)
        moved = table.loc[~table.index.duplicated(), "role"].reindex(known) != run.expected["role"].reindex(known)
        if moved.any():
            first = named(known[moved.to_numpy()][0])
            yield f"{tier}: {moved.sum()} {run.days} have another role than params give, first {first}"
    for folder, table in run.score_tables.items():
        members = [by_date(index_of(part)) for _, part in table.groupby(["model", "member"], sort=False)]
        if not all(days.is_monotonic_increasing and days.is_unique for days in members):
            yield f"{folder}: the days under the scores are not in order"
        days = index_of(table)
        moved = table["role"].to_numpy(str) != run.expected["role"].reindex(days).to_numpy(str)
        if moved.any():
            yield f"{folder}: {len(days[moved].unique())} scored {run.days} have another role than params give"
    return "dates increase, roles follow one another with purged days between"


def _roles(tier: str, table: pd.DataFrame, horizon: int) -> Iterator[str]:
    """Roles in order, and no label that reaches into a later role."""
    if is_many(table.index):
        table = table.iloc[by_date(table.index).argsort()]  # time is cut by date, the same for all symbols
    role, dates = table["role"].to_numpy(str), dates_of(table.index)
    order = np.array([ROLES.index(r) if r in ROLES else -1 for r in role])
    kept = np.flatnonzero(order >= 0)
    if (np.diff(order[kept]) < 0).any():
        yield f"{tier}: the roles are not in the order {', '.join(ROLES)}"
        return
    day, ends = pd.factorize(dates)[0], np.maximum.accumulate(table["label_end"].to_numpy()[kept])
    for cut in np.flatnonzero(np.diff(order[kept]) > 0):
        last, first = kept[cut], kept[cut + 1]
        if day[first] - day[last] <= horizon or ends[cut] >= dates[first].to_datetime64():
            yield f"{tier}: labels of role {role[last]} reach into role {role[first]}"


@check("label-differs", "labels that are not those of the bars, so that something easier is predicted")
def _labels(run: Run) -> Looking:
    for tier, table in run.tables.items():
        known = table[table.index.isin(run.expected.index)]
        if len(known) < len(table):
            yield f"{tier}: {len(table) - len(known)} {run.days} of the table have no labelled bar"
        for column in ("label", "label_start", "label_end"):
            wrong = known[column].to_numpy() != run.expected.loc[known.index, column].to_numpy()
            if wrong.any():
                yield f"{tier}: {wrong.sum()} of {len(table)} values of {column} are not those of the bars"
    for folder, table in run.score_tables.items():
        days = index_of(table)
        wrong = table["label"].to_numpy() != run.expected["label"].reindex(days).to_numpy()
        if wrong.any():
            yield f"{folder}: {len(days[wrong].unique())} scored {run.days} have another label than the bars give"
    return "every label is what the bars give"


@check("duplicated-rows", "one day under several dates: learned on one, judged on the other")
def _duplicated(run: Run) -> Looking:
    bars = run.bars
    if bars.index.has_duplicates:
        yield f"data/bars has {bars.index.duplicated().sum()} days twice"
    moving = bars["high"] > bars["low"]
    repeated = bars[moving].duplicated([name for name in REQUIRED if name in bars])
    if repeated.mean() > SAME_BARS:
        yield f"data/bars repeats {repeated.sum()} whole bars of other days"
    for tier, table in run.tables.items():
        if table.index.has_duplicates:
            yield f"{tier}: {table.index.duplicated().sum()} days are in the table twice"
        same = table[table.index.isin(bars.index[moving])].duplicated(run.features(tier))
        beyond = int(same.sum()) - int(repeated.sum())  # a repeated bar may bring a repeated row along
        if beyond > 0:
            yield f"{tier}: {beyond} rows repeat the features of another day"
    return "no day is there twice, under its own date or another's"


@check("role-without-positives", "a role in which every day has the same label")
def _one_class(run: Run) -> Looking:
    for tier, table in run.tables.items():
        for role, label in table.groupby("role")["label"]:
            for kind, which in ((1, "no"), (0, "only")) if role != PURGED else ():
                count = int((label == kind).sum())
                if count == 0:
                    yield f"{tier}: role {role} has {which} {run.days} labelled 1: nothing can be judged on it"
                elif count < FEW_POSITIVES:
                    yield Warn(f"{tier}: role {role} has {count} {run.days} labelled {kind}")
        for role in ROLES:
            if not (table["role"] == role).any():
                yield f"{tier}: role {role} has no day"
    return f"every role has {FEW_POSITIVES} or more {run.days} of either label"
