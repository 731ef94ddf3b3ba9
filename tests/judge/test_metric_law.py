"""Nothing this package hands on mixes precision with recall, or counts the days that were rightly left alone."""

import re
from dataclasses import asdict

import numpy as np

from buysignal.judge.intervals import precision_interval
from buysignal.judge.selection import select
from buysignal.judge.thresholds import exact_curve, rising
from buysignal.models.metrics import buys, ranking
from buysignal.models.scores import ModelCard
from tests.judge.examples import RULES, skilled

FORBIDDEN = re.compile(r"f_?1|f_?beta|fscore|f_score|accuracy|\bacc\b|confusion", re.IGNORECASE)


def keys(value):
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from keys(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from keys(item)


def test_no_output_has_a_forbidden_metric():
    model = skilled("m", 2.0)
    label, score, _ = model.of("threshold")
    outputs = [
        asdict(buys(label, score, 0.5)),
        asdict(ranking(label, score)),
        asdict(precision_interval(label, score >= 0.5, 1, 0.95)),
        asdict(rising(label, score, 1)),
        asdict(exact_curve(label, score)),
        asdict(select([model], RULES)),
        ModelCard.to_dict(model.card),
    ]
    found = sorted(set(keys(outputs)))
    assert {"precision", "recall", "auc"} <= set(found)
    assert [key for key in found if FORBIDDEN.search(key)] == []


def test_precision_comes_before_recall_in_what_is_written_in_order():
    columns = exact_curve(np.array([0, 1]), np.array([0.1, 0.2])).to_frame().columns.tolist()
    assert columns.index("precision") < columns.index("recall")
