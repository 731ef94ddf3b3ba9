"""params.yaml is read strictly: what is wrong is named, with what would be right."""

import copy
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.core.settings import read
from buysignal.days.params import Label, Roles
from buysignal.models.params import Hyperparameters
from buysignal.models.patchtst.architecture import Configuration, Shape

DEFAULT = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))

ROLES = DEFAULT["roles"] | {"test": "rest"}
DATED = ROLES | {"train": "2008-12-31"}


def changed(key, value):
    """The default params with one dotted key set."""
    content = copy.deepcopy(DEFAULT)
    *sections, last = key.split(".")
    place = content
    for section in sections:
        place = place[section]
    place[last] = value
    return content


def refusal(content):
    with pytest.raises(UserError) as caught:
        Params.of(content)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_default_file_reads_and_its_sections_arrive_typed():
    params = Params.load("params.yaml")
    assert params.configuration == Configuration(64, 3, 4, 2, 0.3, 1e-4, 1e-4)
    assert params.shape == Shape(80, 16, 8, True)
    assert params.grids["2M"].cap == 2_000_000 and params.grids["200M"].n_heads == (8, 16)
    assert params.roles.parts == dict(train=0.5, stop=0.08, rank=0.1, calibrate=0.08, threshold=0.12, test=0.12)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("dropuot", 0.4, "unknown key dropuot; did you mean dropout"),
        ("x", 1, "unknown key x;"),
        ("model.dropout", 0.4, "unknown key model.dropout; did you mean dropout"),
        ("hpo.trails", 5, "unknown key hpo.trails; did you mean hpo.trials"),
        ("training.trials", 5, "unknown key training.trials; did you mean hpo.trials"),
        ("grids.2M.d_modle", [1], "unknown key grids.2M.d_modle; did you mean grids.2M.d_model"),
        ("dropout", "abc", "dropout is 'abc'; it must be a number in [0, 1)"),
        ("dropout", 1.0, "dropout is 1.0; it must be a number in [0, 1)"),
        ("dropout", True, "dropout is True; it must be a number"),
        ("learning_rate", "1e-4", "learning_rate is '1e-4'; it must be a number above 0 and at most 1"),
        ("learning_rate", 1e300, "learning_rate is 1e+300; it must be a number above 0 and at most 1"),
        ("learning_rate", float("nan"), "learning_rate is nan; it must be a number above 0"),
        ("learning_rate", 10**400, "it must be a number above 0"),
        ("d_model", 64.0, "d_model is 64.0; it must be a whole number from 1"),
        ("n_heads", 5, "params.yaml: n_heads 5 does not divide d_model 64; heads that do: 1, 2, 4, 8, 16"),
        ("seed", -1, "seed is -1; it must be a whole number >= 0"),
        ("tiers", ["a51"], "tiers[0] is 'a51'; it must be one of a20, a50, a100, a200"),
        ("tiers", [], "tiers is []; it must be a list with at least one value"),
        ("tiers", ["a50", "a50"], "tiers has 'a50' twice"),
        ("budgets", ["20MM"], "budget '20MM' has no grid; did you mean 20M"),
        ("budgets", ["../up"], "it must be a name of at most 20 letters and digits"),
        ("candidate.tier", "a20", "candidate.tier is a20; it must be one of tiers, which are a50, a100"),
        ("ingest.source", "nasdak", "it must be one of sp500, nasdaq, demo, csv, folder, yahoo"),
        ("ingest.on_bad_rows", "ignore", "ingest.on_bad_rows is 'ignore'; it must be one of error, drop"),
        ("ingest.max_gap_days", 0, "ingest.max_gap_days is 0; it must be a whole number >= 1"),
        ("label.horizon", 0, "label.horizon is 0; it must be a whole number from 1 to 250"),
        ("label.kind", "tripple", "label.kind is 'tripple'; it must be one of touch, close, triple"),
        ("label.stop", 0.02, "label.stop is 0.02; it must be a number from -1 and below 0"),
        ("label.stop", -1.5, "label.stop is -1.5; it must be a number from -1 and below 0"),
        ("label.stop", None, "label.stop is None; it must be a number from -1 and below 0"),
        ("label.threshold", 0.0, "label.threshold is 0.0; it must be a number above 0 and at most 1000"),
        ("roles.stop", 0.0, "roles.stop is 0.0; it must be a number from 0.001 to 0.995"),
        ("roles.stop", 0.0, "or the last day of the role, such as '2008-12-31'"),
        (
            "roles.stop",
            "2008-13-31",
            "roles.stop is '2008-13-31'; it must be a number from 0.001 to 0.995, or the last",
        ),
        ("roles.stop", "20081231", "roles.stop is '20081231'; it must be a number"),
        ("roles.stop", "rest", "roles.stop is 'rest'; it must be a number from 0.001 to 0.995, or the last day"),
        ("roles.test", "2018-12-28", "roles.test is '2018-12-28'; it must be a number from 0.001 to 0.995, or rest: "),
        ("roles.test", 0.5, "roles: the six roles sum to 1.38; they must sum to 1"),
        ("roles.test", 0.2, "roles: the six roles sum to 1.08; they must sum to 1"),
        (
            "roles.stop",
            "2008-12-31",
            "roles: stop has a last day, so test is what is left and no share: set it to rest",
        ),
        ("roles", ROLES | {"train": 0.9}, "roles: the shares sum to 1.28, which leaves test less than 0.001: make"),
        ("roles", ROLES | {"train": 0.62}, "roles: the shares sum to 1, which leaves test less than 0.001: make"),
        ("roles", DATED | {"rank": "2008-12-31"}, "roles: rank is 2008-12-31, which is not after train, 2008-12-31"),
        ("roles", DATED | {"until": "2008-06-30"}, "roles: until is 2008-06-30, which is not after train, 2008-12-31"),
        ("roles.until", "end", "roles.until is 'end'; it must be last, or a day such as '2018-12-31'"),
        ("roles.until", 2018, "roles.until is 2018; it must be last, or a day such as '2018-12-31'"),
        ("model.patch", 100, "model: it has stride 8, patch 100, context 80; it must be stride <= patch <= context"),
        ("hpo.dropout", [0.1, "x"], "hpo.dropout[1] is 'x'; it must be a number in [0, 1)"),
        ("hpo", 3, "hpo is 3; it must be a section of keys"),
        ("hpo.variants", 0, "hpo.variants is 0; it must be a whole number from 1"),
        ("hpo.variants", 5, "hpo: a batch of 4 trials cannot be cut into groups of 5 variants; set hpo.batch to 5, or"),
        ("hpo.variants", 3, "set hpo.batch to 3 or 6, or hpo.variants to a divisor of 4"),
        ("grids", {}, "grids is {}; it must map budget names to grids"),
        (
            "grids.a\n\x1b[31m",
            {"cpa": 1},
            "a name in grids is 'a\\n\\x1b[31m'; it must be a name of at most 20 letters",
        ),
        ("grids.<b>|", DEFAULT["grids"]["2M"], "a name in grids is '<b>|'; it must be a name of at most 20 letters"),
        ("budgets", [f"b{i}" for i in range(33)], "budgets has 33 values; it must have at most 32"),
        ("grids.2M.n_layers", list(range(900, 932)), "grids.2M: it has 878,880 layers in all its combinations"),
        ("supplement.pinned", "a\0b", "supplement.pinned is 'a\\x00b'; it must be a printable text of 1 to 1,000"),
        ("ingest.csv", "a\nb", "ingest.csv is 'a\\nb'; it must be a printable text"),
        ("ingest.csv", "\ud800", "ingest.csv is '\\ud800'; it must be a printable text"),
        ("ingest.csv", "a" * 1001, "it must be a printable text of 1 to 1,000 characters"),
        ("ingest.symbol", "<script>", "ingest.symbol is '<script>'; it must be a symbol of at most 20 letters, digits"),
        ("ingest.symbol", "a|b", "it must be a symbol"),
        ("ingest.symbol", "SPY QQQ", "or a list of such, each once, as [AAPL, MSFT]"),
        ("ingest.symbol", ["SPY", "a|b"], "it must be a symbol"),
        ("ingest.symbol", ["SPY", "SPY"], "each once"),
        ("ingest.symbol", ["SPY", 600519], "or a list of such"),
        ("ingest.symbol", [], "it must be a symbol"),
        ("ingest.symbol", "../SPY", "it must be a symbol"),
        ("ingest.symbol", "-SPY", "it must be a symbol"),
        ("ingest.symbol", "SPY\n", "it must be a symbol"),
        ("features.extra", "a:b", "features.extra is 'a:b'; it must be a list"),
        ("features.extra", ["a"], "features.extra[0] is 'a'; it must be a name in a file of the folder plugins, as"),
        ("models.extra", ["mine.py:X"], "models.extra[0] is 'mine.py:X'; it must be a name in a file of the folder"),
        ("models.extra", ["a:X", "a:X"], "models.extra has 'a:X' twice; each value once"),
        ("models.more", [], "unknown key models.more;"),
        ("label.threshold", 1e308, "label.threshold is 1e+308; it must be a number above 0 and at most 1000"),
        ("grids.3 M", DEFAULT["grids"]["2M"], "a name in grids is '3 M'"),
    ],
)
def test_a_bad_value_is_named_with_what_would_be_right(key, value, says):
    assert says in refusal(changed(key, value))


