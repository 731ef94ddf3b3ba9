"""The real dvc.yaml at a tiny scale, driven through DVC as a user drives it."""

import json
import re
import shutil

import pytest

from buysignal.judge.evidence import missing
from buysignal.report.html import runtime
from buysignal.ship import ledger
from tests.pipeline.project import ROOT, Project, ran

pytestmark = pytest.mark.pipeline
WRITTEN = ("metrics", "plots", "data")


@pytest.fixture(scope="module")
def project(tiny, tmp_path_factory):
    """A project whose pipeline has run once and whose results are committed."""
    return tiny.copy(tmp_path_factory.mktemp("pipeline") / "project")


@pytest.fixture
def clean(project):
    """The same, put back as it was after the test; what the test added may lie beside it."""
    before = project.digests(*WRITTEN)
    yield project
    # DVC can leave git's index sure of a file of equal size that it has just rewritten
    (project.folder / "params.yaml").unlink()
    project.run("git", "checkout", "-q", "--", ".")
    if not project.digests(*WRITTEN).items() >= before.items():
        project.run("dvc", "checkout", "-q", "--force")
        assert project.digests(*WRITTEN).items() >= before.items()


def test_one_command_runs_every_stage_and_the_second_runs_none(tiny, project):
    assert {name.split("@")[0] for name in tiny.first_run} == set(project.stages())
    before = project.digests(*WRITTEN) | project.digests("dvc.lock")
    assert project.repro() == []
    assert project.digests(*WRITTEN) | project.digests("dvc.lock") == before
    assert project.run("git", "status", "--porcelain").stdout == ""


@pytest.mark.full
def test_another_clone_with_another_worker_count_gives_the_same_bytes(project, tmp_path):
    other = Project(tmp_path / "other", workers=2)
    for name in ("registered.yaml", "registered.csv"):
        shutil.copy(project.folder / name, other.folder / name)
    other.repro()
    for folder in WRITTEN:
        assert other.digests(folder) == project.digests(folder)
    assert (other.folder / "dvc.lock").read_bytes() == (project.folder / "dvc.lock").read_bytes()


def test_adding_a_budget_asks_for_its_own_search_and_for_no_earlier_one(clean):
    clean.set(budgets=["2M", "20M"])
    asked = {name.split("@")[0]: name for name in ran(clean.run("dvc", "repro", "--dry").stdout)}
    assert asked["hpo"] == "hpo@a20-20M" and not {"ingest", "featurize", "baseline", "candidate"} & set(asked)


@pytest.mark.full
def test_adding_a_budget_runs_its_own_search_and_the_joins_only(clean):
    clean.set(budgets=["2M", "20M"])
    joins = {"supplement@a20", "evaluate@a20", "analyze", "sweep", "select", "mirror", "train", "test"}
    joins |= {"symbols", "walk", "report"}
    assert set(clean.repro()) - {"check"} == {"hpo@a20-20M"} | joins


BAD = {
    "unknown param": (("-S", "+x=1"), "unknown key x"),
    "mistyped param": (("-S", "dropout=much"), "dropout is 'much'; it must be a number"),
    "tier": (("-S", "tiers=[a51]"), "it must be one of a20, a50, a100, a200"),
    "budget": (("-S", "budgets=[3M]"), "budget '3M' has no grid"),
    "source": (("-S", "ingest.source=nasdak"), "it must be one of sp500, nasdaq, demo, csv, folder, yahoo"),
    "heads": (("-S", "n_heads=3"), "n_heads 3 does not divide d_model 16"),
    "missing file": (("-S", "ingest.source=csv", "-S", "ingest.csv=absent.csv"), "absent.csv"),
    "missing column": (("-S", "ingest.source=csv", "-S", "ingest.csv=no_volume.csv"), "no column volume"),
    "pinned heads": (("-S", "supplement.pinned=heads.yaml"), "heads.yaml: a20.first.A01: n_heads 3 does not divide"),
    "pinned file": (("-S", "supplement.pinned=absent.yaml"), "absent.yaml"),
    "too few rows": (("-S", "ingest.source=csv", "-S", "ingest.csv=short.csv"), "bars are needed"),
}


DOORS = ("mistyped param", "tier", "missing column", "pinned heads")  # one of each; the others are long proofs


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.full] * (n not in DOORS)) for n in BAD])
def test_bad_input_gives_one_line_and_touches_no_result(clean, name):
    lines = (clean.folder / "data/raw/example.csv").read_text().splitlines()
    (clean.folder / "short.csv").write_text("\n".join(lines[:200]) + "\n")
    no_volume = [line.rsplit(",", 1)[0] for line in lines]
    (clean.folder / "no_volume.csv").write_text("\n".join(no_volume) + "\n")
    trial = "{budget: 2M, d_model: 16, n_layers: 1, n_heads: 3, d_ff_ratio: 2, "
    trial += "dropout: 0.3, learning_rate: 0.001, weight_decay: 0}"
    (clean.folder / "heads.yaml").write_text(f"a20: {{first: {{A01: {trial}}}}}\n")
    before = clean.digests(*WRITTEN)
    arguments, says = BAD[name]
    done = clean.run("dvc", "exp", "run", *arguments, check=False)
    assert done.returncode != 0
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    after = clean.digests(*WRITTEN)
    assert {k: v for k, v in after.items() if k in before} == {k: v for k, v in before.items() if k in after}
    gone = set(before) - set(after) - {"data/checked.txt"}  # the marker of the check that failed
    # for other tiers or budgets, `dvc exp run` itself puts the outs of the old ones away into its cache
    assert not gone or (name in ("tier", "budget") and all(path.startswith("data/") for path in gone))


