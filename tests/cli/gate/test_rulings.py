"""All rules on the files of a run: what is missing or torn is said, and nothing else is judged the worse for it."""

import re

import pytest

from buysignal.cli.doctor.run import Run
from buysignal.cli.gate.params import PATH, Gates
from buysignal.cli.gate.revision import fetch
from buysignal.cli.gate.rules import CANNOT_JUDGE, FAIL, NOT_ASKED, OFF, PASS
from buysignal.cli.gate.rulings import Case, changes, conclusion, judge, sentence
from buysignal.cli.gate.text import blocks
from buysignal.cli.told import markdown, terminal
from buysignal.core.errors import UserError
from buysignal.core.settings import of, read, section
from buysignal.judge.params import CANNOT_TELL, DO_NOT_USE, USE
from buysignal.judge.verdict import Verdict
from buysignal.ship.registered import NOTHING
from tests.cli.gate.examples import DATA, GOOD, JUDGED, LEDGER, ROOT, commit, edit, look, replace, write

GATES = read(Gates, ROOT / PATH)
KEYS = ["verdict", "precision_low", "recall", "lift", "prediction_width", "new_looks", "precision_drop", "recall_drop"]


@pytest.fixture
def project(tmp_path):
    """A run that passes, committed."""
    write(tmp_path / "project")
    commit(tmp_path / "project")
    return tmp_path / "project"


def against(project, revision, tmp_path, gates=GATES):
    """Key -> ruling of the project against a revision."""
    base = fetch(project, revision, tmp_path / "base")
    return {ruling.key: ruling for ruling in judge(Case(gates, Run(project), base))}


def alone(project, gates=GATES):
    return {ruling.key: ruling for ruling in judge(Case(gates, Run(project)))}


def verdicts(rulings):
    return [ruling.verdict for ruling in rulings.values()]


def test_the_verdict_stands_first_and_precision_before_recall_and_both_before_the_rest(project):
    assert list(alone(project)) == KEYS


def test_without_a_revision_what_needs_one_is_not_asked_and_does_not_count(project):
    rulings = alone(project)
    assert verdicts(rulings) == [PASS] * 5 + [NOT_ASKED] * 3
    assert sentence(list(rulings.values())) == "pass: all 5 rules that were asked are met"


def test_a_run_against_itself_passes_every_rule(project, tmp_path):
    assert verdicts(against(project, "HEAD", tmp_path)) == [PASS] * 8


TOLD = {word: of(Verdict, word, "it may as well lose money", None) for word in (USE, DO_NOT_USE, CANNOT_TELL)}


@pytest.mark.parametrize(
    ("before", "now", "ruling"),
    [
        (CANNOT_TELL, CANNOT_TELL, PASS),
        (DO_NOT_USE, CANNOT_TELL, PASS),
        (USE, CANNOT_TELL, CANNOT_JUDGE),
        (CANNOT_TELL, DO_NOT_USE, FAIL),
        (DO_NOT_USE, DO_NOT_USE, FAIL),
        (CANNOT_TELL, USE, PASS),
    ],
)
def test_a_change_answers_only_for_a_verdict_that_it_made_worse(project, tmp_path, before, now, ruling):
    write(project, replace(GOOD, verdict=TOLD[before]))
    commit(project)
    write(project, replace(GOOD, verdict=TOLD[now]))
    found = against(project, "HEAD", tmp_path)["verdict"]
    assert found.verdict == ruling
    if before != USE and now == CANNOT_TELL:
        assert (found.found, found.wanted) == (f"cannot tell, before: {before}", "no worse than HEAD")
    if now == CANNOT_TELL:
        assert alone(project)["verdict"].verdict == CANNOT_JUDGE  # whether it may be shipped is another question


def test_a_verdict_that_the_revision_lacks_excuses_nothing(project, tmp_path):
    edit(project, "metrics/train.json", lambda run: run["models"][0].pop("verdict"))
    commit(project)
    write(project, replace(GOOD, verdict=TOLD[CANNOT_TELL]))
    assert against(project, "HEAD", tmp_path)["verdict"].verdict == CANNOT_JUDGE


