"""The page of a journal: what was promised, what came, and whether the promise still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from buysignal.bars.symbols import dates_of
from buysignal.judge.best_of_day import rule_in_words
from buysignal.judge.drift import Drift
from buysignal.judge.paired import MIN_BUYS
from buysignal.judge.sequential import BROKEN, EARLY
from buysignal.judge.verdict import percent
from buysignal.report.charts.chart import BLUE, GREY, RULE, VERMILLION, Chart, panel, records
from buysignal.report.html import html_page
from buysignal.report.tables import table
from buysignal.report.words import earned, ends, three
from buysignal.ship.journal.followed import Followed

PROMISED, CAME = "promised", "realised"
YEARS = ("year", "precision", "its interval", "recall", "buys", "base rate", "a trade earns")
TRIED = (
    "tried on",
    "model",
    "data to",
    "days",
    "precision",
    "its interval",
    "recall",
    "its interval",
    "AUC, new - old",
)
TRIED += ("at least", "decided")
ALARM = 20  # capital at which a promise is called broken
MOST_POINTS = 2_000  # of a line


@dataclass(frozen=True)
class Moved:
    """How the days that came differ from those before: their features from the train role, the score from its test
    role; a text says why that cannot be told."""

    features: Drift | str
    score: Drift | str


def page(found: Followed, moved: Moved, script: str) -> str:
    """The page as one HTML file; ``script`` is that of `buysignal.report.html.runtime`."""
    title = f"# {found.name}: is the promise kept?"
    charts = {"What was promised and what came": drawn(found)}
    return html_page([title, *blocks(found, moved)], charts, script)


def blocks(found: Followed, moved: Moved) -> list[str]:
    """Paragraphs, headings and tables, as Markdown; the first is the verdict."""
    parts = [f"**{headline(found)}** {because(found)}", since_when(found)]
    parts += ["## What was promised and what came", *compared(found)]
    if found.years:
        parts += ["## By year", _years(found)]
    if len(found.known):
        parts += ["## Money", _traded(found)]
    if found.retrained:
        parts += ["## New models that were tried", _tried(found)]
    parts += ["## Do the days look like those it learned from?", drifted(moved.features), scores_drifted(moved.score)]
    return [*parts, warned(found)]


def headline(found: Followed) -> str:
    """The verdict in a few words."""
    kept = found.kept
    if kept.verdict == BROKEN:
        return f"Broken since {kept.since:%Y-%m-%d}, found on {kept.alarm:%Y-%m-%d}."
    return "Too early to tell." if kept.verdict == EARLY else "It holds."


def because(found: Followed) -> str:
    """Why that is the verdict."""
    kept, floor, base = found.kept, found.promise["floor"], found.promise["base_rate"]
    n = len(kept.e)
    if kept.verdict == BROKEN:
        return (
            f"Of a model that keeps its promise, a precision of at least {three(floor)}, this would be said in at "
            "most 5 of 100 cases, however long it is followed."
        )
    if kept.verdict == EARLY and kept.needed is None:
        return (
            f"The promise, a precision of at least {three(floor)}, is so near to the base rate, {three(base)}, or "
            "below it, that a model without skill would go unnoticed for decades."
        )
    if kept.verdict == EARLY:
        return (
            f"{_days(n)} with a buy came to an end; after {kept.needed:,} a model that does no better than chance "
            f"({three(base)}) would have been found out in 4 of 5 cases: {kept.more:,} more."
        )
    return (
        f"{_days(n)} with a buy came to an end and nothing speaks against a precision of at least {three(floor)}; a "
        f"model that does no better than chance ({three(base)}) would have been found out after {kept.needed:,} in 4 "
        "of 5 cases."
    )


def since_when(found: Followed) -> str:
    """What is followed: rule, days, and answers that came late."""
    promise, rows = found.promise, found.rows
    rule = rule_in_words(promise["threshold"], promise["per_day"]) if promise["per_day"] else None
    rule = f"bought are {rule}" if rule else f"a buy is a score of {promise['threshold']:.3f} or more"
    if not len(rows):
        return f"Of each day {rule}. No day has been answered yet."
    days = dates_of(rows.index).unique().sort_values()
    late = int(rows["late"].sum())
    told = f" {late:,} of {len(rows):,} answers were put down when a later bar was there already." if late else ""
    return (
        f"Followed from {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}, {_days(len(days))}; {rule}, whether or "
        f"not it was said aloud.{told} The floor that was promised is {promise['by']}."
    )


def _traded(found: Followed) -> str:
    """What the buys earned; of very few an interval has no meaning, and none is told."""
    if found.money is not None and len(found.kept.e) < MIN_BUYS:
        mean = percent(found.money.mean)
        return f"Too few trades, {found.money.trades:,}, to say what they earn; after costs the mean is {mean}."
    return earned(found.money, len(dates_of(found.known.index).unique()))


def compared(found: Followed) -> list[str]:
    """Promised beside realised, precision first."""
    promise, seen = found.promise, found.evidence
    rows = []
    for name in ("precision", "recall"):
        came = ["–", "–"]
        if seen is not None and seen.n_buys:
            came = [three(getattr(seen, name)), ends(*getattr(seen, f"{name}_interval"))]
        rows.append([name, three(promise[name]), ends(*promise[f"{name}_interval"]), *came])
    shown = found.kept
    if len(shown.low):
        rows[0] += [ends(shown.low[-1], shown.high[-1])]
        rows[1] += ["–"]
    base = "–" if seen is None else three(seen.base_rate)
    buys = "–" if seen is None else f"{seen.n_buys:,}"
    rest = ["–"] * bool(len(shown.low))
    rows += [["base rate", three(promise["base_rate"]), "–", base, "–", *rest]]
    rows += [["buys", f"{promise['n_buys']:,}", "–", buys, "–", *rest]]
    header = ["", "promised", "its interval", "realised", "its interval"]
    return [table([*header, *(["bounds that may be looked at daily"] * bool(rest))], rows)]


def drifted(moved: Drift | str) -> str:
    """Which features moved, or why that cannot be said."""
    if isinstance(moved, str):
        return f"Not compared: {moved}."
    named = ", ".join(f"`{name}`" for name in moved.beyond())
    count = int((moved.table["larger"] == 0).sum())
    told = f"{count} of {len(moved.table)} features lie further off than in any stretch of the train role as long"
    told += f" ({named}{' and others' if count > len(moved.beyond()) else ''})" if named else ""
    return (
        f"The last {_days(moved.days)} against {moved.stretches} stretches of the train role of the same length, by "
        f"the population stability index: {told}. If nothing had changed, about {moved.by_chance:.0f} would. Over all "
        f"features together {100 * moved.overall:.0f} of 100 stretches lie further off."
    )


def scores_drifted(moved: Drift | str) -> str:
    """Whether the score moved, or why that cannot be said."""
    if isinstance(moved, str):
        return f"Scores were not compared: {moved}."
    further = float(moved.table["larger"].iloc[0])
    return (
        f"Its scores of the last {_days(moved.days)} against stretches of the test role of the same length: "
        f"{100 * further:.0f} of 100 lie further off."
    )


def warned(found: Followed) -> str:
    """On how many answers `predict` warned, by the kind of its warning."""
    kinds = found.rows["warnings"].str.split().explode().dropna().value_counts()
    rows = len(found.rows)
    if not len(kinds):
        return f"`predict` warned on none of {rows:,} answers."
    told = ", ".join(f"{kind} on {count:,}" for kind, count in kinds.items())
    return f"`predict` warned on some of {rows:,} answers: {told}."


def drawn(found: Followed) -> list[Chart]:
    """The picture that matters, the capital of who doubts, and what the buys earned."""
    if not len(found.kept.e):
        return []
    return [_precision(found), _capital(found), _earned(found)]


def _points(found: Followed) -> pd.DataFrame:
    """A row per buying day whose outcome is known: when, precision so far, its bounds, and the capital."""
    kept, known = found.kept, found.known
    days = dates_of(found.rows.index).unique().sort_values()
    bought = known[known["above"]]
    by_day = bought.groupby(dates_of(bought.index))["label"].agg(["sum", "count"]).reindex(days[kept.at]).fillna(0)
    so_far = by_day["sum"].cumsum() / by_day["count"].cumsum().clip(lower=1)
    when = days[np.minimum(kept.at + found.promise["horizon"], len(days) - 1)]
    rows = {"date": [f"{day:%Y-%m-%d}T00:00:00" for day in when], "precision": so_far.to_numpy()}
    frame = pd.DataFrame(rows | {"low": kept.low, "high": kept.high, "capital": np.clip(kept.e, 1e-3, 1e6)})
    step = -(-len(frame) // MOST_POINTS)
    return frame.iloc[np.unique(np.r_[np.arange(0, len(frame), step), len(frame) - 1])].round(4)


def _time() -> alt.X:
    return alt.X("date", type="temporal", title=None, axis=alt.Axis(format="%b %Y", labelOverlap="greedy"))


def _precision(found: Followed) -> Chart:
    points, promise = _points(found), found.promise
    low, high = promise["precision_interval"]
    y = {"type": "quantitative", "title": "precision so far", "scale": alt.Scale(domain=[0, 1])}
    ends_ = [{"date": points["date"].iloc[at], "low": low, "high": high} for at in (0, -1)]
    band = alt.Chart(records(ends_)).mark_area(color=GREY, opacity=0.25).encode(_time(), alt.Y("low", **y), y2="high")
    rules = [
        {"at": promise["floor"], "what": "promised: at least"},
        {"at": promise["base_rate"], "what": "base rate promised"},
    ]
    rule = (
        alt.Chart(records(rules))
        .mark_rule(strokeDash=[6, 3])
        .encode(alt.Y("at", **y), alt.Color("what", type="nominal", scale=_legend()))
    )
    base = alt.Chart(records(points.assign(what="realised, so far").to_dict("records")))
    bounds = base.mark_area(color=BLUE, opacity=0.15).encode(_time(), alt.Y("low", **y), y2="high")
    line = base.mark_line(strokeWidth=2.5).encode(
        _time(), alt.Y("precision", **y), alt.Color("what", type="nominal", scale=_legend())
    )
    says = (
        "Grey: the interval of what was seen before it shipped. Blue: precision of all buys so far, in bounds that "
        "hold on all days at once. The promise is in doubt where the blue band lies below the red line."
    )
    header = ("day", "precision so far", "at least", "at most")
    rows = [
        [day[:10], three(p), three(a), three(b)]
        for day, p, a, b in points[["date", "precision", "low", "high"]].iloc[:: max(1, len(points) // 40)].to_numpy()
    ]
    return panel("Promised and realised precision", says, [bounds, band, rule, line], header, rows, 320, wide=True)


def _legend() -> alt.Scale:
    return alt.Scale(
        domain=["realised, so far", "promised: at least", "base rate promised"], range=[BLUE, VERMILLION, RULE]
    )


def _capital(found: Followed) -> Chart:
    points = _points(found)
    y = {"type": "quantitative", "title": "capital", "scale": alt.Scale(type="log"), "axis": alt.Axis(format="~g")}
    line = alt.Chart(records(points.to_dict("records"))).mark_line(color=BLUE).encode(_time(), alt.Y("capital", **y))
    at = alt.Chart(records([{"capital": ALARM}])).mark_rule(color=VERMILLION, strokeDash=[6, 3])
    says = (
        f"Who bets 1 against the promise, at fair odds if it is kept, owns this much. At {ALARM} (red) the promise is "
        "called broken: of kept promises that happens to 5 of 100 at most, ever."
    )
    rows = [
        [day[:10], f"{value:.3g}"]
        for day, value in points[["date", "capital"]].to_numpy()[:: max(1, len(points) // 40)]
    ]
    return panel(
        "Capital of who bets against it", says, [line, at.encode(alt.Y("capital", **y))], ("day", "capital"), rows
    )


def _earned(found: Followed) -> Chart:
    bought = found.known[found.known["above"]]
    net = (bought["earned"] - found.promise["cost"]).groupby(dates_of(bought.index)).mean()
    points = pd.DataFrame(
        {"date": [f"{day:%Y-%m-%d}T00:00:00" for day in net.index], "sum": 100 * net.cumsum().to_numpy()}
    )
    y = {"type": "quantitative", "title": "sum of returns, percent"}
    line = alt.Chart(records(points.round(3).to_dict("records"))).mark_line(color=BLUE, interpolate="step-after")
    zero = alt.Chart(records([{"sum": 0}])).mark_rule(color=RULE, strokeDash=[4, 4]).encode(alt.Y("sum", **y))
    says = (
        "Each day with a buy adds the mean return of its buys after costs, as if the same amount were put in each "
        f"time: {percent(float(net.sum()))} in all."
    )
    rows = [[day[:10], f"{value:.2f}"] for day, value in points.to_numpy()[:: max(1, len(points) // 40)]]
    return panel(
        "What the buys earned", says, [zero, line.encode(_time(), alt.Y("sum", **y))], ("day", "percent"), rows
    )


def _years(found: Followed) -> str:
    rows: list[Sequence[str]] = []
    for year in found.years:
        at = year.evidence
        bought = [three(at.precision), ends(*at.precision_interval), three(at.recall)] if at.n_buys else ["–"] * 3
        mean = "no trades" if year.mean is None else percent(year.mean)
        rows.append([str(year.year), *bought, f"{at.n_buys:,}", three(at.base_rate), mean])
    return table(YEARS, rows)


def _days(n: int) -> str:
    return f"{n:,} day{'s' * (n != 1)}"


def _tried(found: Followed) -> str:
    """Two rows for each decision of `retrain`: the model that answered then, and the one that was held against it."""
    rows: list[Sequence[str]] = []
    for line in found.retrained:
        seen = line["compared"]
        area = [f"{seen['auc_difference']:+.3f}", f"{seen['auc_difference_low']:+.3f}", line["decision"]]
        for who, until, rest in (("old", "–", ["–"] * 3), ("new", line["until"], area)):
            one = seen[who]
            told = [three(one["precision"]), ends(*one["precision_interval"])] if one["n_buys"] else ["–"] * 2
            told += [three(one["recall"]), ends(*one["recall_interval"])]
            rows.append([line["date"], f"{line['names'][who]} ({who})", until, f"{seen['n']:,}", *told, *rest])
    return table(TRIED, rows)
