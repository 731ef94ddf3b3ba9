"""Which bars a run is of, and what they are worth as data, as Markdown made from this run's numbers."""

from collections.abc import Sequence

from buysignal.report.markdown import table
from buysignal.report.words import PURGED, ROLES, Row

TITLE = "How was it made?"
NAMED = 12  # symbols
NOTHING = "The checks of quality (`python -m buysignal check`) found nothing to say."


def data_section(bars: Row, tiers: Sequence[Row]) -> list[str]:
    """Heading, the bars, what was found in them, and the roles of time.

    Parameters
    ----------
    bars : metrics/ingest.json
    tiers : metrics/featurize/<tier>.json per tier, at least one
    """
    header = ("role", "what it does", "first", "last", "rows", "positives", "base rate")
    rows = []
    for role, r in sorted(tiers[0]["roles"].items(), key=_in_time):
        counts = [f"{r['rows']:,}", f"{r['positives']:,}", f"{r['base_rate']:.3f}"]
        rows.append([role, ROLES[role], r["first"] or "–", r["last"] or "–", *counts])
    widths = ", ".join(f"{t['tier']} ({t['features']} features, {t['warmup_days']} warm-up days)" for t in tiers)
    form = f", read as {bars['form']} form" if bars["source"] == "csv" else ""
    read = "".join((form, *(f", {said}" for said in bars["understood"])))
    return [
        f"## {TITLE}",
        f"{bars['rows']:,} daily bars of {_market(bars)}, {bars['first']} to "
        f"{bars['last']}{read}; {sum(bars['dropped'].values())} rows dropped, "
        f"{bars['gaps']} gaps. Tiers: {widths}.",
        "\n".join(_finding(found) for found in bars["findings"]) or NOTHING,
        "### Roles of time",
        f"Rows are counted on tier {tiers[0]['tier']}; *positives* are the days whose buy is right.",
        table(header, rows),
    ]


def of_many(bars: Row) -> list[str]:
    """What a day is where the bars are of many symbols; nothing of one."""
    count = len(bars.get("symbols", ()))
    told = f"**Of {count:,} symbols**: a *day* here is the day of one symbol, and a buy is of one. Symbols of one date "
    told += "rise and fall together, so whatever says how sure a number is resamples dates, with all symbols of a date."
    return [told] if count else []


def _market(bars: Row) -> str:
    if symbols := bars.get("symbols"):
        named = ", ".join(symbols[:NAMED]) + ", ..." * (len(symbols) > NAMED)
        out = "".join(f"; {symbol} is left out: {why}" for symbol, why in bars["left_out"].items())
        return f"{len(symbols):,} symbols ({named}{out})"
    return f"{bars['source']} ({bars['symbol'] or 'own file'})"


def _finding(found: Row) -> str:
    """One finding as a line of a list."""
    advice = f" ({found['advice']})" if found["advice"] else ""
    return f"- **{found['level']}**: {found['text']}{advice}."


def _in_time(entry: tuple[str, Row]) -> tuple[bool, str]:
    """Sort key: roles by their first day, purged days, which lie between them, last."""
    role, counts = entry
    return role == PURGED, counts["first"] or ""