@pytest.mark.parametrize("key", KEYS)
def test_a_rule_that_is_null_is_off(project, tmp_path, key):
    rulings = against(project, "HEAD", tmp_path, replace(GATES, **{key: None}))
    assert {k for k, ruling in rulings.items() if ruling.verdict == OFF} == {key}


def test_a_gate_without_a_rule_passes_nothing(project):
    rulings = list(alone(project, Gates(**dict.fromkeys(KEYS))).values())
    assert conclusion(rulings) == CANNOT_JUDGE and "no rule was asked" in sentence(rulings)


def test_a_failing_rule_outranks_one_that_cannot_judge(project):
    (project / "metrics/selection.json").unlink()
    rulings = alone(project, replace(GATES, recall=0.9))
    assert verdicts(rulings)[1:5] == [PASS, FAIL, PASS, CANNOT_JUDGE]
    assert conclusion(list(rulings.values())) == FAIL
    assert conclusion(list(alone(project).values())) == CANNOT_JUDGE


def test_a_run_that_selected_no_model_fails(project, tmp_path):
    write(project, None, configuration="none")
    rulings = against(project, "HEAD", tmp_path, replace(GATES, new_looks=1))
    assert verdicts(rulings) == [FAIL] * 5 + [PASS] + [FAIL] * 2
    assert "nothing ships: no contender of the run has an operating point" in sentence(list(rulings.values()))


def test_nothing_can_fall_from_a_revision_that_selected_none(tmp_path):
    write(tmp_path / "p", None)
    commit(tmp_path / "p")
    write(tmp_path / "p", configuration="two")
    rulings = against(tmp_path / "p", "HEAD", tmp_path, replace(GATES, new_looks=1))
    assert verdicts(rulings) == [PASS] * 8


TRAIN = ("verdict", "precision_low", "recall", "lift", "prediction_width", "precision_drop", "recall_drop")


@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("metrics/train.json", (*TRAIN, "new_looks")),
        ("metrics/selection.json", ("prediction_width", "recall_drop")),
    ],
)
@pytest.mark.parametrize("torn", [None, "", "[1, 2", '{"models": [{"name": NaN}]}', "{}", "7", '[{"name": 3}]'])
def test_a_file_that_is_missing_or_torn_is_named_by_the_rules_that_need_it(project, tmp_path, file, keys, torn):
    path = project / file
    path.unlink() if torn is None else path.write_text(torn)
    rulings = against(project, "HEAD", tmp_path)
    assert {key for key, ruling in rulings.items() if ruling.verdict == CANNOT_JUDGE} == set(keys)
    for key in keys:
        reason = rulings[key].reason
        assert file.split("/")[1] in reason or "metrics/ has not our form" in reason
        assert "\n" not in reason and str(tmp_path) not in reason
    assert FAIL not in verdicts(rulings)


def test_a_run_that_is_not_registered_cannot_be_judged_and_takes_no_look(project, tmp_path):
    commit(project)
    closed = {"shipped": "", "models": [], "look": None, "unopened": "rank 1 is another"}
    edit(project, "metrics/train.json", lambda content: content.update(closed))
    rulings = against(project, "HEAD", tmp_path)
    assert {key: ruling.verdict for key, ruling in rulings.items()} == dict.fromkeys(TRAIN, CANNOT_JUDGE) | {
        "new_looks": PASS
    }
    assert all("not registered: rank 1 is another" in rulings[key].reason for key in TRAIN)
    commit(project)  # against such a run nothing can have fallen
    write(project)
    assert "at HEAD: not registered" in against(project, "HEAD", tmp_path)["precision_drop"].reason


def test_a_run_that_selected_nothing_fails_though_nothing_could_be_registered(project):
    closed = dict(shipped="", models=[], unopened=NOTHING)
    edit(project, "metrics/train.json", lambda content: content.update(closed))
    assert alone(project)["recall"].reason == "nothing ships: no contender of the run has an operating point"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("precision_low", "0.9"),
        ("precision_low", None),
        ("recall", 1.1),
        ("n_buys", -1),
        ("n_eff", True),
    ],
)
def test_a_value_that_train_never_writes_is_named_and_not_judged(project, key, value):
    edit(project, "metrics/train.json", lambda content: content["models"][0].update({key: value}))
    ruling = alone(project)["precision_low"]
    assert ruling.verdict == CANNOT_JUDGE and f"shipped.{key} is " in ruling.reason


