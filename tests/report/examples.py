"""What the stages found in a run that never was, as their JSON says it."""

from __future__ import annotations

import copy
import re
from dataclasses import replace

import numpy as np
import pandas as pd

from buysignal.core.settings import of
from buysignal.judge.money import Money
from buysignal.judge.tear import tear
from buysignal.judge.verdict import cannot_tell, verdict
from buysignal.report.page import Findings, blocks, card, markdown

PRECISION = {"difference": -0.02, "low": -0.07, "high": 0.04, "confidence": 0.9, "verdict": "cannot tell"}
AUC = {"difference": 0.03, "low": 0.01, "high": 0.05, "confidence": 0.95, "verdict": "better"}

MONEY = of(
    Money,
    40,
    0.0006,
    0.00123,
    (-0.00321, 0.00543),
    0.00034,
    0.00089,
    (-0.00234, 0.00567),
    0.0111,
    -0.0087,
    0.4444,
    0.95,
).to_dict()

TESTED = {
    "name": "a50-2M-T8", "tier": "a50", "parameters": 1_234_567, "cap": 2_000_000, "seeds": 3, "n": 604,
    "family": "transformer", "money": MONEY, "verdict": verdict(Money(**MONEY), 604).to_dict(),
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
SAME = {"difference": 0.0, "low": 0.0, "high": 0.0, "confidence": 0.95, "verdict": "cannot tell"}
BASELINE = copy.deepcopy(TESTED) | {
    "name": "a50-volatility", "parameters": 10, "precision": 0.5123, "cap": 0, "seeds": 0, "auc": 0.78,
    "family": "logistic",
    "against_volatility": {
        "baseline": "a50-volatility", "precision_at_buys": 0.5123, "precision": SAME, "auc": SAME,
    },
}  # fmt: skip
BOUGHT = (
    "money",
    "verdict",
    "against_volatility",
    "certified",
    "calibration",
    "at_as_many_buys",
    "episodes",
    "by_year",
)
SILENT = {key: value for key, value in TESTED.items() if key not in BOUGHT}
SILENT |= {"name": "a50-base-rate", "no_buys": True, "n_buys": 0, "n_eff": 0.0, "auc": 0.5, "seeds": 0}

CERTIFIED = {
    "threshold": 0.4567, "target": 0.42, "delta": 0.13, "reason": "3 of 90 thresholds are certified",
    "precision": 0.6543, "recall": 0.2109, "n_buys": 47,
}  # fmt: skip
JUDGED = {
    "n": 602, "name": "a50-2M-T8", "precision": 0.6, "precision_low": 0.5, "recall": 0.3, "n_buys": 60,
    "n_eff": 51.0, "precision_shrunk": 0.5432, "no_buys": False, "base_rate": 0.152, "auc": 0.79, "auc_sd": 0.012,
    "precision_sd": 0.021, "recall_sd": 0.034, "seeds": 3, "prediction_min": 0.05, "prediction_max": 0.85,
    "parameters": 1_234_567, "collapsed": False, "reason": "", "family": "transformer", "epochs": [6, 5],
    "certified": CERTIFIED, "money": copy.deepcopy(MONEY), "precision_interval": [0.47, 0.72],
    "recall_interval": [0.2, 0.4],
}  # fmt: skip
LOGISTIC = copy.deepcopy(JUDGED) | {
    "name": "a50-volatility", "family": "logistic", "precision_shrunk": None, "auc_sd": 0.0, "precision_sd": 0.0,
    "recall_sd": 0.0, "seeds": 0, "parameters": 10, "epochs": [], "precision": 0.58,
}  # fmt: skip

BOARD = {
    "luck": {"reason": "beyond luck: the best lower bound of precision is 0.345; without skill 0.155"},
    "snooping": {"verdict": "the best of 9 models, a50-2M-T8, is not shown to be better than a50-volatility"},
    "shrunken": {"reason": "differences beyond luck: 9 models"},
}

ALERT = np.array([0, 1, 1, 0, 1, 0, 0, 1], bool)
TEAR = tear(
    index=pd.bdate_range("2017-12-26", periods=8),
    gross=np.array([0.01, 0.01, -0.021, 0.003, 0.01, -0.011, 0.01, 0.0042]),
    cost=0.0005,
    label=np.array([1, 1, 0, 0, 1, 0, 1, 0]),
    alert=ALERT,
    deviation=np.array([0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.011, 0.012]),
    volatility=np.linspace(0.1, 0.8, 8),
    horizon=1,
    seed=1,
)
"""Four of eight days, in two years; the volatility contender buys the last four."""

MANY = tear(
    index=pd.MultiIndex.from_product([TEAR.dates, ["AAPL", "MSFT"]], names=["date", "symbol"]).swaplevel(),
    gross=np.array([10, 4, 10, 6, -21, -13, 3, 0, 10, 3, -11, 2, 10, -4, 4.2, 9]) / 1000,
    cost=0.0005,
    label=np.array([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1]),
    alert=np.array([0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0], bool),
    deviation=np.linspace(0.004, 0.0115, 16),
    volatility=np.tile([0.1, 0.2], 8),
    horizon=1,
    seed=1,
)
"""Six buys of two symbols on four of eight days; the volatility contender buys MSFT where there is one buy."""

STANDINGS = [
    {
        "name": "a50-2M-T8", "family": "transformer", "precision": 0.6345, "precision_low": 0.5123, "recall": 0.3723,
        "n_buys": 61, "outcome": "ships",
    },
    {
        "name": "a50-volatility", "family": "logistic", "precision": 0.5624, "precision_low": 0.4512, "recall": 0.3312,
        "n_buys": 83, "outcome": "more than a standard error below the best",
    },
]  # fmt: skip
CHOICE = {
    "shipped": "a50-2M-T8", "rule": "the simplest within one standard error of the best ships", "best": "a50-2M-T8",
    "reason": "a50-2M-T8 ships: it is the most precise, and nothing simpler is within its standard error (0.046)",
    "best_error": 0.0456, "standings": STANDINGS,
}  # fmt: skip
CONFIGURATION = {"d_model": 64, "n_layers": 3, "dropout": 0.3, "learning_rate": 0.0001}
COVERAGE = {
    "trials": 10, "complete": 7, "pruned": 2, "failed": 1, "collapsed": 4, "wasted": 5, "variants": 0,
    "architectures_tested": 6, "architectures_possible": 75, "coverage_of_reachable": 0.6,
}  # fmt: skip


CARD = {
    "name": "a50-2M-T8", "tier": "a50", "family": "transformer", "budget": "2M", "origin": "tpe",
    "configuration": CONFIGURATION, "parameters": 1_234_567, "cap": 2_000_000, "seeds": [11, 12, 13], "epochs": [6, 5],
}  # fmt: skip
BASELINE_CARD = CARD | {"budget": "", "origin": "baseline", "configuration": None, "cap": 0, "seeds": [], "epochs": []}
ENTRY = {
    "rank": 1, "card": CARD, "reason": "best", "point": {"precision": 0.6123, "threshold": 0.4331},
    "precision_shrunk": 0.4812, "configurations": 46, "certified": copy.copy(CERTIFIED),
}  # fmt: skip
OTHER = {
    "rank": None, "card": BASELINE_CARD | {"name": "a50-volatility", "family": "logistic", "parameters": 10},
    "point": {"precision": 0.5812, "threshold": 0.2468}, "precision_shrunk": None, "configurations": 1,
    "certified": CERTIFIED | {"threshold": 0.3579},
}  # fmt: skip


def role(rows, positives):
    return {
        "rows": rows,
        "positives": positives,
        "base_rate": positives / rows,
        "first": "2000-01-03",
        "last": "2001-12-28",
    }


def findings(**changes) -> Findings:
    """A run in which the search's first ships, ahead of the volatility logistic; the values may be changed freely."""
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
        judged=[JUDGED, LOGISTIC],
        selection={
            "note": "1 of 10 wanted models: 2 judged, 1 rejected",
            "shipped": "a50-2M-T8",
            "selected": [ENTRY],
            "others": [OTHER],
            "rejected": [{"card": {"name": "a50-2M-T9"}, "reason": "collapsed: scores span 0.0100"}],
        },
        choice=CHOICE,
        train={
            "shipped": "a50-2M-T8",
            "models": [TESTED],
            "others": [BASELINE, SILENT],
            "look": "ab",
            "unopened": "",
            "verdict": dict(TESTED["verdict"]),
        },
        tear=TEAR.to_dict(),
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


def of_many() -> Findings:
    """The same run, but that what ships buys two symbols."""
    return findings(tear=MANY.to_dict())


def none_ships() -> Findings:
    """A run in which no contender has an operating point."""
    found = findings()
    found.train.update(shipped="", models=[], others=[])
    found.selection.update(shipped="", selected=[], others=[])
    found.selection["note"] = "none of 10 wanted models: all 2 judged were rejected"
    found.choice.update(shipped="", best="", best_error=0.0, standings=[])
    found.choice["reason"] = "nothing ships: no contender has an operating point"
    return replace(found, tear=None)


def ships(name: str, found: Findings | None = None) -> Findings:
    """The same run, but that another contender ships."""
    found = found or findings()
    for told in (found.choice, found.selection, found.train):
        told["shipped"] = name
    for standing in found.choice["standings"]:
        standing["outcome"] = "ships" if standing["name"] == name else "more than a standard error below the best"
    found.choice["reason"] = (
        f"{name} ships: its precision of 0.562 is within one standard error of the best, and no simpler contender's is"
    )
    return found


def logistic_ships() -> Findings:
    """A run in which the volatility logistic is near enough to the best."""
    return ships("a50-volatility")


def blend_ships() -> Findings:
    """A run in which a blend ships."""
    found = findings()
    card = BASELINE_CARD | {"name": "a50-blend", "family": "blend", "origin": "built", "parameters": 4321}
    found.selection["others"].append(copy.deepcopy(OTHER) | {"card": card, "configurations": 46})
    found.train["others"].insert(0, copy.deepcopy(TESTED) | {"name": "a50-blend", "seeds": 0})
    found.judged.append(copy.deepcopy(LOGISTIC) | {"name": "a50-blend", "family": "blend", "precision_shrunk": 0.49})
    found.choice["standings"].insert(0, STANDINGS[0] | {"name": "a50-blend", "family": "blend"})
    return ships("a50-blend", found)


def closed(found: Findings) -> Findings:
    """The same run, but that it is not registered."""
    found.train.update(
        shipped="", models=[], others=[], look=None, unopened="candidate buys from 0.1, not 0.2", verdict=CLOSED
    )
    return replace(found, tear=None)


CLOSED = cannot_tell("the test role is closed: candidate buys from 0.1, not 0.2").to_dict()


def page(found: Findings) -> str:
    """The whole report as Markdown."""
    return markdown(blocks(found), card(found))


def told(found: Findings, title: str) -> str:
    """What a section says before its parts, or a part of one."""
    text = page(found)
    begin = f"\n## {title}\n\n" if f"\n## {title}\n" in text else f"<summary>{title}</summary>\n\n"
    return re.split(r"\n\n(?=## |<details>|</details>)", text.split(begin)[1])[0].strip()
