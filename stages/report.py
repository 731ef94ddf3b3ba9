"""One page to read, made from the metrics of this run alone."""

from buysignal.io import read_json, write_text
from buysignal.params import Params
from buysignal.report.page import Findings, page
from buysignal.stage import run


def main() -> None:
    params = Params.load()
    label = params.label
    analyzed = read_json("metrics/analyze.json")
    days = "the next day" if label.horizon == 1 else f"the next {label.horizon} days"
    found = Findings(
        ingest=read_json("metrics/ingest.json"),
        tiers=[read_json(f"metrics/featurize/{tier}.json") for tier in params.tiers],
        searches=analyzed["coverage"],
        learned=analyzed["findings"],
        supplements=[read_json(f"metrics/supplement/{tier}.json") for tier in params.tiers],
        transfers=[read_json(f"metrics/transfer/{tier}.json") for tier in params.tiers],
        judged=read_json("metrics/selection.json"),
        selection=read_json("data/selected.json"),
        train=read_json("metrics/train.json"),
        sweep=read_json("metrics/sweep.json"),
        epochs=params.training.epochs,
        label=f"the highest High of {days} is at least {label.threshold:.2%} above the Close",
    )
    text = page(found)
    write_text("metrics/report.md", text)
    print(text.split("\n\n")[1])


if __name__ == "__main__":
    run(main)
