"""``retrain`` where there is no project."""

from buysignal.cli.main import main


def test_outside_a_project_it_says_so_in_one_line_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["retrain", "--format", "json"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: params.yaml is missing: run from the project's folder\n")
    assert not list(tmp_path.iterdir())
