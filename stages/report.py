"""One page to read, as Markdown and as HTML with charts, made from the results of this run alone."""

from pathlib import Path

from buysignal.stage import run
from buysignal.io import write_text
from buysignal.params import Params
from buysignal.report.gallery import gallery, load_drawable
from buysignal.report.html import html_page, runtime
from buysignal.report.load import load
from buysignal.report.page import blocks, markdown


def main() -> None:
    params = Params.load()
    found = load(Path(), params.tiers, params.label, params.training.epochs)
    parts, charts = blocks(found), gallery(found, load_drawable(Path(), found))
    write_text("metrics/report.html", html_page(parts, charts, runtime()))
    write_text("metrics/report.md", markdown(parts))
    print(parts[1])


if __name__ == "__main__":
    run(main)