def test_a_row_that_is_not_there_is_named(project):
    edit(project, "metrics/train.json", lambda content: content.update(shipped="a50-blend"))
    ruling = alone(project)["recall"]
    assert ruling.verdict == CANNOT_JUDGE
    assert ruling.reason == "metrics/train.json has no row of 'a50-blend', which ships: run `dvc repro test`"


def test_what_ships_is_judged_whatever_it_is(project):
    """A baseline that ships stands among the others, and is not asked to be ahead of itself."""

    def change(content):
        own = {"name": "a50-volatility", "at_as_many_buys": {"a50-volatility": 0.7}}
        content["others"] = [content["models"][0] | own]
        content.update(shipped="a50-volatility")

    edit(project, "metrics/train.json", change)
    edit(project, "metrics/selection.json", lambda rows: rows.append(rows[0] | {"name": "a50-volatility", "seeds": 0}))
    rulings = alone(project)
    assert verdicts(rulings) == [PASS, PASS, PASS, NOT_ASKED, PASS, *[NOT_ASKED] * 3]
    assert rulings["lift"].found == "a50-volatility itself ships: nothing is to be ahead of itself"
    assert "pass: all 4 rules that were asked are met" in terminal(blocks(list(rulings.values()), [], None))


def test_a_revision_from_before_what_ships_was_chosen_is_judged_by_the_model_selected_first(project, tmp_path):
    def older(content):
        first = content["models"][0]
        content["models"] = [first, first | {"name": "a50-2M-T2", "precision": 0.2}]
        content["baselines"] = content.pop("others")
        content.pop("shipped")

    whole = (project / "metrics/train.json").read_text()
    edit(project, "metrics/train.json", older)
    commit(project)
    (project / "metrics/train.json").write_text(whole)
    rulings = against(project, "HEAD", tmp_path)
    assert verdicts(rulings) == [PASS] * 8 and rulings["precision_drop"].found.endswith("(0.700 to 0.700)")


def test_without_a_baseline_to_compare_with_the_lead_cannot_be_judged(project):
    edit(project, "metrics/train.json", lambda content: content["models"][0].update(at_as_many_buys={}))
    assert "it must name at least one baseline" in alone(project)["lift"].reason


def test_a_baseline_whose_name_cannot_be_printed_is_refused(project):
    edit(project, "metrics/train.json", lambda content: content["models"][0].update(at_as_many_buys={"\x1b[31m": 0.1}))
    assert "a name in shipped.at_as_many_buys is '\\x1b[31m'; it must be a printable" in alone(project)["lift"].reason


@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("metrics/train.json", {"precision_drop", "recall_drop"}),
        ("metrics/selection.json", {"recall_drop"}),
        (LEDGER, {"new_looks", "precision_drop", "recall_drop"}),
    ],
)
@pytest.mark.parametrize("content", [None, '{"torn'])
def test_what_the_revision_lacks_or_has_torn_is_said_of_the_revision(project, tmp_path, file, keys, content):
    whole = (project / file).read_text()
    (project / file).unlink() if content is None else (project / file).write_text(content)
    commit(project)
    (project / file).write_text(whole)
    rulings = against(project, "main", tmp_path)
    assert {key for key, ruling in rulings.items() if ruling.verdict == CANNOT_JUDGE} == keys
    for key in keys:
        missing = f"main has no {file}", f"at main: {file} is missing"
        assert rulings[key].reason.startswith(missing if content is None else f"at main: {file}")
        assert str(tmp_path) not in rulings[key].reason


def test_metrics_that_the_ledger_did_not_see_are_not_judged(project):
    edit(project, "metrics/train.json", lambda content: content["models"][0].update(precision=0.8))
    reason = alone(project)["precision_low"].reason
    assert reason.startswith("metrics/train.json says precision 0.800 of a50-2M-T1, and metrics/ledger.jsonl saw 0.700")
    edit(project, "metrics/train.json", lambda content: content["models"][0].update(precision=0.71))  # another machine
    assert alone(project)["precision_low"].verdict == PASS
    (project / LEDGER).unlink()
    assert alone(project)["precision_low"].verdict == CANNOT_JUDGE


