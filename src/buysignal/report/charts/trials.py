"""What the trials of the search show: their history, sweet spots and gaps, importance, sizes, and the transfer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import altair as alt
import pandas as pd

from buysignal.report.charts.chart import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    RULE,
    VERMILLION,
    Chart,
    absent,
    listed,
    metric_titles,
    ordered,
    panel,
    records,
    series,
    shaped,
    share,
    tips,
)
from buysignal.report.words import Row, capital, ends, three

HISTORY, SPOTS, IMPORTANCE = "Trial history", "Sweet spots and gaps", "Parameter importance"
PROMISING, TRIED, UNTESTED, PAST = "promising", "tried", "untested", "past the end of what was tried"
SCALING, TRANSFER = "Scaling", "Transfer matrix"
SHADES = [0.05, 0.4]  # light enough for the numbers on them


def history(trials: pd.DataFrame) -> list[Chart]:
    """Precision, recall and AUC of every measured trial in the order of the search, from plots/trials.csv."""
    titles = metric_titles("on the rank role")
    if trials.empty:
        return [absent(title, "No trial was completed.", HISTORY) for title in titles.values()]
    split = trials["study"].astype(str).str.split("-", n=1)
    rows = trials.assign(tier=split.str[0], budget=split.str[1])
    return [_measured(rows, name, title) for name, title in titles.items()]


def _measured(trials: pd.DataFrame, name: str, title: str) -> Chart:
    field = name.lower()
    shown = trials if name != "precision" else trials[trials["n_buys"] > 0]
    left_out = len(trials) - len(shown)
    if shown.empty:
        return absent(title, f"None of {len(trials)} trials bought on any day, so none has a precision.", HISTORY)
    rows = shown[["trial", "study", "tier", "budget", field]].to_dict("records")
    tiers, budgets = (ordered(trials[key]) for key in ("tier", "budget"))
    mark = alt.Chart(records(rows)).mark_point(size=60, strokeWidth=1.8, opacity=0.9)
    points = mark.encode(
        x=alt.X("trial", type="quantitative", title="trial of each study", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y(**share(name, field, zero=name != "AUC")),
        color=series(tiers, "tier"),
        shape=shaped(budgets, "budget"),
        tooltip=tips(study="study", trial="trial|d", **{field: f"{name}|.3f"}),
    )
    says = "A mark is a trial: its colour says the tier of features, its shape the budget."
    if name == "precision":
        says += f" Left out: {left_out} that bought on no day." if left_out else " Every trial bought on some day."
    table = [[str(row["study"]), str(int(row["trial"])), three(row[field])] for row in rows]
    return panel(title, says, [points], ("study", "trial", name), table, group=HISTORY)


def sweet_spots(tiers: Mapping[str, Row], learned: Sequence[Row], objective: str) -> list[Chart]:
    """Every value tried in every dimension and what was left untested, a panel per tier.

    Parameters
    ----------
    tiers, learned : ``tiers`` and ``findings`` of metrics/analyze.json
    objective : what the search maximised
    """
    if not tiers:
        return [absent("What was tried", "No tier was analysed.", SPOTS)]
    return [
        replace(_spots(tier, tiers[tier], objective), notes=said(learned, tier, tiers[tier].get("dimensions", ())))
        for tier in ordered(tiers)
    ]


def said(learned: Sequence[Row], where: str, topics: Collection[str]) -> list[str]:
    """What was found in one place about some topics, a sentence each."""
    return [finding["text"] for finding in learned if finding["where"] == where and finding["topic"] in topics]


def _spots(tier: str, found: Row, objective: str) -> Chart:
    title = f"What was tried on {tier}, and what was not"
    if found["missing"]:
        return absent(title, f"Nothing can be learned here: {found['missing']}.", SPOTS)
    rows = [row for name, dimension in found["dimensions"].items() for row in _values(name, dimension)]
    means = [row["mean"] for row in rows if row["mean"] is not None]
    low, high = min(means), max(means)
    pad = max((high - low) / 4, 0.005)
    domain = [low - pad, high + pad]
    says = (
        f"Mean {objective} of the complete trials with a value. Filled circle: promising, for it is in the top "
        f"{found['top']} of {found['complete']} more often than a trial at large, or best supported. Cross: untested "
        "before the supplementary rounds, next to a promising value or past the end of what was tried. Lines are t "
        "intervals at the level analyze.confidence, cut where they leave the panel."
    )
    layers = _spot_layers(rows, domain, objective)
    table = [[r["who"], r["kind"], str(r["count"]), three(r["mean"]), ends(r["low"], r["high"])] for r in rows]
    header = ("value", "kind", "trials", f"mean {objective}", "interval")
    return panel(title, says, layers, header, table, 17 * len(rows), SPOTS)


def _values(name: str, dimension: Row) -> list[Row]:
    """Tried and untested values of one dimension, ascending."""
    tried = [
        {"who": f"{name} {value}", "at": float(value), "kind": PROMISING if v["promising"] else TRIED}
        | {key: v[key] for key in ("count", "mean", "low", "high")}
        for value, v in dimension["values"].items()
    ]
    nothing = {"count": 0, "mean": None, "low": None, "high": None}
    left = [
        {"who": f"{name} {value}", "at": float(value), "kind": kind, **nothing}
        for kind, values in ((UNTESTED, dimension["gaps"]), (PAST, dimension["beyond"]))
        for value in values
    ]
    return sorted([*tried, *left], key=lambda row: row["at"])


def _spot_layers(rows: Sequence[Row], domain: Sequence[float], objective: str) -> list[alt.Chart]:
    y = listed([row["who"] for row in rows])
    scale = alt.Scale(domain=list(domain), zero=False, nice=False)
    x = alt.X("mean", type="quantitative", scale=scale, title=f"mean {objective}")
    spans = [row for row in rows if row["low"] is not None]
    clipped = [{"who": r["who"], "low": max(r["low"], domain[0]), "high": min(r["high"], domain[1])} for r in spans]
    tried = {kind: [row for row in rows if row["kind"] == kind] for kind in (PROMISING, TRIED)}
    untested = alt.Chart(records([row for row in rows if row["mean"] is None]))
    said = tips(who="value", count="trials|d", mean=f"mean {objective}|.3f", low="at least|.3f", high="at most|.3f")
    span = alt.Chart(records(clipped)).mark_rule(color=RULE, strokeWidth=2)
    filled = alt.Chart(records(tried[PROMISING])).mark_point(filled=True, size=80, color=BLUE, opacity=1)
    hollow = alt.Chart(records(tried[TRIED])).mark_point(size=60, color=GREY, opacity=1)
    return [
        span.encode(y=y, x=alt.X("low", type="quantitative", scale=scale, title=f"mean {objective}"), x2="high"),
        filled.encode(y=y, x=x, tooltip=said),
        hollow.encode(y=y, x=x, tooltip=said),
        untested.mark_point(shape="cross", size=50, color=VERMILLION, opacity=1).encode(y=y, x=alt.value(10)),
        untested.mark_text(align="left", color=INK, fontSize=11).encode(y=y, x=alt.value(20), text="kind:N"),
    ]


def importance(tiers: Mapping[str, Row], learned: Sequence[Row]) -> list[Chart]:
    """What matters for the objective, a panel per tier; ``tiers`` and ``findings`` of metrics/analyze.json."""
    if not tiers:
        return [absent("What matters", "No tier was analysed.", IMPORTANCE)]
    panels = {tier: _importance(tier, tiers[tier]) for tier in ordered(tiers)}
    return [replace(chart, notes=said(learned, tier, ["importance"])) for tier, chart in panels.items()]


def _importance(tier: str, found: Row) -> Chart:
    title = f"What matters on {tier}"
    if not found["importance"]:
        return absent(title, f"There are too few trials to say ({found['missing'] or found['complete']}).", IMPORTANCE)
    rows = [{"who": one["name"], **one} for one in found["importance"]]
    y, x = listed([row["who"] for row in rows]), alt.X(**share("share", "pedanova"))
    settled = alt.condition(alt.datum.verdict == "holds", alt.value(1), alt.value(0.3))
    said = tips(who="dimension", pedanova="PED-ANOVA|.1%", fanova="fANOVA|.1%", p_value="p|.2g", verdict="verdict")
    bar = alt.Chart(records(rows)).mark_bar(color=BLUE, stroke=BLUE).encode(y=y, x=x, fillOpacity=settled, tooltip=said)
    other = alt.Chart(records(rows)).mark_point(shape="diamond", filled=True, size=80, color=ORANGE, stroke=INK)
    says = (
        "Bar: what tells the top from the other trials (PED-ANOVA), dark where a shuffled objective seldom gives as "
        "much. Diamond: what explains the objective (fANOVA)."
    )
    shown = other.encode(y=y, x=alt.X(**share("share", "fanova")), tooltip=said)
    table = [
        [r["who"], f"{r['pedanova']:.1%}", f"{r['fanova']:.1%}", f"{r['p_value']:.2g}", r["verdict"]] for r in rows
    ]
    header = ("dimension", "PED-ANOVA", "fANOVA", "p", "verdict")
    return panel(title, says, [bar, shown], header, table, 26 * len(rows), IMPORTANCE)


def scaling(steps: Sequence[Row], learned: Sequence[Row]) -> list[Chart]:
    """Level of every study against its size, a panel per metric.

    ``steps`` and ``learned`` are ``scaling`` and ``findings`` of metrics/analyze.json.
    """
    titles = metric_titles("and size, on the rank role")
    if not steps:
        return [absent(title, "One tier and one budget: no sizes to compare.", SCALING) for title in titles.values()]
    panels = {name: _level(_sides(steps, name), name, title) for name, title in titles.items()}
    return [replace(chart, notes=_said(learned, name)) for name, chart in panels.items()]


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
    said = tips(study="study", parameters="parameters|,", features="features|,", level=f"{name}|.3f")
    points = data.mark_point(size=90, filled=True, opacity=1).encode(tooltip=said)
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
    return panel(title, says, layers, header, table, group=SCALING)


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
    shade = alt.FillOpacity("value", type="quantitative", scale=alt.Scale(range=SHADES), legend=None)
    said = tips(source="configuration", target="trained as in", text=name)
    layers = [
        data.mark_rect(color=BLUE, stroke=RULE).encode(x=x, y=y, fillOpacity=shade, tooltip=said),
        data.mark_text(fontSize=13, color=INK).encode(x=x, y=y, text="text:N"),
    ]
    says = f"{capital(name)} of the best configuration of the row's budget, trained in the budget of the column."
    table = [[row["source"], f"under {row['target']}", row["text"]] for row in rows]
    return panel(title, says, layers, ("configuration", "budget", name), table, 44 * len(budgets), TRANSFER)
