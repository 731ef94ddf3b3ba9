"""What a shipped model says of its training and of its buys, made by hand."""

from __future__ import annotations

from typing import Any

from buysignal.core.settings import of
from buysignal.judge.money import Money
from buysignal.judge.verdict import verdict
from buysignal.ship.promise import UNSEEN
from buysignal.ship.regime import Regime

REGIME = of(Regime, "^GSPC", "2001-03-09", "2001-12-03", "2002-12-03", 0.1, 0.4, 10, 676.53, 0.11, ())


MONEY = of(Money, 12, 0.0005, 0.002, (0.001, 0.003), 0.0001, 0.0019, (0.001, 0.0028), 0.01, -0.004, 0.321, 0.95)
EARNED = {"money": MONEY.to_dict(), "verdict": verdict(MONEY, 60).to_dict()}


def evidence(precision: float, n_buys: int, hits: int) -> dict[str, Any]:
    """Every key of `buysignal.judge.evidence.EVIDENCE`, as of 60 days of which 12 are labelled 1."""
    return {
        "precision": precision, "precision_low": precision / 2, "precision_interval": [precision / 4, 0.875],
        "recall": hits / 12, "recall_interval": [0.0, 0.75], "n_buys": n_buys, "hits": hits, "n_eff": float(n_buys),
        "base_rate": 0.2, "lift": precision / 0.2, "alert_rate": n_buys / 60, "seeds": 2, "configurations": 12,
    }  # fmt: skip


def expected(certified: bool = False) -> dict[str, Any]:
    """The section ``expected`` of a manifest."""
    return {
        "n": 60,
        "first": "2002-09-10",
        "last": "2002-12-02",
        "confidence": 0.95,
        "precision_shrunk": 0.375,
        "log_loss": 0.25,
        "score_log_loss": 0.3,
        "chosen": {"test": evidence(0.5, 12, 6), "threshold": evidence(0.75, 8, 6), **EARNED},
        "certified": {"test": evidence(0.625, 8, 5), "threshold": evidence(0.8, 5, 4), **EARNED} if certified else None,
    }


def unexamined() -> dict[str, Any]:
    """The same of a model to which the test role is closed."""
    found = expected()
    nothing = dict.fromkeys(("n", "first", "last", "log_loss", "score_log_loss"))
    return found | nothing | {"chosen": found["chosen"] | {"test": None, "money": None, "verdict": UNSEEN}}