def test_one_more_look_fails_unless_it_is_allowed(project, tmp_path):
    write(project, configuration="two")
    ruling = against(project, "HEAD", tmp_path)["new_looks"]
    assert ruling.verdict == FAIL and ruling.found == "1 of 2"
    assert ruling.reason.startswith("HEAD has not line 2 of the ledger: these test days were looked at 2 times")
    assert against(project, "HEAD", tmp_path, replace(GATES, new_looks=1))["new_looks"].verdict == PASS


def test_a_look_that_was_cut_off_is_found(project, tmp_path):
    before = (project / LEDGER).read_bytes()
    write(project, configuration="two")
    (project / LEDGER).write_bytes(before)
    ruling = against(project, "HEAD", tmp_path)["new_looks"]
    assert ruling.verdict == FAIL and "no line of metrics/ledger.jsonl: it was cut off" in ruling.reason


def test_a_ledger_written_anew_is_no_continuation(project, tmp_path):
    another = write(tmp_path / "another", configuration="another")
    for file in (LEDGER, "metrics/train.json"):
        (project / file).write_bytes((another / file).read_bytes())
    ruling = against(project, "HEAD~0", tmp_path)["new_looks"]
    assert ruling.verdict == FAIL and "is not that of HEAD~0 continued: line 1 is gone or another" in ruling.reason


def test_a_ledger_that_lost_its_last_line_is_no_continuation(project, tmp_path):
    look(project, "two")
    commit(project)
    (project / LEDGER).write_text((project / LEDGER).read_text().splitlines()[0] + "\n")
    ruling = against(project, "HEAD", tmp_path)["new_looks"]
    assert ruling.verdict == FAIL and "line 2 is gone or another" in ruling.reason


def test_a_new_line_that_is_torn_cannot_be_judged(project, tmp_path):
    with open(project / LEDGER, "a") as file:
        file.write('{"number": 2')
    ruling = against(project, "HEAD", tmp_path)["new_looks"]
    assert ruling.verdict == CANNOT_JUDGE and "line 2, is torn" in ruling.reason


def test_other_test_days_cannot_be_compared(project, tmp_path):
    write(project, configuration="later", data=DATA | {"last": "2019-01-02"})
    rulings = against(project, "HEAD", tmp_path)
    for key in ("precision_drop", "recall_drop"):
        assert rulings[key].verdict == CANNOT_JUDGE and "test days or labels of HEAD are others" in rulings[key].reason


def test_other_labels_of_the_same_days_cannot_be_compared(project, tmp_path):
    write(project, replace(GOOD, base_rate=0.2))
    assert against(project, "HEAD", tmp_path)["precision_drop"].verdict == CANNOT_JUDGE


def test_a_drop_larger_than_noise_fails_each_on_its_own(project, tmp_path):
    write(project, replace(GOOD, precision=0.5), configuration="two")
    rulings = against(project, "HEAD", tmp_path)
    assert (rulings["precision_drop"].verdict, rulings["recall_drop"].verdict) == (FAIL, PASS)
    write(project, replace(GOOD, recall=0.4), configuration="three")
    rulings = against(project, "HEAD", tmp_path)
    assert (rulings["precision_drop"].verdict, rulings["recall_drop"].verdict) == (PASS, FAIL)


def test_a_gate_that_was_moved_is_told(project, tmp_path):
    base = fetch(project, "HEAD", tmp_path / "base")
    assert changes(Case(GATES, Run(project), base)) == []
    moved = replace(GATES, precision_low=0.2, lift=None)
    assert changes(Case(moved, Run(project), base)) == [
        "precision_low in gates.yaml is 0.2 here and 0.4 at HEAD",
        "lift in gates.yaml is null here and 0.0 at HEAD",
    ]


