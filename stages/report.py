"""One page to read, made from the metrics of this run alone."""

from pathlib import Path

from buysignal.io import write_text
from buysignal.params import Params
from buysignal.report.load import load
from buysignal.report.page import page
from buysignal.stage import run


def main() -> None:
    params = Params.load()
    text = page(load(Path(), params.tiers, params.label, params.training.epochs))
    write_text("metrics/report.md", text)
    print(text.split("\n\n")[1])


if __name__ == "__main__":
    run(main)
