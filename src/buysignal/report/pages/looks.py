"""The ledger of looks at the test role as a table."""

from collections.abc import Sequence

from buysignal.judge.best_of_day import the_best
from buysignal.report.markdown import table
from buysignal.report.words import Row, shares

HEADER = ("look", "market", "first day", "last day", "first", "threshold", "precision", "interval", "recall")
HEADER += ("its interval", "buys", "others", "seal")


def ledger_section(entries: Sequence[Row]) -> list[str]:
    """Heading, how to read it, and one line per look, from metrics/ledger.jsonl."""
    if not entries:
        return []
    return [
        "### Ledger of the test role",
        "Every look at the test role adds a line that names what was registered before it was opened and what was then "
        "seen. *First* is what was registered first: what ships, and in older lines the first of the search's ten. "
        "Each line is sealed and chained to the line before.",
        table(HEADER, [_line(entry) for entry in entries]),
    ]


def _line(entry: Row) -> list[str]:
    data, seen, registered = entry["data"], entry["results"], entry["registered"]
    first, per_day = registered["headline"], registered.get("per_day")
    at = f"{the_best(per_day)} of a day" if per_day else first and f"{first['threshold']:.6f}"
    who = ["none", "–"] if first is None else [first["name"], at]
    bought = ["–"] * 4
    if seen.get("n_buys"):
        bought = shares(seen, "precision", "recall")
    others = str(len(registered["others"]))
    when = [str(entry["number"]), data["market"], data["first"], data["last"]]
    return [*when, *who, *bought, str(seen.get("n_buys", "–")), others, entry["seal"][:12]]