def test_a_close_that_is_asked_to_exceed_less_than_the_costs_is_refused():
    content = changed("label.kind", "close")
    content["label"]["threshold"] = 0.0004
    says = "params.yaml: label.threshold is 0.0004; of kind close it must be at least 0.0005, which a round trip costs"
    assert refusal(content) == f"{says} (costs.bps 5)"
    for bps in range(1, 1001):  # the costs themselves are enough, whatever binary makes of them
        content["label"]["threshold"] = float(f"{bps}e-4")
        content["costs"]["bps"] = bps
        assert Params.of(content).label.kind == "close"
    content["label"].update(threshold=0.0004, barrier="volatility")  # which is not read
    assert Params.of(content).label.barrier == "volatility"


@pytest.mark.parametrize(
    "key", ["seed", "dropout", "label", "label.kind", "label.stop", "roles.stop", "grids.2M.cap", "grids"]
)
def test_a_missing_key_is_named(key):
    content = copy.deepcopy(DEFAULT)
    *sections, last = key.split(".")
    place = content
    for section in sections:
        place = place[section]
    del place[last]
    assert f"key {key} is missing" in refusal(content)


def test_whole_numbers_are_numbers():
    assert Params.of(changed("weight_decay", 0)).configuration.weight_decay == 0.0