def test_a_cap_that_no_entry_fits_is_refused_by_repro_too(clean):
    before = clean.digests(*WRITTEN)
    clean.set(**{"grids.2M.cap": 10})  # -S cannot reach it: a key that starts with a digit is no override for DVC
    done = clean.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "budget 2M: no grid entry fits the cap of 10 parameters" in done.stderr
    before.pop("data/checked.txt")
    assert clean.digests(*WRITTEN) == before


def test_every_metric_keeps_the_metric_law_and_is_finite(project):
    forbidden = re.compile(r"\b(f1|f_1|f1_score|accuracy|acc)\b", re.IGNORECASE)
    for path in sorted((project.folder / "metrics").rglob("*")):
        if path.is_file():
            text = path.read_text().replace(runtime(), "")  # the charts' library has short names of its own
            assert not forbidden.search(text), path
            if path.suffix == ".json":
                json.loads(text, parse_constant=lambda name, path=path: pytest.fail(f"{path} holds {name}"))


SHORT = ("candidate.json", "headline.json", "test.json")  # columns of `dvc exp show`: full rows stand elsewhere


def value(row, key):
    """What a row says of a column of `dvc exp show`."""
    return row["money"]["mean"] if key == "trade" else row[key]


def test_no_precision_and_no_recall_stands_without_its_evidence(project):
    for path in sorted((project.folder / "metrics").rglob("*.json")):
        if path.name not in SHORT:
            assert missing(json.loads(path.read_text())) == [], path
    rows = {row["name"]: row for row in project.json("metrics/selection.json")}
    candidate = project.json("metrics/candidate.json")
    for key in (key for key in candidate if not key.startswith("lead")):
        assert candidate[key] == value(rows["candidate"], key)
    tested = project.json("metrics/train.json")
    [shipped] = [row for row in (*tested["models"], *tested["others"]) if row["name"] == tested["shipped"]]
    for key, told in project.json("metrics/test.json")["test"].items():
        assert told == value(shipped, key)
    for plot in (project.folder / "plots").rglob("*.csv"):
        header = plot.read_text().splitlines()[0].split(",")
        assert "precision" not in header or {"n_buys", "n_eff", "base_rate", "configurations"} <= set(header), plot


def test_the_first_look_is_logged_and_the_same_look_again_is_not(project):
    [look] = ledger.read(project.folder / "metrics/ledger.jsonl")
    selection = project.json("data/selected.json")
    names = [one["card"]["name"] for one in (*selection["selected"], *selection["others"])]
    assert look.registered["headline"]["name"] == selection["shipped"]
    assert [row["name"] for row in look.registered["others"]] == [n for n in names if n != selection["shipped"]]
    assert look.results["precision"] == project.json("metrics/test.json")["test"]["precision"]
    assert "First recorded look at these test days." in (project.folder / "metrics/report.md").read_text()


def test_a_damaged_ledger_stops_before_anything_is_opened(clean):
    path = clean.folder / "metrics/ledger.jsonl"
    path.write_text(path.read_text().replace('"n_buys": ', '"n_buys": 1'))
    done = clean.run("dvc", "repro", "--force", "--single-item", "test", check=False)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert "error: metrics/ledger.jsonl, line 1, was edited: restore the file with" in done.stderr


@pytest.mark.full
def test_where_no_model_qualifies_every_stage_says_so(clean):
    clean.set(**{"select.min_buys": 100_000})
    clean.repro()
    selection = clean.json("data/selected.json")
    assert selection["selected"] == selection["others"] == clean.json("metrics/mirror.json") == []
    assert selection["shipped"] == "" and not (clean.folder / "data/models/shipped").exists()
    assert clean.json("metrics/train.json")["unopened"] == "no contender has an operating point"
    report = (clean.folder / "metrics/report.md").read_text()
    assert "**Nothing ships**" in report
    done = clean.run("python", "-m", "buysignal", "register", check=False)
    assert done.returncode == 2 and done.stderr.startswith("error: no contender has an operating point")
    assert len(ledger.read(clean.folder / "metrics/ledger.jsonl")) == 1  # nothing was opened


@pytest.mark.full
def test_roles_without_a_positive_day_get_verdicts_and_no_number_that_is_none(clean):
    clean.set(**{"label.threshold": 0.06, "select.min_buys": 1, "select.min_recall": 0.0})
    clean.repro()
    clean.run("python", "-m", "buysignal", "register")
    clean.repro()
    roles = clean.json("metrics/featurize/a20.json")["roles"]
    assert [roles[role]["positives"] for role in ("rank", "calibrate", "threshold", "test")] == [0] * 4
    report = (clean.folder / "metrics/report.md").read_text()
    assert "**The test role can judge nothing**: of its 604 days none is labelled 1." in report
    assert "there is nothing to fit a map to" in report
    assert not re.search(r"\bnan\b|\binf\b", report, re.IGNORECASE)


def test_the_test_role_is_opened_by_one_stage_alone():
    opening = [path.name for path in (ROOT / "stages").glob("*.py") if "open_test=True" in path.read_text()]
    assert opening == ["opened.py"]
    again = ROOT / "src/buysignal/cli/doctor/tested.py"  # computes again what was opened, and nothing else
    for path in (ROOT / "src").rglob("*.py"):
        assert "open_test=True" not in path.read_text() or path == again, path