@pytest.mark.parametrize("file", ["gates.yaml", "params.yaml"])
@pytest.mark.parametrize("text", ["seed: 1\n", "gates: 3\n", "gates: [", "gates: {recall: 1}\n"])
def test_a_revision_from_before_there_were_gates_is_compared_all_the_same(project, tmp_path, file, text):
    (project / "gates.yaml").unlink()
    (project / file).write_text(text)
    commit(project)
    base = fetch(project, "HEAD", tmp_path / "base")
    assert changes(Case(GATES, Run(project), base)) == []


def test_a_gate_that_was_moved_on_its_way_from_params_to_a_file_of_its_own_is_told(project, tmp_path):
    lines = (project / "gates.yaml").read_text().replace("recall: 0.10", "recall: 0.20").splitlines()
    (project / "params.yaml").write_text("gates:\n" + "\n".join(f"  {line}" for line in lines) + "\n")
    (project / "gates.yaml").unlink()
    commit(project)
    base = fetch(project, "HEAD", tmp_path / "base")
    assert changes(Case(GATES, Run(project), base)) == ["recall in gates.yaml is 0.1 here and 0.2 at HEAD"]


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("precison_low", 0.4, "unknown key precison_low; did you mean precision_low"),
        ("precision_low", 1, "precision_low is 1; it must be a number in [0, 1), or null"),
        ("recall", "none", "recall is 'none'; it must be a number in [0, 1), or null"),
        ("lift", -1.0, "lift is -1.0; it must be a number above -1 and below 1, or null"),
        ("prediction_width", float("nan"), "prediction_width is nan; it must be a number in [0, 1)"),
        ("new_looks", 0.5, "new_looks is 0.5; it must be a whole number >= 0, or null"),
        ("new_looks", False, "new_looks is False; it must be a whole number >= 0, or null"),
        ("precision_drop", 0.5, "precision_drop is 0.5; it must be a number above 0.5 and below 1"),
        ("recall_drop", 1.0, "recall_drop is 1.0; it must be a number above 0.5 and below 1, or null"),
    ],
)
def test_a_bad_gate_is_named_with_what_would_be_right(key, value, says):
    with pytest.raises(UserError, match=re.escape(f"gates.yaml: {says}")):
        section(Gates, dict(GATES) | {key: value}, PATH)


SOME = {key: 0.9 for key in KEYS if key != "lift"} | {"new_looks": 0, "verdict": "use"}


@pytest.mark.parametrize("content", [None, 3, SOME])
def test_gates_that_are_not_all_there_are_refused(content):
    with pytest.raises(UserError, match=r"^gates.yaml: (it holds .*must be a mapping|key lift is missing)"):
        section(Gates, content, PATH)


def test_a_project_below_the_root_of_its_repository_is_found_there(tmp_path):
    write(tmp_path / "below")
    commit(tmp_path)
    assert verdicts(against(tmp_path / "below", "HEAD", tmp_path)) == [PASS] * 8


@pytest.mark.parametrize("revision", ["nosuch", "", "--all", "HEAD:params.yaml", "main..main", "a\nb", "\0"])
def test_a_revision_that_git_does_not_know_gives_one_line(project, tmp_path, revision):
    with pytest.raises(UserError) as caught:
        fetch(project, revision, tmp_path / "base")
    assert re.match("git (knows no revision|cannot be asked for) ", str(caught.value)) and "\n" not in str(caught.value)


HOSTILE = "a|b<script>alert(1)</script>[x](http://e)`*_@me"


def test_a_name_stays_a_name_in_markdown(project):
    write(project, replace(GOOD, name=HOSTILE, recall=0.05), JUDGED, "two")
    rulings = list(alone(project).values())
    page = markdown(blocks(rulings, [f"gates of {HOSTILE}"], HOSTILE))
    assert sum("a&#124;b&#60;script&#62;" in line for line in page.splitlines()) == 4  # sentence, REV, row and note
    for sign in ("<", ">", "[", "]("):
        assert sign not in page
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 8 and {line.count("|") for line in rows} == {5}


def test_the_lines_of_the_terminal_are_short_and_name_every_rule(project):
    rulings = list(alone(project, replace(GATES, recall=0.9)).values())
    said = terminal(blocks(rulings, [], None))
    assert max(map(len, said.splitlines())) <= 100
    assert all(ruling.rule in said for ruling in rulings) and "fail: the recall of a50-2M-T1, 0.583, is not at" in said
