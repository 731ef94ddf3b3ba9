"""Whether metrics/mirror.json says what the scores of the models of rise and fall give."""

from __future__ import annotations

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.tested import differing
from buysignal.cli.doctor.verdict import Looking, check
from buysignal.judge.operating import JUDGE
from buysignal.models.metrics import auc
from buysignal.models.scores import Scored


@check("mirror-altered", "a direction that the scores of rises and falls do not show")
def _altered(run: Run) -> Looking:
    rows = run.metrics("mirror.json", "mirror")
    for row in rows:
        name = row["name"]
        trio = (run.models.get(name), run.falls.get(name), run.baselines.get(f"{row['tier']}-garch"))
        if None in trio:
            yield f"mirror.json has {name}, of which there are no scores"
        else:
            yield from differing(f"mirror.json, {name}", row, _areas(*trio))
    there = {row["name"] for row in rows}
    yield from (f"mirror.json lacks {name}, which is selected" for name in run.names if name not in there)
    return f"the areas of {len(rows)} models on rises and falls are what their scores give"


def _areas(rise: Scored, fall: Scored, formula: Scored) -> dict[str, float]:
    """The areas and differences of a row of `buysignal.judge.mirror.compared`; its intervals are not drawn again."""
    (up, up_score, _), (down, down_score, _), (_, plain, _) = (model.of(JUDGE) for model in (rise, fall, formula))
    found = {"auc_rise": auc(up, up_score), "auc_fall": auc(down, down_score), "auc_cross": auc(down, up_score)}
    found |= {"formula_rise": auc(up, plain), "formula_fall": auc(down, plain)}
    found["difference"] = found["auc_rise"] - found["auc_fall"]
    found["cross_difference"] = found["auc_rise"] - found["auc_cross"]
    return found | {"excess": found["cross_difference"] - (found["formula_rise"] - found["formula_fall"])}
