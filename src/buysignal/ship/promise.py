"""What to expect of a shipped model's buys: its evidence on days it was not trained on, kept beside its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buysignal.core.files import stable
from buysignal.judge.evidence import EVIDENCE
from buysignal.judge.operating import JUDGE, SelectionRules
from buysignal.judge.row import evidence_at
from buysignal.judge.verdict import cannot_tell
from buysignal.models.scores import Scored

INTERVAL = 0.95  # of the two-sided intervals of the test role
WORTH = ("money", "verdict")
UNSEEN = cannot_tell("the test role was not opened for it").to_dict()
TESTED = ("n", "first", "last", "log_loss", "score_log_loss")  # known of a model that was examined


def simultaneous(ships: bool, contenders: int) -> float:
    """Confidence of a contender's intervals on the test role.

    What ships was registered before the role was opened: its interval stands alone, at `INTERVAL`. The
    others are shown together, so theirs hold together at that level (Bonferroni).

    Parameters
    ----------
    ships : whether it is the one that ships
    contenders : how many are examined, that one among them
    """
    return INTERVAL if ships else 1 - (1 - INTERVAL) / max(1, contenders - 1)


def expectation(model: Scored, chosen: Mapping[str, Any], confidence: float, rules: SelectionRules) -> dict[str, Any]:
    """The section ``expected`` of a model's manifest before the test role is opened, at both of its thresholds.

    Parameters
    ----------
    model : scores of the threshold role
    chosen : the model's entry in data/selected.json
    confidence : of the two-sided intervals, see `simultaneous`

    Returns
    -------
    Plain JSON: ``confidence``; ``precision_shrunk`` of the threshold role at the chosen threshold; ``chosen`` and
    ``certified``, each with all of `EVIDENCE` for the role ``threshold``; ``certified`` is None where no threshold
    is. All that is of the test role is None and the verdict `UNSEEN`: see `with_test`.
    """

    def at(threshold: float) -> dict[str, Any]:
        judged = evidence_at(model, JUDGE, threshold, rules, confidence, chosen["configurations"])
        return {"test": None, "threshold": {key: judged[key] for key in EVIDENCE}, "money": None, "verdict": UNSEEN}

    certified = chosen["certified"]["threshold"]
    found = dict.fromkeys(TESTED) | {
        "confidence": confidence,
        "precision_shrunk": chosen["precision_shrunk"],
        "chosen": at(chosen["point"]["threshold"]),
        "certified": None if certified is None else at(certified),
    }
    return stable(found)


def with_test(expected: Mapping[str, Any], tested: Scored, row: Mapping[str, Any]) -> dict[str, Any]:
    """The same after the test role was opened: its days, its evidence, money, verdict and log losses.

    Parameters
    ----------
    expected : of `expectation`
    tested : scores of the test role
    row : its row of `buysignal.ship.opening.examine_chosen`

    Returns
    -------
    Besides: days ``n``, ``first`` and ``last`` of the test role; ``log_loss`` there of the probability and
    ``score_log_loss`` of the score itself, which that of a map that helps is below.
    """

    def at(before: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
        return {**before, "test": {key: seen[key] for key in EVIDENCE}, **{key: seen[key] for key in WORTH}}

    certified = expected["certified"]
    found = dict(expected) | {
        "n": len(tested.index),
        "first": tested.dates[0].strftime("%Y-%m-%d"),
        "last": tested.dates[-1].strftime("%Y-%m-%d"),
        "log_loss": next(reversed(row["calibration"].values()))["log_loss"],  # of the map, if there is one
        "score_log_loss": row["calibration"]["none"]["log_loss"],
        "chosen": at(expected["chosen"], row),
        "certified": None if certified is None else at(certified, row["certified"]),
    }
    return stable(found)
