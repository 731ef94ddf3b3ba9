"""The service answers what the commands print, in a process of its own, asked by the standard library."""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from buysignal.cli.main import main
from buysignal.ship.journal import lines
from tests.cli.follow.test_follow import journal
from tests.cli.serve.conftest import started


def printed(capsys, *words):
    """The object that a command prints; of bad bars its message without the file's name."""
    main(list(words))
    out, err = capsys.readouterr()
    return json.loads(out) if out else err.removeprefix("error: new.csv: ").strip()


def predicted(capsys, *words):
    return printed(capsys, "predict", "--bars", "new.csv", "--format", "json", *words)


def of_file(answer):
    """An answer as if its bars came from the file."""
    return answer | {"bars": answer["bars"] | {"file": "new.csv"}}


def test_the_latest_day_is_what_predict_prints_key_by_key_in_order(project, rows, service, capsys, monkeypatch):
    monkeypatch.chdir(project)
    status, answer = service.ask("/predict", {"bars": rows})
    wanted = predicted(capsys)
    assert status == 200 and answer["bars"]["file"] == "bars"
    assert of_file(answer) == wanted and list(answer) == list(wanted)
    assert service.ask("/predict", {"bars": rows, "days": 1}) == (200, answer)


def test_several_days_are_those_that_since_gives(project, rows, service, capsys, monkeypatch):
    monkeypatch.chdir(project)
    _, answer = service.ask("/predict", {"bars": rows, "days": 7})
    assert len(answer["days"]) == 7 and of_file(answer) == predicted(capsys, "--since", rows[-7]["date"])


def test_a_transformer_asked_for_by_name_answers_in_the_same_bits_four_requests_at_once(
    project, rows, capsys, monkeypatch
):
    monkeypatch.chdir(project)
    bodies = [{"bars": rows}, {"bars": rows[:-100]}] * 2
    words = ("--model", "a20-2M-T2", "--anyway")
    with started(project, *words) as service, ThreadPoolExecutor(4) as clients:
        found = list(clients.map(lambda body: service.ask("/predict", body), bodies))
        about = service.ask("/health")[1]
    last, before = predicted(capsys, *words), predicted(capsys, *words, "--as-of", rows[-101]["date"])
    assert about["model"] == "a20-2M-T2" and [status for status, _ in found] == [200] * 4
    assert [of_file(answer) for _, answer in found[::2]] == [last, last]
    for _, answer in found[1::2]:
        assert answer["days"] == before["days"] and answer["verdict"]["anyway"]


def test_health_names_the_model_its_verdict_and_the_bars_it_needs(rows, service):
    status, about = service.ask("/health")
    assert status == 200 and list(about) == ["status", "model", "verdict", "needed"]
    enough, few = (service.ask("/predict", {"bars": rows[: about["needed"] - less]}) for less in (0, 1))
    assert about["status"] == "ok" and enough[0] == 200 and few[0] == 400
    assert (about["model"], about["verdict"]) == (enough[1]["model"]["name"], enough[1]["verdict"]["word"])


def swapped(rows):
    return [*rows[:-1], rows[-1] | {"high": rows[-1]["low"], "low": rows[-1]["high"]}]


def negative(rows):
    return [*rows[:-9], rows[-9] | {"open": -1.0}, *rows[-8:]]


SPOILT = {
    "few": lambda rows: rows[:30],
    "backwards": lambda rows: [*rows[:-2], rows[-1], rows[-2]],
    "twice": lambda rows: [*rows, rows[-1]],
    "swapped": swapped,
    "negative": negative,
}


@pytest.mark.parametrize("how", SPOILT)
def test_bad_bars_are_refused_in_the_words_of_the_command(rows, service, capsys, monkeypatch, tmp_path, project, how):
    bad = SPOILT[how](rows)
    shutil.copytree(project / "data/models/shipped", tmp_path / "data/models/shipped")
    text = [",".join(rows[0]), *(",".join(str(cell) for cell in row.values()) for row in bad)]
    (tmp_path / "new.csv").write_text("\n".join(text) + "\n")
    monkeypatch.chdir(tmp_path)
    wanted = predicted(capsys)
    assert isinstance(wanted, str) and wanted  # a request has neither lines nor the flag
    wanted = re.sub(r"lines? \d+( and \d+)?, ", "", wanted.replace(" or give --on-bad-rows drop", ""))
    assert service.ask("/predict", {"bars": bad}) == (400, {"error": f"bars: {wanted}"})


def test_follow_is_what_its_command_prints_and_writes_no_page(project, capsys, monkeypatch, tmp_path):
    folder = shutil.copytree(project, tmp_path / "followed")
    monkeypatch.chdir(folder)
    with started(folder) as service:
        status, answer = service.ask("/follow")
        assert status == 404 and list(answer) == ["error"]
        assert answer["error"].startswith("journal/journal.jsonl holds no answer yet: `python -m buysignal update")
        journal(lines.PATH, "1.0011..0100.")
        status, answer = service.ask("/follow")
        assert status == 200 and not (folder / "journal/follow.html").exists()
    assert answer == printed(capsys, "follow", "--format", "json") and answer["buying_days"] == 9
