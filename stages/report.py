"""One page to read, as Markdown and as HTML with charts, made from the results of this run alone."""

from pathlib import Path

from buysignal.io import write_text
from buysignal.params import Params
from buysignal.report.gallery import gallery, load_drawable
from buysignal.report.html import html_page, runtime
from buysignal.report.load import load
from buysignal.report.page import blocks, page
from buysignal.stage import run


def main() -> None:
    params = Params.load()
    found = load(Path(), params.tiers, params.label, params.training.epochs)
    charts = gallery(found, load_drawable(Path(), found))
    write_text("metrics/report.html", html_page(blocks(found), charts, runtime()))
    write_text("metrics/report.md", page(found))
    print(blocks(found)[1])


if __name__ == "__main__":
    run(main)
