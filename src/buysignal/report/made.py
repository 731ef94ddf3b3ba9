"""The whole report of a run, from its results to both its forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from buysignal.days.params import Label
from buysignal.report.gallery import gallery, load_drawable
from buysignal.report.html import html_page, runtime
from buysignal.report.load import load
from buysignal.report.page import blocks


def made(root: Path, tiers: Sequence[str], label: Label, epochs: int) -> tuple[list[str], str]:
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
