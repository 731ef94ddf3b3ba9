"""What a user of the library writes: checked by pyright, and run by test_library.py."""

import sys

import buysignal
from buysignal import Predictor
from buysignal.features import compute


def main(bars: str, folder: str) -> None:
    """Judge a feature as if it were a model's score, and ask a shipped model of the same days."""
    label = buysignal.label(bars, horizon=1, level=0.01, kind="touch")
    table = buysignal.features.compute(bars, tier="a20")
    assert compute is buysignal.features.compute and label.name == "label"
    judgement = buysignal.judge(table["natr_14"], bars, tried=len(table.columns))
    evidence = judgement.evidence
    print(judgement.verdict.word, judgement.verdict.reason)
    print(evidence.precision, evidence.precision_interval, evidence.recall, evidence.n_buys)
    if judgement.money is not None:
        print(judgement.money.mean)
    predictor: Predictor = buysignal.load(folder)
    print(predictor.threshold, predictor.seen.verdict.word, predictor.needed)


if __name__ == "__main__":
    main(*sys.argv[1:])
