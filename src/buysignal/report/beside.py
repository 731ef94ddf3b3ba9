"""The pages beside the report, each for one question."""

from collections.abc import Sequence
from pathlib import Path

from buysignal.core.files import read_json, read_parquet
from buysignal.report.pages.budgets import transfer_text
from buysignal.report.pages.rounds import supplement_text
from buysignal.report.pages.search import analysis_text
from buysignal.report.pages.symbols import PAGE, symbols_page
from buysignal.report.tables import judged_table, selection_text
from buysignal.search.rounds.trends import usable
from buysignal.search.study.tables import top

BEST = 5  # trials of a tier that are shown


def pages(root: Path, tiers: Sequence[str]) -> dict[str, str]:
    """Name -> Markdown of each page of the run under ``root``.

    Raises
    ------
    UserError
        If a result is missing or torn.
    """
    metrics = root / "metrics"
    analyzed, rounds = read_json(metrics / "analyze.json"), read_json(metrics / "rounds.json")
    trials = read_parquet(root / "data" / "trials" / "trials.parquet")
    search, more = trials[trials["round"] == 0], trials[trials["round"] > 0]
    told = [tier for tier in tiers if tier in analyzed["tiers"]]
    best = {t: top(usable(search[search["tier"] == t]), BEST).to_dict("records") for t in told}
    chosen = selection_text(read_json(root / "data" / "selected.json"))
    found = {
        "analysis": analysis_text(analyzed, best),
        "selection": f"{chosen}\n{judged_table(read_json(metrics / 'selection.json'))}",
    }
    if by_symbol := read_json(metrics / "symbols.json"):
        found[PAGE] = symbols_page(by_symbol)
    for row in rounds["supplement"]:
        own = more[more["tier"] == row["tier"]].to_dict("records")
        found[f"supplement-{row['tier']}"] = supplement_text(row, own)
    return found | {f"transfer-{row['tier']}": transfer_text(row) for row in rounds["transfer"]}
