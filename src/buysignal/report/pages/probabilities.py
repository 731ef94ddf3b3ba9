"""What the contenders' scores are worth as probabilities, as Markdown made from this run's numbers."""

from collections.abc import Sequence

from buysignal.report.markdown import table
from buysignal.report.words import Row, ends, three

HEADER = ("contender", "map", "log loss", "of the score itself", "calibration error", "by chance", "note")


def calibration_section(rows: Sequence[Row]) -> list[str]:
    """Paragraphs and tables of the report, from metrics/calibration.json; the first row is of what ships."""
    parts = ["### Scores as probabilities"]
    if not rows:
        return [*parts, "No contender has an operating point, so there is nothing to calibrate."]
    parts += [
        "Decisions to buy are made on the raw score; a calibrated probability only says what a score is worth. Maps "
        "are fitted on the calibrate role and judged on the threshold role, the lowest log loss is taken there, and "
        "the score itself (*none*) competes. No map can make a contender more precise: the days keep their order.",
        _verdict(rows),
        table(HEADER, [_line(row) for row in rows]),
    ]
    return parts + _reliability(rows[0])


def _verdict(rows: Sequence[Row]) -> str:
    judged = [row for row in rows if row["judged"]]
    if not judged:
        return "No map could be judged; the note says why. Read the scores as ranks, not as probabilities."
    mapped = [row for row in judged if row["chosen"] != "none"]
    if not mapped:
        return "No map beats the score itself for any contender: the scores are shown as they are."
    kept = len(judged) - len(mapped)
    others = f"; for {kept} no map beats the score itself" if kept else ""
    return f"A map lowers the log loss of {len(mapped)} of {len(judged)} contenders{others}."


def _line(row: Row) -> list[str]:
    note = row["reason"] if "none" not in row["judged"] or len(row["judged"]) == 1 else ""
    if not row["judged"]:
        return [row["name"], row["chosen"], *["–"] * 4, note]
    chosen, before = row["judged"][row["chosen"]], row["judged"]["none"]
    figures = (chosen["log_loss"], before["log_loss"], chosen["ece"], chosen["ece_by_chance"])
    return [row["name"], row["chosen"], *(three(figure) for figure in figures), note]


def _reliability(row: Row) -> list[str]:
    """The bins of what ships, with what they can be used for."""
    if not row["judged"]:
        return []
    chosen, before = row["judged"][row["chosen"]], row["judged"]["none"]
    outside = [b for b in chosen["bins"] if not b["low"] <= b["predicted"] <= b["high"]]
    lines = [
        [
            f"{number} of {len(chosen['bins'])}",
            three(b["predicted"]),
            three(raw["predicted"]),
            three(b["observed"]),
            ends(b["low"], b["high"]),
            str(b["n"]),
        ]
        for number, (b, raw) in enumerate(zip(chosen["bins"], before["bins"]), start=1)
    ]
    where = (
        f"In {len(outside)} of {len(lines)} bins the probability lies outside the 95 % interval of what was observed"
    )
    use = (
        "do not size a position by it"
        if len(outside) > 1
        else "these days give no reason against it, to the width of these intervals; it was chosen on them, so the "
        "test role has the last word"
    )
    good = f"{where} (by chance about 1 in 20 does): {use}."
    return [
        f"Reliability of {row['name']} on the threshold role, days in bins of rising score. {good}",
        table(("bin", "probability", "score", "observed", "95 % interval", "days"), lines),
    ]
