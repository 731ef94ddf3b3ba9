"""A model file that is not byte for byte what was shipped is refused in one line; a whole one is read in every bit."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from buysignal.core.errors import UserError
from buysignal.features.tiers import features
from buysignal.judge.calibration_maps import Temperature
from buysignal.judge.evidence import EVIDENCE
from buysignal.ship.manifest import Expected, Promise
from buysignal.ship.package import MANIFEST, load
from tests.cli.predict.examples import REGIME, expected
from tests.reliability.hostile_model import ASKS, CARD, INNER, PARAMETERS, changed, manifest_of, refusal, without
from tests.small_tier import LABEL, SHAPE


def write(folder: Path, content) -> None:
    (folder / MANIFEST).write_text(content if isinstance(content, str) else json.dumps(content))


def test_a_whole_model_is_read_in_every_bit(pair):
    found, said, told = load(pair[0]), manifest_of(pair[0])["scaler"], expected()
    assert (found.card, found.asks, found.label, found.threshold) == (CARD, ASKS, LABEL, 0.123457)
    assert found.features == tuple(f.name for f in features("a20"))
    assert found.certified == Promise(threshold=None, target=0.4, delta=0.1, reason="none is certified")
    assert found.calibration == Temperature(1.5)
    assert found.regime == REGIME and found.expected == Expected(**told)
    assert found.fitted.theta.shape == (2, PARAMETERS) and found.fitted.shape == SHAPE
    assert (found.scaler.mean.tolist(), found.scaler.deviation.tolist()) == (said["mean"], said["deviation"])


def test_a_model_shipped_before_it_told_its_regime_is_refused_with_what_mends_it(model):
    write(model, without(manifest_of(model), "regime"))
    assert "model.json: key regime is missing; run `dvc repro`" in refusal(model, MANIFEST)


def flip(path: Path, at: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


def test_one_flipped_bit_of_what_seals_the_fit_is_found_wherever_it_is(model):
    size = (model / INNER).stat().st_size
    rng = random.Random(6)
    for at in [0, size // 2, size - 1, *(rng.randrange(size) for _ in range(100))]:
        flip(model / INNER, at, bit := rng.randrange(8))
        assert "has SHA-256" in refusal(model, INNER)
        flip(model / INNER, at, bit)
    load(model)


def test_a_flipped_bit_of_the_manifest_changes_nothing_that_is_read(model):
    whole, data = load(model), (model / MANIFEST).read_bytes()
    rng, refused = random.Random(7), 0
    for _ in range(300):
        at, bit = rng.randrange(len(data)), rng.randrange(8)
        flip(model / MANIFEST, at, bit)
        try:
            found = load(model)
        except UserError as error:
            refused += 1
            assert len(str(error).splitlines()) == 1 and "model" in str(error)
        else:  # a blank between two values became another, or the last of 17 digits that one float has
            assert manifest_of(model) == json.loads(data)
            assert found.card == whole.card and found.threshold == whole.threshold
        flip(model / MANIFEST, at, bit)
    assert refused > 200


@pytest.mark.parametrize(
    ("place", "value"), [("threshold", 0.133457), ("label.horizon", 2), ("certified.target", 0.3), ("regime.high", 0.5)]
)
def test_a_legal_value_that_is_not_the_shipped_one_is_found(model, place, value):
    write(model, changed(manifest_of(model), place, value))
    assert "model.json: a value was changed: own_sha256 is " in refusal(model, MANIFEST)


@pytest.mark.parametrize("name", [INNER, MANIFEST])
def test_a_file_cut_anywhere_is_refused(model, name):
    data = (model / name).read_bytes()
    for keep in [0, 1, 7, 8, 9, len(data) // 3, len(data) - 2]:
        (model / name).write_bytes(data[:keep])
        refusal(model, name)
    (model / name).write_bytes(data + b"\0")
    refusal(model, name)


@pytest.mark.parametrize("name", [INNER, MANIFEST])
def test_a_missing_file_and_a_folder_in_its_place_are_told(model, name):
    (model / name).unlink()
    assert "is missing" in refusal(model, name)
    (model / name).mkdir()
    assert "is not a file" in refusal(model, name)


@pytest.mark.parametrize("name", [INNER, MANIFEST])
def test_a_file_larger_than_it_can_be_is_not_read(model, name):
    with open(model / name, "r+b") as file:
        file.truncate(1 << 34)  # 16 GiB, none of them on the disk
    assert "are the most it can need" in refusal(model, name)


STRANGE = [1e308, -1, 10**400, 2**64, 1e-320, None, "", "x", [], {}, [[]], "../../x", "a\x1b[31m\n", "NaN"]
PLACES = [
    "card",
    "asks",
    "asks.context",
    "asks.warmup",
    "asks.own",
    "asks.content",
    "features",
    "scaler",
    "scaler.mean",
    "scaler.deviation",
    "label",
    "threshold",
]
PLACES += ["certified", "calibration", "sha256"]
PLACES += [f"card.{key}" for key in ("name", "tier", "family", "configuration", "parameters", "cap", "seeds", "epochs")]
PLACES += [f"card.configuration.{key}" for key in ("d_model", "n_heads", "dropout")]
PLACES += ["label.horizon", "label.barrier", "certified.target"]
PLACES += ["certified.delta", "calibration.map", "calibration.temperature", "calibration.name", "own_sha256"]
PLACES += [
    "regime",
    *(f"regime.{key}" for key in vars(REGIME) if key != "symbols"),
    "expected",
    "expected.chosen",
    "expected.chosen.test",
]
PLACES += [f"expected.{key}" for key in ("n", "first", "last", "confidence", "precision_shrunk")]
PLACES += [f"expected.chosen.threshold.{key}" for key in EVIDENCE]


@pytest.mark.parametrize("place", PLACES)
def test_a_missing_or_strange_value_of_the_manifest_is_refused(model, place):
    good = manifest_of(model)
    write(model, without(good, place))
    refusal(model, MANIFEST)
    for other in (changed(good, place, value) for value in STRANGE):
        if other != good:
            write(model, other)
            refusal(model, MANIFEST)


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("pickle", "x", "unknown key pickle; known are card"),
        ("card.weights", "../../x", "unknown key card.weights; "),
        ("scaler.x\n", 1, r"unknown key scaler.x\n; "),
        ("label.multiple2", 1, "unknown key label.multiple2; did you mean label.multiple?"),
        ("certified.precision", 0.5, "unknown key certified.precision; "),
        ("certified.target", 0.0, "certified: target is 0.0; it must be a number above 0 and below 1"),
        ("certified.kind", "expectancy", "certified: target is 0.4; it must be 0, which is a mean return"),
        ("certified.kind", "money", "certified.kind is 'money'; it must be one of precision, expectancy"),
        ("calibration.slope", 0.5, "calibration is no map"),
        ("card.name", "../../etc/passwd", "card.name is '../../etc/passwd'; it must be a name of at most 80 letters"),
        ("card.name", "a\0b", r"card.name is 'a\x00b'; it must be a name"),
        ("card.name", "<script>", "card.name is '<script>'; it must be a name"),
        ("card.tier", "a50", "features are not the 55 of tier a50: number 26 is missing"),
        ("card.family", "baseline", "card.family is 'baseline'; it must be one of formula, logistic, "),
        ("card.family", "logistic", "card: configuration must be null: a logistic has none"),
        ("card.configuration", None, "card: configuration or seeds are missing: a transformer has them"),
        ("card.budget", "2M; rm -rf", "card.budget is '2M; rm -rf'; it must be a word"),
        ("card.configuration.n_heads", 3, "n_heads 3 does not divide d_model 8"),
        ("card.seeds", [11, 11], "card.seeds has 11 twice; each value once"),
        ("card.epochs", [2], "card: epochs has not the 2 values of seeds"),
        ("asks.context", 2**31 - 1, "asks.context is 2147483647; it must be a whole number"),
        ("scaler.mean", [0.0] * 24, "scaler.mean has 24 values; 25 features need as many"),
        ("scaler.deviation", [0.0] * 25, "scaler.deviation[0] is 0.0; it must be a number that is finite and above 0"),
        ("features", ["open", "__import__"], "features are not the 25 of tier a20: number 2 is '__import__'"),
        ("features", ["open", "os.system('x')"], "features[1] is \"os.system('x')\"; it must be a name"),
        ("threshold", 1.5, "threshold is 1.5; it must be a number in [0, 1]"),
        ("certified.threshold", 0.3, "expected.certified must be there if and only if a threshold is certified"),
        ("certified.threshold", "0.3", "certified.threshold is '0.3'; it must be a number in [0, 1]"),
        ("calibration.map", "pickle", "calibration.map is 'pickle'; it must be a calibration map: one of none, platt"),
        ("calibration.temperature", 0, "calibration gives a score no probability"),
        ("calibration.temperature", -1.0, "or a higher score a lower one"),
        ("calibration.tier", "a50", "it must be of a20-2M-T3 on a20"),
        ("calibration.reason", "a\nb", r"calibration.reason is 'a\nb'; it must be one printable line"),
        ("sha256", "A" * 64, "it must be 64 hex digits"),
        ("regime.market", "=cmd|' /C calc'!A0", "it must be a source or a symbol"),
        ("regime.seen", "2018-02-30", "regime.seen is '2018-02-30'; it must be a day such as 2018-12-31"),
        ("regime.last", "2001-03-08", "regime: it must have first <= last <= seen"),
        ("regime.low", 0.5, "low <= high"),
        ("regime.max_gap_days", 0, "regime.max_gap_days is 0; it must be a whole number from 1"),
        ("regime.least_close", 0, "regime.least_close is 0; it must be a number above 0"),
        ("regime.largest_move", -0.1, "regime.largest_move is -0.1; it must be a number from 0 to 10**12"),
        ("regime.mean", 0.2, "unknown key regime.mean; "),
        ("expected.confidence", 0.5, "expected.confidence is 0.5; it must be a number above 0.5 and below 1"),
        ("expected.n", 0, "expected: it must have first <= last and n >= 1"),
        ("expected.n", None, "expected: it has a part of the test role, and must have all of it or none"),
        ("expected.chosen.test", None, "expected: it has a part of the test role, and must have all of it or none"),
        ("expected.certified", {}, "key expected.certified.test is missing"),
        ("expected.chosen.validation", {}, "unknown key expected.chosen.validation; "),
        ("expected.chosen.test.hits", 13, "expected.chosen.test: it has 13 hits in 12 buys"),
        ("expected.chosen.test.recall_interval", [0.2, 0.1], "it must be a low and a high end"),
        ("expected.chosen.test.recall_interval", [0.1], "it must be a low and a high end"),
    ],
)
def test_a_value_that_shipping_would_not_write_is_named_with_what_is_right(model, place, value, says):
    write(model, changed(manifest_of(model), place, value))
    assert says in refusal(model, MANIFEST)


@pytest.mark.parametrize(
    "calibration",
    [
        {"map": "isotonic", "score": [0.1, 0.9], "probability": [0.9, 0.1]},
        {"map": "isotonic", "score": [0.1, 0.9], "probability": [0.1]},
        {"map": "isotonic", "score": 0.1, "probability": 0.2},
        {"map": "isotonic", "score": [], "probability": []},
        {"map": "isotonic", "score": [0.1, "0.9"], "probability": [0.1, 0.2]},
        {"map": "venn_abers", "score": [0.5], "low": [0.1], "high": [0.2]},
        {"map": "venn_abers", "score": [0.5], "low": [0.1, 2.0], "high": [0.2, 3.0]},
        {"map": "platt", "slope": -1.0, "intercept": 0.0},
        {"map": "platt", "slope": [1.0], "intercept": "0"},
        {"map": "none", "slope": 1.0},
        {"map": ["none"]},
        {"map": {}},
    ],
    ids=str,
)
def test_a_calibration_that_is_no_map_is_refused(model, calibration):
    own = {"name": CARD.name, "tier": "a20", "reason": ""}
    write(model, changed(manifest_of(model), "calibration", own | calibration))
    assert "calibration" in refusal(model, MANIFEST)


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "3", "{", "[" * 100_000, '{"a":' * 100_000, '{"sha256": 1, "sha256": 2}', "\0", "\ufeff{}",
     '{"threshold": NaN}', '{"threshold": 1' + "0" * 5000 + "}", "\x1b[2J", '"' + "x" * 100_000 + '"'],
    ids=range(14),
)  # fmt: skip
def test_a_manifest_that_is_no_json_object_is_refused(model, text):
    write(model, text)
    refusal(model, MANIFEST)


def test_a_manifest_that_is_no_utf8_is_refused(model):
    (model / MANIFEST).write_bytes((model / MANIFEST).read_text().replace("lowest", "löwest").encode("latin-1"))
    refusal(model, MANIFEST)
