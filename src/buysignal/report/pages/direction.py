"""Whether the search's ten know direction or only volatility, as Markdown made from this run's numbers."""

from collections.abc import Sequence

from buysignal.report.markdown import table
from buysignal.report.words import Row, capital, signed

ENDS = {"difference": "", "cross_difference": "cross_", "excess": "excess_"}  # what their ends are called
HEADER = ("model", "AUC of rises", "AUC of falls", "difference", "rise score on falls", "difference from that")
HEADER += ("beyond the formula", "verdict")
SAYS = {
    "direction": "{} ranks rises better than falls by more than volatility explains",
    "volatility, not direction": "{} is not shown to rank rises better than falls by more than volatility explains",
    "falls better": "the same configuration, trained on the mirrored label, ranks falls better than {} ranks rises",
}


def mirror(rows: Sequence[Row]) -> list[str]:
    """How the ten were held against the mirrored label, and a table of every row of metrics/mirror.json."""
    if not rows:
        return []
    counts = {word: sum(row["verdict"] == word for row in rows) for word in (*SAYS, "cannot tell")}
    told = "; ".join(f"{word}: {count}" for word, count in counts.items() if count)
    alike = len({(row["verdict"], row["reason"]) for row in rows}) == 1  # then the reason is said once
    told += f" ({reason})" if alike and (reason := rows[0]["reason"]) else ""
    return [
        "Each of them was also trained on the mirrored label (does the lowest Low reach as far below the Close?) over "
        f"the same seeds, and both are judged on the {rows[0]['n']} days of the threshold role, {rows[0]['rises']} of "
        f"them rises and {rows[0]['falls']} falls. A score of volatility ranks both alike, except that markets are not "
        "symmetric: on the tier of the first the formula of volatility, which knows no direction, has AUC "
        f"{rows[0]['formula_rise']:.3f} for rises and {rows[0]['formula_fall']:.3f} for falls. *Beyond the formula* "
        f"takes that away from what the rise score shows. Models: {told}. An interval that includes 0 is no proof that "
        "a model knows no direction; it says that none is shown.",
        table(HEADER, [_cells(row, alike) for row in rows]),
    ]


def verdict(rows: Sequence[Row]) -> str:
    """The verdict on the first of the ten, the first row, in one sentence."""
    if not rows:
        return "**Nothing was selected**, so nothing was trained on the mirrored label."
    row = rows[0]
    if row["verdict"] == "cannot tell":
        return f"**Cannot tell direction from volatility** for {row['name']}: {row['reason']}."
    return (
        f"**{capital(row['verdict'])}, as far as these days show**: {SAYS[row['verdict']].format(row['name'])} (AUC "
        f"{row['auc_rise']:.3f} for rises; {row['auc_fall']:.3f} for falls when trained on them, a difference of "
        f"{_signed(row, 'difference')}; {row['auc_cross']:.3f} for falls by the rise score, a difference of "
        f"{_signed(row, 'cross_difference')}; beyond a formula of volatility {_signed(row, 'excess')}; "
        f"{100 * row['confidence']:g} % intervals)."
    )


def _signed(row: Row, which: str) -> str:
    """A difference with its interval."""
    low, high = (row[f"{ENDS[which]}{end}"] for end in ("low", "high"))
    return "–" if low is None else signed(row[which], low, high)


def _cells(row: Row, alike: bool) -> list[str]:
    said = ": ".join(part for part in (row["verdict"], "" if alike else row["reason"]) if part)
    own = [f"{row['auc_rise']:.3f}", f"{row['auc_fall']:.3f}", _signed(row, "difference")]
    cross = [f"{row['auc_cross']:.3f}", _signed(row, "cross_difference"), _signed(row, "excess")]
    return [row["name"], *own, *cross, said]
