"""The command answers in words, whatever it finds, and its status says how bad it is."""

import json
import shutil
import subprocess
import sys

import pytest

from buysignal.cli.doctor.catalogue import CATALOGUE, diagnose
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.text import blocks
from buysignal.cli.doctor.verdict import CANNOT_JUDGE, DECEPTION, LEVELS, OK, WARNING, Verdict, conclude
from buysignal.cli.main import main
from buysignal.cli.told import WIDTH, terminal
from tests.cli.doctor import claims, deceptions

pytestmark = pytest.mark.usefixtures("quick")


def test_a_clean_run_gives_status_0(clean, capsys):
    assert main(["doctor", "--project", str(clean)]) == 0
    assert f"{len(CATALOGUE)} checks: {len(CATALOGUE)} ok" in capsys.readouterr().out


def test_a_deception_gives_status_1_and_stands_first(copy, capsys):
    claims.second_look(copy)
    claims.precision_on_test_raised(copy)
    assert main(["doctor", "--project", str(copy)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("deception  numbers-altered ")
    levels = [line.split("  ")[0].strip() for line in lines[1:-2] if not line.startswith(" ")]
    assert [LEVELS.index(level) for level in levels] == sorted(LEVELS.index(level) for level in levels)


def test_a_warning_alone_gives_status_0(copy, capsys):
    claims.second_look(copy)
    assert main(["doctor", "--project", str(copy)]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("warning  test-reopened ")


@pytest.mark.parametrize("file", ["data/tested/scores.parquet", "metrics/mirror.json", "metrics/report.md"])
def test_a_check_that_cannot_judge_gives_status_2(copy, capsys, file):
    (copy / file).unlink()
    assert main(["doctor", "--project", str(copy)]) == 2
    assert file.split("/")[1] in capsys.readouterr().out


def test_a_deception_gives_status_1_whatever_else_cannot_be_judged(copy):
    claims.headline_file_raised(copy)
    (copy / "data/tested/scores.parquet").unlink()
    assert main(["doctor", "--project", str(copy)]) == 1


def test_the_status_is_told_by_help(capsys):
    with pytest.raises(SystemExit):
        main(["doctor", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "0 every check could judge and none found a deception, 1 a deception, 2 something cannot be judged" in said


def test_a_project_without_a_run_gives_status_2_and_names_what_is_missing(tmp_path, capsys):
    (tmp_path / "dvc.yaml").touch()
    assert main(["doctor", "--project", str(tmp_path)]) == 2
    out = capsys.readouterr().out
    assert "params.yaml" in out and "Traceback" not in out


def test_a_folder_that_is_no_project_is_one_line(tmp_path, capsys):
    assert main(["doctor", "--project", str(tmp_path)]) == 2
    said = f"error: {tmp_path} is no project, it has neither params.yaml nor dvc.yaml: name one with --project\n"
    assert capsys.readouterr() == ("", said)


def test_a_folder_that_is_not_there_is_one_line(tmp_path, capsys):
    assert main(["doctor", "--project", str(tmp_path / "none")]) == 2
    assert (
        capsys.readouterr().err == f"error: {tmp_path / 'none'} is no folder: name that of the project with --project\n"
    )


def test_json_has_the_verdicts(copy, capsys):
    claims.second_look(copy)
    main(["doctor", "--format", "json", "--project", str(copy)])
    found = json.loads(capsys.readouterr().out)
    assert found[0]["name"] == "test-reopened" and found[0]["level"] == WARNING and len(found) == len(CATALOGUE)


def test_the_catalogue_documents_itself(capsys):
    assert main(["doctor", "--list"]) == 0
    out = capsys.readouterr().out
    for check in CATALOGUE:
        assert f"{check.name} " in out and check.meaning.split()[0] in out
    assert max(map(len, out.splitlines())) <= WIDTH


def test_the_catalogue_is_told_to_programs_too(capsys):
    assert main(["doctor", "--list", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == [{"name": check.name, "meaning": check.meaning} for check in CATALOGUE]


def test_the_checks_wait_neither_for_torch_nor_for_what_only_a_search_needs():
    code = "import sys, buysignal.cli.doctor.catalogue; print({'torch', 'optuna', 'statsmodels.api'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


def test_a_line_is_wrapped_under_its_own_column_and_plain():
    text = terminal(blocks([Verdict("always-buy", DECEPTION, "word " * 60), Verdict("cap", OK, "fine")]))
    lines = text.splitlines()
    assert max(map(len, lines)) <= WIDTH and "\x1b" not in text
    assert lines[2].startswith(" " * len("deception  always-buy  ") + "word")
    assert "\x1b[31mdeception\x1b[0m" in terminal(blocks([Verdict("always-buy", DECEPTION, "x")]), colour=True)


def test_the_worst_is_said_and_faults_beyond_three_are_counted():
    assert conclude(["a", "b", "c", "d", "e"], ["w"], "fine").text == "a; b; c; and 2 more"
    assert conclude([], ["w"], "fine").level == WARNING
    assert conclude([], [], "fine").text == "fine"


FILES = [  # the first three in each run of the tests, the others among the long proofs
    "params.yaml",
    "data/candidate/scores.parquet",
    "data/models/models.json",
    "data/bars/bars.parquet",
    deceptions.TABLE,
    "data/selected.json",
    "metrics/selection.json",
    "metrics/train.json",
    "metrics/calibration.json",
    "metrics/snooping.json",
    "data/tested/scores.parquet",
    "plots/live/train/plots/metrics/stop_auc.tsv",
]


@pytest.mark.parametrize("file", [*FILES[:3], *(pytest.param(file, marks=pytest.mark.full) for file in FILES[3:])])
def test_a_missing_or_torn_artefact_is_named_and_never_a_traceback(copy, file):
    path = copy / file
    whole = path.read_bytes()
    for content in (None, whole[:9]):
        path.unlink() if content is None else path.write_bytes(content)
        verdicts = diagnose(Run(copy))
        without = [verdict for verdict in verdicts if verdict.level == CANNOT_JUDGE]
        assert without, content
        assert any(file.rsplit("/", 1)[-1] in verdict.text for verdict in without), without
        assert not [v for v in verdicts if v.level == DECEPTION]


def test_a_missing_ledger_cannot_be_judged_and_a_torn_one_cannot_be_believed(copy):
    path = copy / "metrics/ledger.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    assert {v.name: v.level for v in diagnose(Run(copy))}["test-reopened"] == DECEPTION
    path.unlink()
    [verdict] = [v for v in diagnose(Run(copy)) if v.name == "test-reopened"]
    assert verdict.level == CANNOT_JUDGE and "`git checkout HEAD -- metrics/ledger.jsonl`" in verdict.text


@pytest.mark.parametrize("content", ["{}", "null", '{"models": 3}', '[{"name": 1}]'])
def test_json_of_another_form_is_cannot_judge(copy, content):
    for file in ("data/selected.json", "metrics/selection.json", "metrics/train.json", "metrics/mirror.json"):
        (copy / file).write_text(content)
    verdicts = {verdict.name: verdict.level for verdict in diagnose(Run(copy))}
    assert verdicts["numbers-altered"] == CANNOT_JUDGE
    assert verdicts["scaler-on-all-data"] == OK


def test_a_run_that_selected_nothing_is_judged(copy):
    nothing = dict(shipped="", others=[])
    deceptions.edit_json(copy, "data/selected.json", lambda selected: selected.update(nothing, selected=[]))
    deceptions.edit_json(copy, "metrics/train.json", lambda train: train.update(nothing, models=[]))
    (copy / "data/models/models.json").write_text("[]")
    shutil.rmtree(copy / "data/models/shipped")
    levels = {verdict.name: verdict.level for verdict in diagnose(Run(copy))}
    said = {verdict.name: verdict.text for verdict in diagnose(Run(copy))}
    assert said["scaler-on-all-data"] == said["weights-altered"] == "no model was selected: nothing to look at"
    claimless = ["threshold-near-zero", "always-buy", "too-few-buys", "single-seed", "volatility-in-disguise"]
    assert [levels[name] for name in claimless] == [OK] * len(claimless)
    unjudged = {name for name, level in levels.items() if level == CANNOT_JUDGE}
    assert unjudged <= {"report-differs"}  # which is made of no files of two runs


def test_metrics_without_data_are_judged_as_far_as_they_go(copy):
    shutil.rmtree(copy / "data")
    levels = {verdict.name: verdict.level for verdict in diagnose(Run(copy))}
    assert levels["volatility-in-disguise"] == OK and levels["bare-precision"] == OK
    assert DECEPTION not in levels.values()