@pytest.mark.parametrize("key", ["seed", "dropout", "select.min_recall", "supplement.pinned", "tiers"])
def test_null_is_no_value_of_any_other_key(key):
    assert f"{key} is None; it must be " in refusal(changed(key, None))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [1", "is not valid YAML"),
        ("- 1\n- 2\n", "it must be a mapping of keys"),
        ("", "it must be a mapping of keys"),
        ("seed: 1\nseed: 2\n", "line 2 is not valid YAML: key seed stands twice"),
        ("a: &x [1]\nb: *x\n", "line 2 is not valid YAML: aliases are not read"),
        ("1: 2\n", "key 1 is not text"),
        ("a: !!python/object/apply:os.system ['true']\n", "is not valid YAML"),
        ("\x00", "is not valid YAML"),
        ("a: !!int 0x1f\n", "line 1 is not valid YAML: tags such as 'tag:yaml.org,2002:int' are not read"),
        ("a: !!timestamp x\n", "tags such as 'tag:yaml.org,2002:timestamp' are not read"),
        ("&x a: 1\n&y b: {<<: 2, <<: 3}\n", "line 2 is not valid YAML: key << stands twice"),
        ('"a\\nb": 1\n"a\\nb": 2\n', "line 2 is not valid YAML: key a\\nb stands twice"),
        ("a: " + "[" * 5000, "it is nested too deeply"),
        ("a: " + "x" * 2**19, "has 524,291 bytes: 524,288 are the most that is read"),
        ("a: 1\n--- {}\n", "is not valid YAML: but found another document"),
        ('a: "\\U99999999"\n', "is not valid YAML: "),
    ],
)
def test_a_file_that_is_no_params_file_gives_one_line(tmp_path, text, says):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=re.escape(says)) as caught:
        Params.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("symbol", ["SPY", "^GSPC", "BRK-B", "EURUSD=X", "600519.SS", "M&M.NS", "0P0000XYZ1.L"])
