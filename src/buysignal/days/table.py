"""One tier as a table: its features, the label with its interval, and the role of every day."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from buysignal.bars.symbols import age
from buysignal.core.errors import UserError
from buysignal.days.columns import LABEL_COLUMNS
from buysignal.days.labels import falls, rises
from buysignal.days.params import Label, Roles
from buysignal.days.roles import MIN_ROLE_ROWS, assign_roles, summary
from buysignal.features import extra
from buysignal.features.tiers import warmup


def label_and_role(bars: pd.DataFrame, label: Label, roles: Roles) -> pd.DataFrame:
    """Label, its mirror ``fall``, label interval and role of every bar that has a full label.

    Roles are cut on the whole calendar, before any tier loses its warm-up: every tier then judges
    the same days, and only the train role is shorter where indicators need more history.
    """
    labels = rises(bars, label)
    labels.insert(1, "fall", falls(bars, label)["label"])
    return labels.assign(role=assign_roles(labels, roles.parts, label.horizon))


def assemble(
    bars: pd.DataFrame, tier: str, label: Label, roles: Roles, own: Sequence[str] = (), cuts: int = 0
) -> pd.DataFrame:
    """The tier's table: features first, a user's ``own`` after the others, then `LABEL_COLUMNS`.

    ``own`` and ``cuts`` are as in `buysignal.features.extra.compute`.

    Returns
    -------
    DataFrame, index ``date``, of many symbols (symbol, date): one row per bar after the warm-up that has a full label.

    Raises
    ------
    UserError
        If there are too few bars for the roles or for the warm-up, or a feature of a user's own breaks a promise.
    """
    features = extra.table(bars, tier, own, cuts, less=label.horizon)  # which have no label
    if taken := [name for name in features.columns if name in LABEL_COLUMNS]:
        raise UserError(f"features.extra gives a column {taken[0]}, as what is predicted is called: rename it")
    return features.join(label_and_role(bars, label, roles), how="inner")


def require_rows(bars: pd.DataFrame, tier: str, label: Label, roles: Roles, context: int, own: int = 0) -> None:
    """Refuse bars that leave the train role of a tier too few whole windows, or windows of one label only.

    ``own`` is the warm-up of a user's own features.
    """
    lost = max(warmup(tier), own)
    labels = label_and_role(bars, label, roles)
    whole = labels[age(labels.index) >= lost + context - 1]
    train = whole.loc[whole["role"] == "train", "label"]
    kept = len(train)
    if kept < MIN_ROLE_ROWS:
        raise UserError(
            f"{len(bars):,} bars leave tier {tier} {kept} training windows after {lost} warm-up days "
            f"and a context of {context}, fewer than {MIN_ROLE_ROWS}: use more bars, a smaller tier or model.context"
        )
    if train.min() == train.max():
        raise UserError(
            f"all {kept:,} training windows of tier {tier} are labelled {train.iloc[0]}, so there is nothing to tell "
            f"apart: change {_moves(label)} or label.horizon ({label.horizon})"
        )


def _moves(label: Label) -> str:
    """The keys that say how far the price must move, and may, with their values."""
    keys = ["threshold" if label.barrier == "fixed" else "multiple", *(["stop"] if label.kind == "triple" else [])]
    return ", ".join(f"label.{key} ({getattr(label, key):g})" for key in keys)


def describe(table: pd.DataFrame, tier: str, bars: pd.DataFrame) -> dict[str, Any]:
    """Counts that a reviewer wants beside the table of a tier: features, warm-up, rows, rises and falls per role.

    ``roles`` is that of `buysignal.days.roles.summary`, with ``falls``, the rows whose mirrored label is 1.
    """
    roles = summary(table, table["role"])
    for role, counts in roles.items():
        counts["falls"] = int(table.loc[table["role"] == role, "fall"].sum())
    return {
        "tier": tier,
        "features": len(table.columns) - len(LABEL_COLUMNS),
        "warmup_days": int(age(bars.index)[bars.index.get_loc(table.index[0])]),
        "rows": len(table),
        "roles": roles,
    }
