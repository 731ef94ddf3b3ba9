"""Days out of order, days twice, days under a wrong label, and roles that cannot be judged."""

from __future__ import annotations

import numpy as np
import pandas as pd

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Check, Finding, conclude
from buysignal.days.roles import PURGED, ROLES

FEW_POSITIVES = 10  # of either label: below it recall, or the share of false buys, moves by a tenth a day
SAME_BARS = 0.01  # share of days whose whole bar repeats another's: more is no coincidence


def _shuffled(run: Run) -> Finding:
    faults = [] if run.bars.index.is_monotonic_increasing else ["the dates of data/bars are not increasing"]
    expected = run.expected
    for tier in run.params.tiers:
        table = run.table(tier)
        if not table.index.is_monotonic_increasing:
            faults.append(f"{tier}: the dates of the table are not increasing")
        faults += _roles(tier, table, run.params.label.horizon)
        known = table.index.intersection(expected.index)
        moved = table.loc[~table.index.duplicated(), "role"].reindex(known) != expected["role"].reindex(known)
        if moved.any():
            day = known[moved.to_numpy()][0]
            faults.append(f"{tier}: {moved.sum()} days have another role than params give, first {day:%Y-%m-%d}")
    for folder in run.score_folders:
        faults += _scored_days(run, folder)
    return conclude(faults, [], "dates increase, roles follow one another with purged days between")


def _roles(tier: str, table: pd.DataFrame, horizon: int) -> list[str]:
    """Roles in order, and no label that reaches into a later role."""
    role = table["role"].to_numpy(str)
    order = np.array([ROLES.index(r) if r in ROLES else -1 for r in role])
    kept = order >= 0
    if (np.diff(order[kept]) < 0).any():
        return [f"{tier}: the roles are not in the order {', '.join(ROLES)}"]
    faults = []
    place, dates, ends = np.flatnonzero(kept), table.index[kept], table["label_end"].to_numpy()[kept]
    for cut in np.flatnonzero(np.diff(order[kept]) > 0):
        if place[cut + 1] - place[cut] <= horizon or ends[cut] >= dates[cut + 1].to_datetime64():
            faults.append(f"{tier}: labels of role {role[place[cut]]} reach into role {role[place[cut + 1]]}")
    return faults


def _scored_days(run: Run, folder: str) -> list[str]:
    """Days under a score in order, with the role and the label that the bars give them."""
    table, faults = run.score_table(folder), []
    if table.empty:
        return faults
    by = table.groupby(["model", "member"], sort=False)["date"]
    if not by.apply(lambda dates: dates.is_monotonic_increasing and dates.is_unique).all():
        faults.append(f"{folder}: the days under the scores are not in order")
    expected = run.expected["role"].reindex(table["date"]).to_numpy(str)
    moved = table["role"].to_numpy(str) != expected
    if moved.any():
        faults.append(f"{folder}: {table['date'][moved].nunique()} scored days have another role than params give")
    return faults


def _labels(run: Run) -> Finding:
    faults = []
    for tier in run.params.tiers:
        table = run.table(tier)
        unknown = ~table.index.isin(run.expected.index)
        if unknown.any():
            faults.append(f"{tier}: {unknown.sum()} days of the table have no labelled bar")
        for column in ("label", "label_start", "label_end"):
            wrong = table[column][~unknown].to_numpy() != run.expected.loc[table.index[~unknown], column].to_numpy()
            if wrong.any():
                faults.append(f"{tier}: {wrong.sum()} of {len(table)} values of {column} are not those of the bars")
    for folder in run.score_folders:
        table = run.score_table(folder)
        if table.empty:
            continue
        wrong = table["label"].to_numpy() != run.expected["label"].reindex(table["date"]).to_numpy()
        if wrong.any():
            days = table["date"][wrong].nunique()
            faults.append(f"{folder}: {days} scored days have another label than the bars give")
    return conclude(faults, [], "every label is what the bars give")


def _duplicated(run: Run) -> Finding:
    faults = []
    bars = run.bars
    if bars.index.has_duplicates:
        faults.append(f"data/bars has {bars.index.duplicated().sum()} days twice")
    moving = bars["high"] > bars["low"]
    repeated = bars[moving].duplicated(["open", "high", "low", "close", "volume"])
    if repeated.mean() > SAME_BARS:
        faults.append(f"data/bars repeats {repeated.sum()} whole bars of other days")
    for tier in run.params.tiers:
        table = run.table(tier)
        if table.index.has_duplicates:
            faults.append(f"{tier}: {table.index.duplicated().sum()} days are in the table twice")
        live = table[table.index.isin(bars.index[moving])]
        same = live.duplicated(run.features(tier))
        beyond = int(same.sum()) - int(repeated.sum())  # a repeated bar may bring a repeated row along
        if beyond > 0:
            faults.append(f"{tier}: {beyond} rows repeat the features of another day")
    return conclude(faults, [], "no day is there twice, under its own date or another's")


def _one_class(run: Run) -> Finding:
    faults, warnings = [], []
    for tier in run.params.tiers:
        table = run.table(tier)
        for role, label in table.groupby("role")["label"]:
            counts = {"no": int(label.sum()), "only": int((1 - label).sum())}
            for which, count in counts.items():
                if role == PURGED:
                    continue
                if count == 0:
                    faults.append(f"{tier}: role {role} has {which} days labelled 1: nothing can be judged on it")
                elif count < FEW_POSITIVES:
                    kind = 1 if which == "no" else 0
                    warnings.append(f"{tier}: role {role} has {count} days labelled {kind}")
        absent = [role for role in ROLES if not (table["role"] == role).any()]
        faults += [f"{tier}: role {role} has no day" for role in absent]
    return conclude(faults, warnings, f"every role has {FEW_POSITIVES} or more days of either label")


CHECKS = (
    Check("shuffled-time", "days or roles out of order, or labels that reach into the next role", _shuffled),
    Check("label-differs", "labels that are not those of the bars, so that something easier is predicted", _labels),
    Check("duplicated-rows", "one day under several dates: learned on one, judged on the other", _duplicated),
    Check("role-without-positives", "a role in which every day has the same label", _one_class),
)
