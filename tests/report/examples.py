"""What the stages found in a run that never was, as their JSON says it."""

from __future__ import annotations

import copy

from buysignal.report.page import Findings, blocks, markdown

PRECISION = {"difference": -0.02, "low": -0.07, "high": 0.04, "confidence": 0.9, "verdict": "cannot tell"}
AUC = {"difference": 0.03, "low": 0.01, "high": 0.05, "confidence": 0.95, "verdict": "better"}

TESTED = {
    "name": "a50-2M-T8", "tier": "a50", "parameters": 1_234_567, "cap": 2_000_000, "seeds": 3, "n": 604,
    "n_buys": 40, "n_eff": 33.0, "no_buys": False, "precision": 0.55, "precision_low": 0.45,
    "precision_interval": [0.41, 0.68], "recall": 0.275, "recall_interval": [0.18, 0.39], "base_rate": 0.131,
    "one_class": False, "auc": 0.81, "threshold": 0.4321,
    "certified": {"precision": 0.5679, "recall": 0.2234, "n_buys": 41},
    "at_as_many_buys": {"a50-touch": 0.4651, "a50-volatility": 0.5251}, "episodes": 12,
    "by_year": {"2017": 15, "2018": 25},
    "calibration": {"none": {"log_loss": 0.4321}, "platt": {"log_loss": 0.3987}},
    "against_volatility": {
        "baseline": "a50-volatility", "precision_at_buys": 0.525, "precision": PRECISION, "auc": AUC,
    },
}  # fmt: skip
SELECTED = ("against_volatility", "certified", "calibration", "at_as_many_buys", "episodes", "by_year")
BASELINE = {key: copy.copy(value) for key, value in TESTED.items() if key not in SELECTED}
BASELINE |= {"name": "a50-volatility", "precision": 0.5, "cap": 0, "seeds": 0, "auc": 0.78}

CERTIFIED = {
    "threshold": 0.4567, "target": 0.42, "delta": 0.13, "reason": "3 of 90 thresholds are certified",
    "precision": 0.6543, "recall": 0.2109, "n_buys": 47,
}  # fmt: skip
JUDGED = {
    "n": 602, "name": "a50-2M-T8", "precision": 0.6, "precision_low": 0.5, "recall": 0.3, "n_buys": 60,
    "n_eff": 51.0, "precision_shrunk": 0.5432, "no_buys": False, "base_rate": 0.152, "auc": 0.79, "auc_sd": 0.012,
    "precision_sd": 0.021, "recall_sd": 0.034, "seeds": 3, "prediction_min": 0.05, "prediction_max": 0.85,
    "parameters": 1_234_567, "collapsed": False, "reason": "", "kind": "patchtst", "epochs": [6, 5],
    "certified": CERTIFIED,
}  # fmt: skip

BOARD = {
    "luck": {"reason": "beyond luck: the best lower bound of precision is 0.345; without skill 0.155"},
    "snooping": {"verdict": "the best of 9 models, a50-2M-T8, is not shown to be better than a50-volatility"},
    "shrunken": {"reason": "differences beyond luck: 9 models"},
}

CONFIGURATION = {"d_model": 64, "n_layers": 3, "dropout": 0.3, "learning_rate": 0.0001}
COVERAGE = {
    "trials": 10, "complete": 7, "pruned": 2, "failed": 1, "collapsed": 4, "wasted": 5, "architectures_tested": 6,
    "architectures_possible": 75, "coverage_of_reachable": 0.6,
}  # fmt: skip


def role(rows, positives):
    return {"rows": rows, "positives": positives, "base_rate": positives / rows, "first": "2000-01-03", "last": "2001"}


def findings(**changes) -> Findings:
    """A run in which one model was selected and beats the baseline; the values may be changed freely."""
    content = dict(
        ingest={
            "rows": 5031,
            "source": "sp500",
            "symbol": "^GSPC",
            "first": "1999-01-04",
            "last": "2018-12-31",
            "dropped": {"not_finite": 2, "duplicate_date": 1},
            "gaps": 1,
            "form": "Stooq",
            "understood": ["newest first"],
            "findings": [
                {
                    "level": "warning",
                    "text": "3 rows repeat the day before",
                    "advice": "set ingest.on_bad_rows to repair",
                },
                {"level": "note", "text": "2 rows have volume 0", "advice": ""},
            ],
        },
        tiers=[{"tier": "a50", "features": 55, "warmup_days": 66, "roles": {"train": role(2448, 612)}}],
        searches={"a50-2M": COVERAGE},
        judged=[JUDGED],
        selection={
            "note": "1 of 10 wanted models: 2 judged, 1 rejected",
            "selected": [
                {
                    "rank": 1,
                    "card": {"name": "a50-2M-T8", "configuration": CONFIGURATION},
                    "reason": "best",
                    "point": {"precision": 0.6123},
                    "precision_shrunk": 0.4812,
                    "configurations": 46,
                    "certified": CERTIFIED,
                }
            ],
            "rejected": [{"card": {"name": "a50-2M-T9"}, "reason": "collapsed: scores span 0.0100"}],
        },
        train={"models": [TESTED], "baselines": [BASELINE]},
        sweep=[
            {"name": "a50-2M-T8", "verdict": "rises", "trend_z": 9.1},
            {"name": "a50-base-rate", "verdict": "flat", "trend_z": 0.0},
        ],
        board=BOARD,
        searched={"a50": {"overfitting": {"reason": "holds: in 8 % of splits"}, "luck": {"reason": "within luck"}}},
        calibrated=[],
        mirrored=[],
        looks="first recorded look at these test days",
        epochs=6,
        label="the highest High of the next day is at least 1.00% above the Close",
    )
    return Findings(**copy.deepcopy(content | changes))


def none_selected() -> Findings:
    """A run in which no model qualified."""
    found = findings()
    found.train["models"] = []
    found.selection["selected"] = []
    found.selection["note"] = "none of 10 wanted models: all 2 judged were rejected"
    return found


def page(found: Findings) -> str:
    """The whole report as Markdown."""
    return markdown(blocks(found))
