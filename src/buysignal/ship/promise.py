"""What to expect of a shipped model's buys: its evidence on days it was not trained on, kept beside its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buysignal.core.files import stable
from buysignal.judge.evidence import EVIDENCE
from buysignal.judge.operating import JUDGE, SelectionRules
from buysignal.judge.row import evidence_at
from buysignal.models.scores import Scored


def expectation(
    model: Scored, tested: Scored, chosen: Mapping[str, Any], row: Mapping[str, Any], rules: SelectionRules
) -> dict[str, Any]:
    """The section ``expected`` of a model's manifest, at the chosen and at the certified threshold.

    Parameters
    ----------
    model, tested : scores of the threshold role, and of the test role
    chosen : the model's entry in data/selected.json
    row : its row of `buysignal.ship.opening.examine_selected`

    Returns
    -------
    Plain JSON: days ``n``, ``first`` and ``last`` of the test role; ``confidence`` of the two-sided intervals;
    ``precision_shrunk`` of the threshold role at the chosen threshold; ``log_loss`` on the test role of the
    probability and ``score_log_loss`` of the score itself, which that of a map that helps is below; ``chosen``
    and ``certified``, each with all of `EVIDENCE` for the roles ``test`` and ``threshold``. ``certified`` is
    None where no threshold is.
    """
    level, looked = row["interval_confidence"], chosen["configurations"]

    def at(threshold: float, test: Mapping[str, Any]) -> dict[str, Any]:
        judged = evidence_at(model, JUDGE, threshold, rules, level, looked)
        return {role: {key: seen[key] for key in EVIDENCE} for role, seen in (("test", test), ("threshold", judged))}

    certified = chosen["certified"]["threshold"]
    found = {
        "n": len(tested.dates),
        "first": tested.dates[0].strftime("%Y-%m-%d"),
        "last": tested.dates[-1].strftime("%Y-%m-%d"),
        "confidence": level,
        "precision_shrunk": chosen["precision_shrunk"],
        "log_loss": next(reversed(row["calibration"].values()))["log_loss"],  # of the map, if there is one
        "score_log_loss": row["calibration"]["none"]["log_loss"],
        "chosen": at(chosen["point"]["threshold"], row),
        "certified": None if certified is None else at(certified, row["certified"]),
    }
    return stable(found)
