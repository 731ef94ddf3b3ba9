"""A model of a user's own is a contender like every other, or is refused in one line that names it."""

import subprocess
import sys
from unittest import mock

import numpy as np
import pytest

from buysignal.core.errors import UserError
from buysignal.core.plugins import module_of
from buysignal.models import contenders, extra, kept
from buysignal.models.contenders import NONE
from buysignal.models.days import Days
from buysignal.models.params import Models
from buysignal.models.rivals.baselines import KINDS
from buysignal.models.unfitted import TAKEN, hyphened, made, require_models
from tests.features.samples import random_bars
from tests.models.contract import ContenderContract
from tests.small_tier import LABEL, TIER, tier_frame

SPEC = "plugins/mine.py:Mine"
HEAD = "import collections\nimport decimal\nimport numpy as np\nfrom sklearn.linear_model import LogisticRegression\n\n"
GOOD = """
class Mine:
    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        self.weights = np.random.default_rng(self.random_state).standard_normal(X.shape[1])
        self.seen = (X.dtype.str, X.shape, y.dtype.str, sorted(set(y.tolist())))
        return self

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-np.clip((X * self.weights).sum(axis=1), -30, 30)))
        return np.column_stack([1 - p, p])
"""


@pytest.fixture(scope="module")
def days():
    return Days.of(random_bars(500, seed=9), tier_frame(), TIER, LABEL, 20)


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Writes plugins/mine.py, and a params.yaml that names what the tests fit."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "params.yaml").write_text(
        f"models:\n  extra:\n  - {SPEC}\n  - sklearn.linear_model:Perceptron\n  pretrained: {NONE}\n"
    )

    def write(text: str) -> None:
        (tmp_path / "plugins/mine.py").write_text(HEAD + text)

    write(GOOD)
    yield write
    sys.modules.pop(module_of(SPEC), None)


def fitted(days, spec=SPEC, seed=7):
    [one] = extra.fit(days, [spec], seed)
    return one


def refused(call, *arguments) -> str:
    with pytest.raises(UserError) as told:
        call(*arguments)
    assert "\n" not in str(told.value)
    return str(told.value)


def test_it_is_fitted_on_the_train_days_with_the_seed_and_scores_every_day(days, mine):
    own = fitted(days)
    card = own.card
    assert (card.name, card.family, card.origin, card.seeds) == (f"{TIER}-mine", "own", "own", (7,))
    seen = own.classifier.seen
    assert seen == ("<f8", (int((days.role == "train").sum()), len(days.names)), "<i8", [0, 1])
    weights = np.random.default_rng(7).standard_normal(len(days.names))
    expected = 1 / (1 + np.exp(-np.clip(days.values.astype(float) @ weights, -30, 30)))
    np.testing.assert_allclose(own.scored(days).scores, expected[None, :], rtol=1e-9)


def test_no_day_after_the_stop_role_is_seen_and_no_number_of_days_changes_a_bit(days, mine):
    known = days.known()
    assert fitted(known).model == fitted(days).model
    own = fitted(days)
    np.testing.assert_array_equal(own.score(known)[0], own.score(days)[0, : len(known.index)])


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("Mine = LogisticRegression", (7,)),
        ("Mine = LogisticRegression()", (7,)),
        ("def Mine():\n    return LogisticRegression(random_state=3)\n", ()),
        ("from sklearn.naive_bayes import GaussianNB as Mine", ()),
        (
            "from sklearn.pipeline import make_pipeline\ndef Mine():\n    return make_pipeline(LogisticRegression())",
            (7,),
        ),
    ],
)
def test_a_class_an_object_and_a_maker_are_taken_and_given_the_seed_where_none_is_set(days, mine, text, seeds):
    mine(text)
    assert fitted(days).card.seeds == seeds
    assert made(SPEC, 7)[0] is not made(SPEC, 7)[0]


