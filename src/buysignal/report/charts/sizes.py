"""Whether more parameters or features help, and whether a budget's best configuration holds in the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import altair as alt

from buysignal.report.charts.chart import (
    BLACK,
    Chart,
    absent,
    capital,
    drawn,
    ends,
    metric_titles,
    ordered,
    records,
    series,
    shaped,
    share,
    three,
)

Row = Mapping[str, Any]
SCALING, TRANSFER = "Scaling", "Transfer matrix"
SHADES = ["#f2f7fb", "#8fc1e0"]  # light enough for black numbers


def scaling(steps: Sequence[Row], learned: Sequence[Row]) -> list[Chart]:
    """Level of every study against its size, a panel per metric.

    ``steps`` and ``learned`` are ``scaling`` and ``findings`` of metrics/analyze.json.
    """
    titles = metric_titles("and size, on the rank role")
    if not steps:
        return [absent(title, "One tier and one budget: no sizes to compare.", SCALING) for title in titles.values()]
    panels = {name: _level(_sides(steps, name), name, title) for name, title in titles.items()}
    return [replace(panel, notes=_said(learned, name)) for name, panel in panels.items()]


def _said(learned: Sequence[Row], name: str) -> list[str]:
    return [finding["text"] for finding in learned if finding["topic"].startswith(f"scaling of {name.lower()} ")]


def _sides(steps: Sequence[Row], name: str) -> list[Row]:
    """One row per study: its size, level and interval."""
    measured = "auc" if name == "AUC" else "precision"  # recall stands in the evidence of precision
    found: dict[str, Row] = {}
    for step in steps:
        for side in (step["small"], step["large"]):
            if step["metric"] == measured and side is not None:
                found.setdefault(side["study"], _side(side, name))
    return [row for _, row in sorted(found.items()) if row["level"] is not None]


def _side(side: Row, name: str) -> Row:
    tier, _, budget = side["study"].partition("-")
    seen = side["evidence"] or {}
    level = side["level"] if name != "recall" else seen.get("recall")
    low, high = seen.get(f"{name}_interval") or (None, None)
    size = {"parameters": side["parameters"], "features": side["features"]}
    return {"study": side["study"], "tier": tier, "budget": budget, **size, "level": level, "low": low, "high": high}


def _level(rows: Sequence[Row], name: str, title: str) -> Chart:
    if not rows:
        return absent(title, f"No study has a {name} to compare.", SCALING)
    scale = alt.Scale(type="log", nice=True)
    x = alt.X("parameters", type="quantitative", scale=scale, title="parameters (log scale)", axis=_sizes())
    zero, tiers, budgets = name != "AUC", *(ordered(row[key] for row in rows) for key in ("tier", "budget"))
    colour, data = series(tiers, "tier"), alt.Chart(records(rows))
    points = data.mark_point(size=90, filled=True, opacity=1)
    layers = [points.encode(x=x, y=alt.Y(**share(name, "level", zero)), color=colour, shape=shaped(budgets, "budget"))]
    spans = [row for row in rows if row["low"] is not None]
    if spans:
        span = alt.Chart(records(spans)).mark_rule(opacity=0.6)
        layers.append(span.encode(x=x, y=alt.Y(**share(name, "low", zero)), y2="high", color=colour))
    says = "A mark is a study: the level of the best part of its trials, against their median number of parameters."
    says += " Lines: the 95 % interval of one trial." if spans else ""
    table = [
        [r["study"], f"{r['parameters']:,}", f"{r['features']}", three(r["level"]), ends(r["low"], r["high"])]
        for r in rows
    ]
    header = ("study", "parameters", "features", name, "interval")
    return Chart(title, says, drawn(layers, f"{title}. {says}"), "", header, table, SCALING)


def _sizes() -> alt.Axis:
    return alt.Axis(format="~s", labelOverlap="greedy", labelSeparation=12)


def transfer(found: Row) -> list[Chart]:
    """Each budget's best configuration under every budget, a panel per metric; from metrics/rounds.json."""
    titles, cells = metric_titles(f"on {found['tier']}, on the rank role"), found.get("cells") or ()
    if not cells:
        why = "No budget of this tier has a usable trial to transfer, or only one has."
        return [absent(titles["precision"], why, TRANSFER)]
    return [_matrix(found["budgets"], cells, name, title) for name, title in titles.items()]


def _matrix(budgets: Sequence[str], cells: Sequence[Row], name: str, title: str) -> Chart:
    rows = [
        {"source": f"best of {cell['best_of']}", "target": cell["under"], "value": cell[name.lower()]}
        | {"text": f"{cell[name.lower()]:.3f}" if cell["n_buys"] or name == "AUC" else "no buys"}
        for cell in cells
    ]
    x = alt.X("target", type="nominal", scale=alt.Scale(domain=list(budgets)), title="trained as in budget")
    x.axis = alt.Axis(labelAngle=0)
    y = alt.Y("source", type="nominal", scale=alt.Scale(domain=[f"best of {b}" for b in budgets]), title=None)
    data = alt.Chart(records(rows))
    shade = alt.Color("value", type="quantitative", scale=alt.Scale(range=SHADES), legend=None)
    layers = [
        data.mark_rect(stroke="white").encode(x=x, y=y, color=shade),
        data.mark_text(fontSize=13, color=BLACK).encode(x=x, y=y, text="text:N"),
    ]
    says = f"{capital(name)} of the best configuration of the row's budget, trained in the budget of the column."
    table = [[row["source"], f"under {row['target']}", row["text"]] for row in rows]
    spec = drawn(layers, f"{title}. {says}", 44 * len(budgets))
    return Chart(title, says, spec, "", ("configuration", "budget", name), table, TRANSFER)
