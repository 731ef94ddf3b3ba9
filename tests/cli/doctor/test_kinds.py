"""A run of each kind of label, from the bars to the report: the planted signal is found, and nobody is accused."""

import pytest

from buysignal.cli.doctor.catalogue import CATALOGUE, diagnose
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import CANNOT_JUDGE, DECEPTION
from buysignal.core.files import read_json
from buysignal.models import scores
from buysignal.models.metrics import auc
from tests.cli.doctor import deceptions
from tests.cli.doctor.planted import TIER, build

KINDS = {
    "close": {"label.kind": "close", "label.threshold": 0.0005},
    "triple": {"label.kind": "triple", "label.threshold": 0.01, "label.stop": -0.01},
}
SAYS = {"close": "more than 0.05% above today's", "triple": "before it is 1.00% below it"}


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_of_the_kind_finds_what_was_planted_and_the_doctor_nothing(kind, tmp_path):
    root = build(tmp_path, **KINDS[kind])
    assert SAYS[kind] in (root / "metrics/report.md").read_text()
    shipped = read_json(root / "data/models/shipped/model.json")["label"]
    assert shipped["kind"] == kind and shipped["stop"] == KINDS[kind].get("label.stop", -1.0)
    by_name = {one.card.name: auc(*one.of("threshold")[:2]) for one in scores.read(root / f"data/baseline/{TIER}")}
    assert by_name[f"{TIER}-boosting"] > 0.1 + by_name[f"{TIER}-touch"]
    found = diagnose(Run(root))
    assert [(one.name, one.text) for one in found if one.level in (DECEPTION, CANNOT_JUDGE)] == []
    assert len(found) == len(CATALOGUE)
    deceptions.label_of_today(root)
    [told] = [one for one in diagnose(Run(root)) if one.name == "label-differs"]
    assert told.level == DECEPTION
