"""The whole report of a run: its results, read back from the JSON of the stages, and both its forms."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from buysignal.core.errors import UserError
from buysignal.core.files import read_json
from buysignal.days.labels import in_words
from buysignal.days.params import Label
from buysignal.report.gallery import drawn, gallery, load_drawable
from buysignal.report.html import html_page, runtime
from buysignal.report.page import Findings, blocks, card, markdown
from buysignal.report.pages import closed
from buysignal.report.pages.symbols import folded
from buysignal.ship import ledger


def made(root: Path, tiers: Sequence[str], label: Label, epochs: int, page: str = "") -> tuple[str, str, str]:
    """The verdict, the Markdown page and the HTML file.

    Parameters
    ----------
    root : of the project
    tiers, label, epochs : of its params.yaml
    page : the HTML file made before, if there is one, see `runtime`

    Raises
    ------
    UserError
        If a result is missing or torn, or the ledger is damaged.
    """
    found = _load(root, tiers, label, epochs)
    parts, shown = blocks(found), load_drawable(root, found)
    said = drawn(card(found), found.tear, shown.equity)
    html = html_page(parts, gallery(found, shown), runtime(page), folded(found.symbols), said)
    return said.blocks()[0], markdown(parts, said), html


def _load(root: Path, tiers: Sequence[str], label: Label, epochs: int) -> Findings:
    metrics = root / "metrics"
    analyzed, trained = read_json(metrics / "analyze.json"), read_json(metrics / "train.json")
    looks, rounds = ledger.read(metrics / "ledger.jsonl"), read_json(metrics / "rounds.json")
    choice, selection = read_json(metrics / "choice.json"), read_json(root / "data" / "selected.json")
    found = Findings(
        ingest=read_json(metrics / "ingest.json"),
        tiers=[read_json(metrics / "featurize" / f"{tier}.json") for tier in tiers],
        searches=analyzed["coverage"],
        learned=analyzed["findings"],
        supplements=rounds["supplement"],
        transfers=rounds["transfer"],
        judged=read_json(metrics / "selection.json"),
        selection=selection,
        choice=choice,
        train=trained,
        tear=read_json(metrics / "tear.json"),
        sweep=read_json(metrics / "sweep.json"),
        board=read_json(metrics / "snooping.json"),
        searched=read_json(metrics / "overfitting.json"),
        calibrated=read_json(metrics / "calibration.json"),
        mirrored=read_json(metrics / "mirror.json"),
        looks=closed.looks(why, looks) if (why := trained["unopened"]) else ledger.summary(looks, trained["look"]),
        compared=read_json(root / "data" / "compared.json"),
        symbols=read_json(metrics / "symbols.json"),
        walked=read_json(metrics / "walk.json"),
        ledger=[asdict(entry) for entry in looks],
        epochs=epochs,
        label=in_words(label),
    )
    if found.shipped and found.chosen is None:
        raise UserError(f"{root / 'data/selected.json'} does not have {found.shipped}, which ships: run `dvc repro`")
    return found
