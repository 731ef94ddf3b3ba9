"""One page to read, made from the metrics of this run alone."""

from buysignal import ledger
from buysignal.io import read_json, write_text
from buysignal.labels import in_words
from buysignal.params import Params
from buysignal.report.page import Findings, page
from buysignal.stage import run


def main() -> None:
    params = Params.load()
    analyzed = read_json("metrics/analyze.json")
    trained = read_json("metrics/train.json")
    found = Findings(
        ingest=read_json("metrics/ingest.json"),
        tiers=[read_json(f"metrics/featurize/{tier}.json") for tier in params.tiers],
        searches=analyzed["coverage"],
        learned=analyzed["findings"],
        supplements=[read_json(f"metrics/supplement/{tier}.json") for tier in params.tiers],
        transfers=[read_json(f"metrics/transfer/{tier}.json") for tier in params.tiers],
        judged=read_json("metrics/selection.json"),
        selection=read_json("data/selected.json"),
        train=trained,
        sweep=read_json("metrics/sweep.json"),
        board=read_json("metrics/snooping.json"),
        searched=read_json("metrics/overfitting.json"),
        calibrated=read_json("metrics/calibration.json"),
        mirrored=read_json("metrics/mirror.json"),
        looks=ledger.summary(ledger.read("metrics/ledger.jsonl"), trained["look"]),
        epochs=params.training.epochs,
        label=in_words(params.label),
    )
    text = page(found)
    write_text("metrics/report.md", text)
    print(text.split("\n\n")[1])


if __name__ == "__main__":
    run(main)