def test_it_is_read_back_to_the_bit_by_another_process_and_equal_fits_are_equal_bytes(days, mine, tmp_path):
    own = fitted(days)
    kept.save(tmp_path / "one", own)
    kept.save(tmp_path / "two", fitted(days))
    for name in (kept.FITTED, "model.skops"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    back = contenders.load(tmp_path / "one")
    assert type(back) is extra.Own and back.card == own.card and back.spec == SPEC
    np.testing.assert_array_equal(back.score(days), own.score(days))
    code = "from buysignal.models.contenders import load; print(load('one').classifier.weights.tobytes().hex())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == own.classifier.weights.tobytes().hex()


def test_what_was_fitted_by_other_code_or_is_not_named_in_params_is_not_read_back(days, mine, tmp_path):
    kept.save(tmp_path / "one", fitted(days))
    mine(GOOD + "\n# a comment is nothing\n")
    assert contenders.load(tmp_path / "one").spec == SPEC
    mine(GOOD.replace("-30, 30", "-20, 20"))
    told = refused(contenders.load, tmp_path / "one")
    where = f"{tmp_path / 'one' / kept.FITTED}: "
    assert told == f"{where}plugins/mine.py was changed since {TIER}-mine was made: run `dvc repro`"
    mine(GOOD)
    (tmp_path / "params.yaml").write_text(f"models:\n  extra: []\n  pretrained: {NONE}\n")
    told = refused(contenders.load, tmp_path / "one")
    assert told == f"{where}{TIER}-mine needs '{SPEC}': models.extra in params.yaml must name it, or it is not run"


def test_bytes_that_hold_what_the_plug_in_does_not_import_are_not_read(days, mine, tmp_path):
    import skops.io

    kept.save(tmp_path / "one", fitted(days))
    own = contenders.load(tmp_path / "one")
    changed = type(own)(own.card, own.spec, own.content, skops.io.dumps({"x": subprocess.Popen}))
    kept.save(tmp_path / "two", changed)
    told = refused(contenders.load, tmp_path / "two")
    assert "it holds a subprocess.Popen, and what is read may be of" in told
    kept.save(tmp_path / "two", type(own)(own.card, own.spec, own.content, b"no archive"))
    assert f"{SPEC} cannot be read back by skops (BadZipFile" in refused(contenders.load, tmp_path / "two")


PROBA = "        return np.column_stack([1 - p, p])"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            PROBA,
            "        return np.column_stack([1 - p, np.where(p > 0.5, np.nan, p)])",
            "days no finite number; it must",
        ),
        (
            PROBA,
            "        return p",
            "predict_proba gives shape (256,) for 256 days; it must be (256, 2), a row per day",
        ),
        (PROBA, "        return p[:, None]", "predict_proba gives shape (256, 1) for 256 days; it must be (256, 2)"),
        (PROBA, "        return np.ones((3, 2)) / 2", "predict_proba gives shape (3, 2) for 256 days; it must be"),
        (PROBA, "        return np.column_stack([-p, p])", "not 0 to 1; it must be (256, 2)"),
        (PROBA, "        return [['a', 'b']] * len(X)", "predict_proba raises ValueError: could not convert string"),
        (
            "(X * self.weights)",
            "((X - X.mean(axis=0)) * self.weights)",
            "changes when later days change: it must depend",
        ),
        ("(X * self.weights)", "(np.roll(X, -1, axis=0) * self.weights)", "changes when later days change: it must"),
        (
            "p = 1",
            "X = X[:, ::-1] if len(X) == 1 else X; p = 1",
            "changes when it is asked for alone: it must depend on",
        ),
        ("p = 1", "X = np.roll(X, 1, axis=0); p = 1", "it must depend on its own row alone"),
        ("        return self", "        self.open = (n for n in y)", "cannot be saved by skops (TypeError: "),
        ("        return self", "        self.odd = lambda x: x", "cannot be"),
        (
            "        return self",
            "        self.money = decimal.Decimal(3)",
            "it holds a decimal.Decimal, and what is read",
        ),
        ("        return self", "        raise ValueError('no\\nluck')", "fit raises ValueError: no luck"),
        (
            "        return self",
            "        import absent_package",
            "fit needs absent_package, which is not there: install",
        ),
        ("self.random_state = random_state", "raise KeyError('x')", "it raises KeyError: 'x'"),
        ("def predict_proba", "def predict", "gives Mine, which has no predict_proba: it must be a classifier"),
        ("random_state=None", "must_have", "it raises TypeError: "),
    ],
)
def test_a_broken_promise_is_named_in_one_line(days, mine, old, new, says):
    assert GOOD.count(old) == 1
    mine(GOOD.replace(old, new))
    told = refused(extra.fit, days, [SPEC], 7)
    assert told.startswith(f"{SPEC}") and says in told


def test_a_model_that_is_read_back_as_another_is_refused(days, mine):
    mine(
        GOOD + "\n    def __setstate__(self, state):\n        self.__dict__ = state | {'weights': -state['weights']}\n"
    )
    assert refused(extra.fit, days, [SPEC], 7) == f"{SPEC} cannot be saved: read back by skops it gives other scores"


def test_names_are_of_lower_case_and_hyphens_and_none_is_another_contenders(mine):
    names = ("x:MyLGBMModel", "x:my_forest_2", "x:Bayes", "x:_Odd__one", "x:_")
    assert [hyphened(name) for name in names] == ["my-lgbm-model", "my-forest-2", "bayes", "odd-one", "own"]
    assert {kind.KIND for kind in KINDS} <= set(TAKEN)
    mine(GOOD + "\nboosting = BaseRate = MINE = Mine\n")
    told = refused(require_models, ["plugins/mine.py:BaseRate"])
    assert told == "plugins/mine.py:BaseRate would be called base-rate, as another contender is: rename it"
    assert "would be called mine" in refused(require_models, [SPEC, "plugins/mine.py:MINE"])


def test_no_model_is_no_contender(days):
    assert extra.fit(days, Models(extra=(), pretrained=str(NONE)).extra, 7) == []


class TestExample(ContenderContract):
    """The worked example of docs/plugins.md, whatever params.yaml names."""

    OF = "plugins/example.py:Bayes"

    def fit(self, days):
        return fitted(days, self.OF)

    def parameters(self, fitted):
        return 0  # nobody knows how many values a user's own model fitted

    def load(self, folder):
        with mock.patch.object(extra, "settings", lambda kind: Models(extra=(self.OF,), pretrained=str(NONE))):
            return super().load(folder)


class TestTree(TestExample):
    """A classifier of a package, which draws numbers."""

    OF = "sklearn.tree:DecisionTreeClassifier"
