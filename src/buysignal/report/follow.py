"""The page of a journal: what was promised, what came, and whether the promise still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from buysignal.bars.symbols import dates_of
from buysignal.judge.best_of_day import rule_in_words
from buysignal.judge.drift import Drift
from buysignal.judge.paired import MIN_BUYS
from buysignal.judge.sequential import BROKEN, EARLY
from buysignal.judge.verdict import percent
from buysignal.report.charts.followed import drawn
from buysignal.report.html import html_page
from buysignal.report.markdown import table
from buysignal.report.tables import years_table
from buysignal.report.words import earned, ends, three
from buysignal.ship.journal.followed import Followed

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
        parts += ["## By year", years_table([(one.year, one.evidence, one.mean) for one in found.years])]
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
