"""The buys of many symbols as Markdown: who earned least and most, year by year, and a page of every symbol."""

from collections.abc import Sequence

from buysignal.judge.verdict import percent, points
from buysignal.report.markdown import table
from buysignal.report.words import Row, ends, lumps, paragraphs, three

TITLE = "By symbol and year"
PAGE = "symbols"
ALONE = "One symbol's handful of buys tells nothing of that symbol, so none has an interval."
READ = (
    "*days* are days of a symbol, *base rate* is the share of them that were right whether bought or not, and *against "
    "the average* is what a trade earned more than the average symbol of the same day"
)
PARTS = ("buys", "hits", "days", "base rate", "a trade earns", "against the average")


def symbols_section(told: Row | None) -> list[str]:
    """Heading and blocks; none where bars are of one symbol, or nothing ships.

    Parameters
    ----------
    told : metrics/symbols.json
    """
    if told is None:
        return []
    return [
        f"### {TITLE}",
        f"{_who(told)} {_extremes(told)} {ALONE}",
        *lumps(told["lumps"]),
        f"By year; {READ}; an interval ({100 * told['confidence']:g} %) knows that symbols of one date are alike:",
        parts_table("year", told["years"]),
        f"Every symbol is in metrics/pages/{PAGE}.md.",
    ]


def folded(told: Row | None) -> dict[str, dict[str, str]]:
    """Every symbol for the section of the HTML page, see `buysignal.report.html.html_page`."""
    return {} if told is None else {TITLE: {"Every symbol": parts_table("symbol", _most(told))}}


def symbols_page(told: Row) -> str:
    """Worst and best, then every symbol, most buys first."""
    known = {one["name"]: one for one in told["symbols"]}
    named = [known[name] for name in (*told["worst"], *reversed(told["best"]))]
    ends_of = ["The worst, and the best:", parts_table("symbol", named)] if named else []
    lead = f"{_who(told)} {_extremes(told)} {ALONE}"
    every = [f"Every symbol, most buys first; {READ}:", parts_table("symbol", _most(told))]
    return paragraphs(["# By symbol", lead, *lumps(told["lumps"]), *ends_of, *every])


def _most(told: Row) -> list[Row]:
    """The symbols, most buys first."""
    return sorted(told["symbols"], key=lambda one: (-one["n_buys"], one["name"]))


def parts_table(kind: str, rows: Sequence[Row]) -> str:
    """Symbols or years in the order given, from `buysignal.judge.parts`; with intervals where the rows have them."""
    doubted = bool(rows) and "precision_interval" in rows[0]
    interval = ["its interval"] if doubted else []
    return table((kind, "precision", *interval, "recall", *PARTS), [_cells(one, doubted) for one in rows])


def _cells(one: Row, doubted: bool) -> list[str]:
    buys, hits = one["n_buys"], one["hits"]
    span = [ends(*one["precision_interval"]) if buys else "–"] if doubted else []
    counts = [f"{buys:,}", f"{hits:,}", f"{one['days']:,}", three(one["positives"] / one["days"])]
    money = [percent(one["mean_return"]), points(one["ahead"])] if buys else ["no trades", "–"]
    precision, recall = (three(hits / of if of else None) for of in (buys, one["positives"]))
    return [one["name"], precision, *span, recall, *counts, *money]


def _who(told: Row) -> str:
    bought, count = sum(one["n_buys"] > 0 for one in told["symbols"]), len(told["symbols"])
    buys = sum(one["n_buys"] for one in told["symbols"])
    on = f"On the {told['role']} role ({told['first']} to {told['last']})"
    if not buys:
        return f"{on} {told['name']} bought none of {count:,} symbols."
    return f"{on} {told['name']} made {buys:,} buys, of {bought:,} of {count:,} symbols."


def _extremes(told: Row) -> str:
    """Those whose buys earned least and most, by name."""
    if not told["worst"]:
        return "Too few symbols have ten buys to name a worst and a best."
    known = {one["name"]: one for one in told["symbols"]}
    worst, best = (", ".join(_named(known[name]) for name in told[end]) for end in ("worst", "best"))
    return (
        f"Of those with ten buys or more, a trade earned least in {worst}, and most in {best}: some symbol is always "
        "first, and of many the extremes are mostly luck."
    )


def _named(one: Row) -> str:
    return f"{one['name']} ({percent(one['mean_return'])} in {one['n_buys']:,} buys, {one['hits']:,} right)"
