"""The whole report of a run, from its results to both its forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from buysignal.core.files import read_json, read_parquet
from buysignal.core.params import LabelParams
from buysignal.report.gallery import gallery, load_drawable
from buysignal.report.html import html_page, runtime
from buysignal.report.load import load
from buysignal.report.page import blocks
from buysignal.report.pages.budgets import transfer_text
from buysignal.report.pages.rounds import supplement_text
from buysignal.report.pages.search import analysis_text
from buysignal.report.tables import judged_table, selection_text
from buysignal.search.rounds.trends import usable
from buysignal.search.study.tables import top

BEST = 5  # trials of a tier that are shown


def made(root: Path, tiers: Sequence[str], label: LabelParams, epochs: int) -> tuple[list[str], str]:
    """Blocks of the Markdown page, see `buysignal.report.page.markdown`, and the HTML file.

    Parameters
    ----------
    root : of the project
    tiers, label, epochs : as for `buysignal.report.load.load`

    Raises
    ------
    UserError
        If a result is missing or torn.
    """
    found = load(root, tiers, label, epochs)
    parts = blocks(found)
    return parts, html_page(parts, gallery(found, load_drawable(root, found)), runtime())


def pages(root: Path) -> dict[str, str]:
    """Name -> Markdown of the pages beside the report, each for one question.

    Raises
    ------
    UserError
        If a result is missing or torn.
    """
    metrics = root / "metrics"
    analyzed, rounds = read_json(metrics / "analyze.json"), read_json(metrics / "rounds.json")
    trials = read_parquet(root / "data" / "trials" / "trials.parquet")
    search, more = trials[trials["round"] == 0], trials[trials["round"] > 0]
    best = {t: top(usable(search[search["tier"] == t]), BEST).to_dict("records") for t in analyzed["tiers"]}
    chosen = selection_text(read_json(root / "data" / "selected.json"))
    found = {
        "analysis": analysis_text(analyzed, best),
        "selection": f"{chosen}\n{judged_table(read_json(metrics / 'selection.json'))}",
    }
    for row in rounds["supplement"]:
        own = more[more["tier"] == row["tier"]].to_dict("records")
        found[f"supplement-{row['tier']}"] = supplement_text(row, own)
    return found | {f"transfer-{row['tier']}": transfer_text(row) for row in rounds["transfer"]}