def test_symbols_of_every_exchange_are_read(symbol):
    content = changed("ingest.symbol", symbol)
    content["ingest"]["source"] = "yahoo"
    assert Params.of(content).ingest.symbol == symbol
    content["ingest"]["symbol"] = [symbol, "SPY2"]
    assert Params.of(content).ingest.symbol == (symbol, "SPY2")


@pytest.mark.parametrize(
    "written", ["064", "0x40", "0b1000000", "1_000", "1:04", "6_4.0", "yes", "2018-12-31", "1" * 31]
)
def test_what_yaml_1_1_and_dvc_read_as_different_values_is_no_number_here(tmp_path, written):
    text = Path("params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("d_model: 64 ", f"d_model: {written} "))
    with pytest.raises(UserError, match=r"d_model is .*; it must be a whole number from 1"):
        Params.load(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    "digits",
    ["1" * 400_000, "0x" + "f" * 400_000, "1" + ":59" * 100_000, "1" * 400_000 + "e"],
    ids=["long", "hex", "minutes", "half"],
)
def test_a_number_of_any_length_is_refused_at_once(tmp_path, digits):
    text = Path("params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("d_model: 64 ", f"d_model: {digits} "))
    started = time.process_time()
    with pytest.raises(UserError, match=r"d_model is .*; it must be a whole number from 1"):
        Params.load(tmp_path / "params.yaml")
    assert time.process_time() - started < 5  # a pattern that tries again at every digit takes half an hour


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding_is_named_with_its_line(tmp_path, encoding):
    (tmp_path / "params.yaml").write_bytes("seed: 1\nname: é\n".encode(encoding))
    with pytest.raises(UserError, match=r"line \d is not UTF-8 text: save the file as UTF-8"):
        Params.load(tmp_path / "params.yaml")


@pytest.mark.parametrize("change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")], ids=["mark", "CRLF"])
def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path, change):
    text = Path("params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_bytes(change(text).encode())
    assert Params.load(tmp_path / "params.yaml") == Params.load("params.yaml")


def test_a_folder_a_pipe_and_a_device_are_no_params_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(UserError, match="is not a file: run from the project's folder"):
            Params.load(path)
    with pytest.raises(UserError, match="cannot be read: File name too long"):
        Params.load(tmp_path / ("a" * 300))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match="run from the project's folder"):
        Params.load(tmp_path / "params.yaml")


def test_sections_are_read_without_the_libraries_of_their_rooms():
    """So that a command which asks for one number does not wait for torch."""
    code = "import sys, buysignal.cli.params, buysignal.cli.gate.params; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "pandas", "numpy", "scipy", "sklearn"} & set(done.stdout.split())


def test_one_section_is_read_whatever_is_wrong_with_another(tmp_path):
    text = Path("params.yaml").read_text(encoding="utf-8").replace("horizon: 1 ", "horizon: x ")
    (tmp_path / "params.yaml").write_text(text + "unknown: 1\n")
    assert read(Roles, tmp_path / "params.yaml").test == 0.12
    assert read(Hyperparameters, tmp_path / "params.yaml").d_model == 64
    with pytest.raises(UserError, match=r"params.yaml: label.horizon is 'x'; it must be a whole number from 1 to 250"):
        read(Label, tmp_path / "params.yaml")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = [k for k, v in DEFAULT.items() if not isinstance(v, dict)]
KEYS += [f"{s}.{k}" for s, v in DEFAULT.items() if isinstance(v, dict) and s != "grids" for k in v]
KEYS += [f"grids.2M.{k}" for k in DEFAULT["grids"]["2M"]] + ["grids", "grids.2M", "hpo"]


@given(st.sampled_from(KEYS), JUNK)
def test_no_value_of_any_key_escapes_as_anything_but_one_line(key, value):
    try:
        Params.of(changed(key, value))
    except UserError as error:
        assert "\n" not in str(error) and len(str(error)) < 400


@pytest.mark.parametrize("written", ["5e-05", "5.0e-5", "5E-5", ".5e-4", "0.00005", "+5e-05"])
def test_small_numbers_read_as_numbers_however_they_are_written(tmp_path, written):
    text = Path("params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("learning_rate: 1.0e-4 ", f"learning_rate: {written} "))
    assert Params.load(tmp_path / "params.yaml").configuration.learning_rate == 5e-5
