"""Whether metrics/mirror.json says what the scores of the models of rise and fall give."""

from __future__ import annotations

from typing import Any

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.tested import differing
from buysignal.cli.doctor.verdict import Check, Finding, conclude
from buysignal.judge.operating import JUDGE
from buysignal.models.metrics import auc
from buysignal.models.scores import Scored


def _altered(run: Run) -> Finding:
    faults, rows = [], run.metrics("mirror.json", "mirror")
    for row in rows:
        name = row["name"]
        trio = (run.models.get(name), run.falls.get(name), run.baselines.get(f"{row['tier']}-garch"))
        if None in trio:
            faults.append(f"mirror.json has {name}, of which there are no scores")
        else:
            faults += differing(f"mirror.json, {name}", row, _areas(*trio))
    there, selected = {row["name"] for row in rows}, [entry["card"]["name"] for entry in run.selected]
    faults += [f"mirror.json lacks {name}, which is selected" for name in selected if name not in there]
    return conclude(faults, [], f"the areas of {len(rows)} models on rises and falls are what their scores give")


def _areas(rise: Scored, fall: Scored, formula: Scored) -> dict[str, float]:
    """The areas and differences of a row of `buysignal.judge.mirror.compared`; its intervals are not drawn again."""
    (up, up_score, _), (down, down_score, _), (_, plain, _) = (model.of(JUDGE) for model in (rise, fall, formula))
    found: dict[str, Any] = {"auc_rise": auc(up, up_score), "auc_fall": auc(down, down_score)}
    found |= {"auc_cross": auc(down, up_score), "formula_rise": auc(up, plain), "formula_fall": auc(down, plain)}
    found |= {"difference": found["auc_rise"] - found["auc_fall"]}
    found |= {"cross_difference": found["auc_rise"] - found["auc_cross"]}
    return found | {"excess": found["cross_difference"] - (found["formula_rise"] - found["formula_fall"])}


CHECKS = (Check("mirror-altered", "a direction that the scores of rises and falls do not show", _altered),)
