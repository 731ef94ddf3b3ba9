"""Whether a budget's best configuration holds in the other budgets, as Markdown made from this run's numbers."""

from collections.abc import Sequence

from buysignal.report.markdown import table
from buysignal.report.pages.rounds import BUYING, READ, buying
from buysignal.report.words import Row, interval, paragraphs, shape

CHANGES = (
    "A budget is a grid of architectures under a cap. Where the best of one is not in the grid of another, it is "
    "trained there with the nearest architecture that is; its dropout, learning rate and weight decay stay."
)


def transfer_text(found: Row) -> str:
    """Verdict, the AUC matrix, and precision and recall of every cell, from metrics/rounds.json."""
    parts = [f"# Transfer between budgets on {found['tier']}", verdict(found)]
    parts += [f"Without a usable trial, so not among them: {', '.join(found['missing'])}."] if found["missing"] else []
    if found["cells"]:
        parts += ["## AUC on the rank role", _matrix(found), "## Cells", _cells(found["cells"], found["threshold"])]
    return paragraphs(parts)


def verdict(found: Row) -> str:
    """The transfer gap in a sentence or two."""
    gap = found["gap"]
    if gap is None:
        only = f"only {found['budgets'][0]} has" if found["budgets"] else "no budget has"
        return f"**Nothing can be transferred**: {only} a usable trial, and a gap needs two budgets."
    says = {
        "specialised": "Each budget's best configuration is specialised",
        "transfers": "The best configurations transfer",
        "cannot tell": "Cannot tell whether the best configurations transfer",
    }[found["verdict"]]
    over = interval(gap) if gap["low"] is None else f"{interval(gap)} over {gap['seeds']} seeds"
    side = "above" if gap["mean"] > 0 else "below"
    others = len(found["cells"]) - len(found["budgets"])
    same = found["unchanged_elsewhere"]
    kept = f" In {same} of {others} cells off the diagonal it is the same configuration, for it is legal there too."
    return (
        f"**{says}**: at home the mean AUC is {abs(gap['mean']):.4f} {side} that in other budgets (difference "
        f"{gap['mean']:+.4f}, {over}; a loss of less than {gap['margin']:g} counts as transferred)."
        f"{kept if same else ''}"
    )


def _matrix(found: Row) -> str:
    cells = {(cell["best_of"], cell["under"]): cell for cell in found["cells"]}
    rows = [
        [f"best of {source}", *(f"{cells[source, target]['auc']:.4f}" for target in found["budgets"])]
        for source in found["budgets"]
    ]
    return f"{CHANGES}\n\n" + table(("", *(f"under {budget}" for budget in found["budgets"])), rows)


def _cells(cells: Sequence[Row], threshold: float) -> str:
    header = ("cell", *BUYING, "base rate", "AUC", "width x layers x heads x ff", "parameters", "")
    rows = []
    for cell in cells:
        name, note = f"{cell['best_of']} under {cell['under']}", "collapsed" if cell["collapsed"] else ""
        measured = [f"{cell['base_rate']:.3f}", f"{cell['auc']:.4f}"]
        rows.append([name, *buying(cell), *measured, shape(cell["configuration"]), f"{cell['parameters']:,}", note])
    seeds, trials = cells[0]["seeds"], cells[0]["configurations"]
    return table(header, rows) + (
        f"\nMeans over {seeds} seeds on the rank role, of the best of {trials} trials; a buy is a score of at least "
        f"{threshold:g}. {READ}."
    )
