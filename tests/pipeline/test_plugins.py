"""Features and models of a user's own go through the real stages, and an edit makes those stale that use them."""

import pytest

from tests.pipeline.project import Project

pytestmark = pytest.mark.pipeline

NEAR = "def near(bars):\n    return bars['close'].rolling(60).mean() / bars['close']\n"
EVEN = """
import numpy as np

class Even:
    def fit(self, X, y):
        self.share = y.mean()

    def predict_proba(self, X):
        return np.tile([1 - self.share, self.share], (len(X), 1))
"""
CHANGED = "self.share = y.mean()", "self.share = y.mean() / 2"
FEATURE, MODEL = "plugins/near.py", "plugins/even.py"
RESULTS = ("data/features", "data/baseline", "metrics/featurize")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with a feature and a model of its own, built as far as the baselines."""
    project = Project(tmp_path_factory.mktemp("plugged") / "project")
    write(project, FEATURE, NEAR)
    write(project, MODEL, EVEN)
    project.set(**{"features.extra": [f"{FEATURE}:near"], "models.extra": [f"{MODEL}:Even"]})
    project.first = built(project)
    return project


def write(project, name, text):
    (project.folder / name).write_text(text)


def built(project) -> list[str]:
    """The stages that were run, but for the tier's name."""
    return [stage.split("@")[0] for stage in project.repro("baseline@a20")]


def test_the_column_and_the_model_are_beside_the_others(project):
    assert project.first == ["code", "check", "ingest", "featurize", "baseline"]
    told = project.json("metrics/featurize/a20.json")
    assert (told["features"], told["warmup_days"]) == (26, 59)
    cards = {card["name"]: card for card in project.json("data/baseline/a20/models.json")}
    assert cards["a20-even"]["family"] == "own" and len(cards) > 5
    assert (project.folder / "data/baseline/a20/fitted/a20-even/model.skops").is_file()


def test_a_comment_and_a_file_that_is_not_named_make_nothing_stale(project):
    write(project, FEATURE, f"# a comment\n{NEAR}")
    write(project, MODEL, EVEN.replace("class Even:", 'class Even:\n    """The share."""\n'))
    write(project, "plugins/other.py", "x = 1\n")
    assert built(project) == ["code"]


def test_an_edit_runs_what_uses_it_and_nothing_before(project):
    write(project, MODEL, EVEN.replace(*CHANGED))
    assert built(project) == ["code", "check", "baseline"]
    write(project, FEATURE, NEAR.replace("60", "61"))
    assert built(project) == ["code", "check", "featurize", "baseline"]


BROKEN = [
    (FEATURE, NEAR.replace(".mean()", ".mean().shift(-1).ffill()"), "near.py:near: near on "),
    (FEATURE, None, "near.py:near: plugins/near.py is not there: write it, or correct the name"),
    (FEATURE, NEAR.replace("rolling", "roling"), "near.py:near raises on 5,031 bars (AttributeError: "),
    (FEATURE, "def near(bars:\n", "near.py:near: plugins/near.py, line 1: "),
    (MODEL, EVEN.replace("numpy", "absent_package"), "even.py:Even needs absent_package, which is not there"),
    (MODEL, EVEN.replace("predict_proba", "predict"), "even.py:Even gives Even, which has no predict_proba"),
]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [pytest.param(*case, marks=[pytest.mark.full] * (at > 1)) for at, case in enumerate(BROKEN)],
)
def test_what_is_no_feature_or_model_is_refused_before_any_result_is_touched(project, name, text, says):
    before, path = project.digests(*RESULTS), project.folder / name
    good = path.read_text()
    path.unlink()
    if text is not None:
        path.write_text(text)
    done = project.run("dvc", "repro", "baseline@a20", check=False)
    path.write_text(good)
    assert done.returncode and "Traceback" not in done.stderr
    [line] = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith(f"error: plugins/{says}")
    assert project.digests(*RESULTS) == before
