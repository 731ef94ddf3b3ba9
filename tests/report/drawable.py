"""What a run that never was has to draw, beside the findings of `tests.report.examples`."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from buysignal.report.gallery import Drawable
from buysignal.report.page import Findings
from tests.report.examples import TEAR, findings, none_ships

LUCK = {
    "models": 9,
    "precision_low": {"observed": 0.345, "mean": 0.101, "p95": 0.155},
    "reason": "beyond luck",
    "verdict": "beyond luck",
}
POINT = {"precision": 0.6, "recall": 0.3, "threshold": 0.4321}
CELL = {"auc": 0.71, "precision": 0.61, "recall": 0.12, "n_buys": 30, "base_rate": 0.2}
TRANSFER = {
    "tier": "a50",
    "gap": None,
    "budgets": ["2M", "20M"],
    "cells": [CELL | {"best_of": source, "under": under} for source in ("2M", "20M") for under in ("2M", "20M")],
}
LEDGER = [
    {
        "number": 1,
        "data": {"market": "^GSPC", "first": "2016-08-05", "last": "2018-12-28"},
        "registered": {"headline": {"name": "a50-2M-T8", "threshold": 0.4321}, "others": [{}, {}]},
        "results": {"precision": 0.55, "precision_interval": [0.41, 0.68], "recall": 0.275, "n_buys": 40}
        | {"recall_interval": [0.18, 0.39]},
        "seal": "ab12" * 16,
    }
]
VALUE = {"count": 3, "in_top": 2, "mean": 0.68, "low": 0.6, "high": 0.76, "promising": True}
LONE = {"count": 1, "in_top": 0, "mean": 0.61, "low": None, "high": None, "promising": False}
TIER = {
    "missing": "",
    "top": 2,
    "complete": 4,
    "dimensions": {"d_model": {"values": {"64": VALUE, "32": LONE}, "gaps": ["48"], "beyond": ["80"]}},
    "importance": [
        {"name": "d_model", "pedanova": 0.6, "fanova": 0.4, "p_value": 0.01, "verdict": "holds"},
        {"name": "dropout", "pedanova": 0.1, "fanova": 0.2, "p_value": 0.7, "verdict": "cannot tell"},
    ],
}
EVIDENCE = {"precision_interval": [0.4, 0.8], "recall": 0.11, "recall_interval": [0.02, 0.3]}


def side(study, parameters, level, evidence):
    return {"study": study, "parameters": parameters, "features": 55, "level": level, "evidence": evidence}


SCALING = [
    {"metric": "precision", "small": side("a50-2M", 90_000, 0.55, EVIDENCE), "large": None},
    {"metric": "precision", "small": None, "large": side("a50-20M", 900_000, 0.65, EVIDENCE)},
    {"metric": "auc", "small": side("a50-2M", 90_000, 0.66, None), "large": side("a50-20M", 900_000, 0.69, None)},
]
LEARNED = [
    {"where": "a50", "topic": "d_model", "verdict": "holds", "text": "d_model matters"},
    {"where": "a50", "topic": "importance", "verdict": "cannot tell", "text": "no importance stands out"},
    {"where": "sizes", "topic": "scaling of auc with parameters", "verdict": "holds", "text": "more is more"},
]


def curve(*points):
    """Rows of plots/curves: (threshold, precision, recall) each."""
    rows = [
        {"threshold": at, "precision": precision, "recall": recall, "n_buys": 100 - index}
        | {"precision_interval_low": precision - 0.1, "precision_interval_high": precision + 0.1}
        | {"recall_interval_low": recall / 2, "recall_interval_high": recall}
        for index, (at, precision, recall) in enumerate(points)
    ]
    return pd.DataFrame(rows)


def whole(found: Findings) -> Findings:
    """The same findings with all that a chart asks for."""
    for row in (*found.train["models"], *found.train["others"]):
        row |= {"interval_confidence": 0.95}
    for row in found.judged:
        row |= POINT
    found.board["luck"] = LUCK
    return found


def drawn_findings(**changes) -> Findings:
    """`findings` with all that a chart asks for."""
    return whole(findings(transfers=[TRANSFER], ledger=LEDGER, learned=LEARNED, **changes))


def drawable(**changes) -> Drawable:
    """A run in which what ships bought on three of four test days."""
    days = pd.bdate_range("2018-01-02", periods=4, name="date")
    bins = {"predicted": [0.1, 0.6], "observed": [0.05, 0.5], "n": [40, 40], "low": [0.0, 0.3], "high": [0.2, 0.7]}
    content = {
        "curves": {
            "what ships": curve((0.1, 0.2, 1.0), (0.4, 0.6, 0.3)),
            "candidate": curve((0.1, 0.2, 1.0), (0.3, 0.4, 0.2)),
            "volatility": curve((0.2, 0.2, 1.0), (0.5, 0.5, 0.4)),
        },
        "trials": pd.DataFrame(
            {
                "trial": [0, 1, 0],
                "study": ["a50-2M", "a50-2M", "a100-supplement"],
                "precision": [0.0, 0.5, 0.6],
                "recall": [0.0, 0.1, 0.2],
                "auc": [0.6, 0.7, 0.65],
                "n_buys": [0, 20, 30],
            }
        ),
        "reliability": {"score": pd.DataFrame(bins | {"map": "none"}), "map": pd.DataFrame(bins | {"map": "platt"})},
        "tiers": {"a50": TIER},
        "scaling": SCALING,
        "equity": TEAR.frame(),
        "days": pd.DataFrame(
            {
                "close": [2700.0, 2710.5, 2690.0, 2725.0],
                "score": [0.5, 0.6, 0.1, 0.7],
                "bought": [True, True, False, True],
                "hit": [True, False, True, True],
            },
            index=days,
        ),
        "months": pd.DataFrame({"symbol": [], "month": [], "n_buys": [], "hits": []}),
    }
    return Drawable(**content | changes)


def nothing_found() -> tuple[Findings, Drawable]:
    """A run in which no trial completed and nothing ships."""
    alone = {"tier": "a50", "gap": None, "budgets": [], "cells": [], "missing": ["2M"]}
    luck = {"verdict": "cannot tell", "reason": "cannot tell: no model has an operating point"}
    found, empty = replace(none_ships(), judged=[], transfers=[alone]), pd.DataFrame()
    found.board["luck"] = luck
    shown = drawable(
        curves={},
        trials=empty,
        reliability={"score": empty, "map": empty},
        tiers={"a50": TIER | {"missing": "no trial is complete", "complete": 0, "dimensions": {}, "importance": []}},
        scaling=[],
        equity=pd.DataFrame(columns=list(TEAR.frame())),
        days=None,
    )
    return found, shown
