"""What every contender must keep, whatever it is: inherit `ContenderContract` and say how yours is fitted.

    class TestMine(ContenderContract):
        def fit(self, days):
            return Mine.fit(days, seed=7)

        def parameters(self, fitted):
            return fitted.weights.size

The fit is given the days of every role, the test role too. Nothing of the class is kept between tests, and a second
process builds it anew: so it stands in a module of its own right, not in a function.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from buysignal.core.errors import UserError
from buysignal.core.files import write_exact_json
from buysignal.models import contenders, kept
from buysignal.models.contender import Fitted
from buysignal.models.days import Days
from buysignal.models.scores import FAMILIES, ModelCard
from tests.models.markets import LABELS, TIER, asked, changed_after, days, market, until

SUFFIXES = {".json", ".safetensors", ".txt", ".skops"}
PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))  # what a pickle begins with
ROOT = Path(__file__).parents[2]

AGAIN = """
import importlib, sys
from pathlib import Path
from tests.models.contract import keep
module, name, folder = sys.argv[1:]
keep(getattr(importlib.import_module(module), name)(), Path(folder))
"""


class ContenderContract:
    """Tests of one kind of contender; markets are small, so that a fit takes a moment.

    Attributes
    ----------
    LABEL : what the days ask
    BARS : how many there are
    LAST_SEEN : the last role that a fit may look at
    ROUNDING : by how much a score may differ among other days; one that is asked again may not differ by a bit
    """

    LABEL = LABELS["scaled"]
    BARS = 700
    LAST_SEEN = "stop"
    ROUNDING = 0.0

    def fit(self, days: Days) -> Fitted:
        """A contender, fitted on what it may see of the days."""
        raise NotImplementedError

    def parameters(self, fitted: Fitted) -> int:
        """Number of values that were fitted, counted otherwise than by the card."""
        raise NotImplementedError

    def load(self, folder: Path) -> Fitted:
        """Read what was kept."""
        return contenders.load(folder)

    def test_it_looks_at_no_day_after_those_it_may_see(self, tmp_path):
        whole = _market(self)
        other = changed_after(*whole, self.LAST_SEEN)
        wild = _fitted(self, days(*other, self.LABEL, open_test=True))
        shut = _fitted(self, days(*whole, self.LABEL))
        assert _bytes(wild, tmp_path / "wild") == _bytes(_own(type(self)), tmp_path / "own")
        assert _bytes(shut, tmp_path / "shut") == _bytes(_own(type(self)), tmp_path / "own")

    def test_neither_threads_nor_another_process_change_a_byte(self, tmp_path):
        with threadpool_limits(1):
            keep(self, tmp_path / "here")
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONHASHSEED")
        environment = os.environ | dict.fromkeys(names, "2") | {"PYTHONPATH": str(ROOT)}
        told = [sys.executable, "-c", AGAIN, type(self).__module__, type(self).__name__, str(tmp_path / "there")]
        subprocess.run(told, env=environment, check=True, capture_output=True)
        assert _content(tmp_path / "there") == _content(tmp_path / "here")

    def test_no_later_day_changes_a_bit_of_a_score(self):
        fitted, seen = _own(type(self)), _days(type(self))
        scores = fitted.scored(seen).scores
        for count in [1, 2, *np.random.default_rng(0).integers(3, len(seen.index), 8)]:
            early = fitted.scored(until(seen, count)).scores
            assert np.abs(early - scores[:, :count]).max() <= self.ROUNDING, f"the first {count} days"

    @pytest.mark.parametrize("count", [1, 60])
    def test_a_day_that_is_asked_about_has_the_score_of_the_day_that_was_judged(self, count):
        fitted, seen = _own(type(self)), _days(type(self))
        new = asked(*_market(self), self.LABEL, count)
        both = new.index.intersection(seen.index)  # a day between two roles has none, and is not judged
        assert len(both) > count / 2
        now, then = (fitted.scored(of).scores[:, of.index.get_indexer(both)] for of in (new, seen))
        assert np.abs(now - then).max() <= self.ROUNDING

    def test_scores_are_finite_shares_one_row_for_each_seed(self):
        fitted, seen = _own(type(self)), _days(type(self))
        scores = fitted.score(seen)
        assert scores.shape == (max(1, len(fitted.card.seeds)), len(seen.index)) and scores.dtype == np.float64
        assert np.isfinite(scores).all() and (scores >= 0).all() and (scores <= 1).all()
        assert fitted.scored(seen).scores.tobytes() == fitted.scored(seen).scores.tobytes()

    def test_what_was_kept_scores_to_the_bit_and_is_kept_the_same_again(self, tmp_path):
        fitted, seen = _own(type(self)), _days(type(self))
        before = _bytes(fitted, tmp_path / "one")
        back = self.load(tmp_path / "one")
        assert type(back) is type(fitted) and back.card == fitted.card
        for threads in (1, 2):
            with threadpool_limits(threads):
                assert back.scored(seen).scores.tobytes() == fitted.scored(seen).scores.tobytes()
        assert _bytes(back, tmp_path / "two") == before == _bytes(fitted, tmp_path / "one")

    def test_no_file_is_a_pickle(self, tmp_path):
        for name, data in _bytes(_own(type(self)), tmp_path).items():
            assert Path(name).suffix in SUFFIXES and not data.startswith(PICKLES), name

    def test_a_file_that_is_changed_torn_or_missing_is_refused_by_name(self, tmp_path):
        whole = _bytes(_own(type(self)), tmp_path)
        rng = np.random.default_rng(0)
        for name, data in whole.items():
            path = tmp_path / name
            for at in rng.integers(0, len(data), 15):
                flipped = bytearray(data)
                flipped[at] ^= 1 << int(rng.integers(8))
                path.write_bytes(flipped)
                self._refused(path, tmp_path, whole)
            for count in {0, 1, len(data) // 2, len(data) - 2}:  # the last byte of a JSON file is a line's end
                path.write_bytes(data[:count])
                assert self._refused(path, tmp_path, whole), f"{name} cut off after {count} bytes"
            path.unlink()
            assert self._refused(path, tmp_path, whole), f"{name} is missing"
            path.mkdir()
            assert self._refused(path, tmp_path, whole), f"{name} is a folder"
            path.rmdir()
            path.write_bytes(data)
        assert self.load(tmp_path).card == _own(type(self)).card

    def test_a_file_of_another_fit_is_refused_by_name(self, tmp_path):
        whole = _bytes(_own(type(self)), tmp_path / "own")
        other = _bytes(_fitted(self, days(*_market(self, 1), self.LABEL)), tmp_path / "other")
        for name in whole.keys() & other.keys() - {kept.FITTED}:
            path = tmp_path / "own" / name
            path.write_bytes(other[name])
            assert whole[name] == other[name] or self._refused(path, tmp_path / "own", whole), name
            path.write_bytes(whole[name])

    def test_a_contender_of_no_known_kind_is_refused_by_name(self, tmp_path):
        kept.save(tmp_path, _own(type(self)))
        path = tmp_path / kept.FITTED
        for change in ({"kind": "unheard-of"}, {"kind": 3}, {"card": {}}, {"files": {"../up.txt": {}}}, {"plain": 3}):
            kept.save(tmp_path, _own(type(self)))
            kept.write_sealed(path, kept.read_sealed(path) | change)
            assert self._refused(path, tmp_path, None), change

    def test_a_plain_value_of_another_type_is_refused_by_name(self, tmp_path):
        path = kept.save(tmp_path, _own(type(self))).parent / kept.FITTED
        told = kept.read_sealed(path)
        for name in told["plain"]:
            for value in (None, "unheard-of", [], {}, [[True]], -1e300):
                if value == told["plain"][name]:
                    continue
                kept.write_sealed(path, told | {"plain": told["plain"] | {name: value}})
                assert self._refused(path, tmp_path, None), f"{name} is {value}"

    def test_its_card_is_true(self):
        fitted, seen = _own(type(self)), _days(type(self))
        card = fitted.card
        assert card.family in FAMILIES and card.tier == seen.tier == TIER
        assert card.name.startswith(f"{TIER}-") and kept.PLACE.fullmatch(f"members/{card.name}/{kept.FITTED}")
        assert card.parameters == self.parameters(fitted)
        assert len(set(card.seeds)) == len(card.seeds)
        assert (card.configuration is not None) == (card.family == "transformer")
        assert ModelCard.from_dict(card.to_dict()) == card

    def _refused(self, path: Path, folder: Path, whole: dict[str, bytes] | None) -> bool:
        """Whether a folder is refused in one line that names the file; else it must say what it said before."""
        try:
            back = self.load(folder)
        except UserError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            return True
        assert whole is not None and _bytes(back, folder.with_name(f"{folder.name}-again")) == whole
        return False


def keep(contract: ContenderContract, folder: Path) -> None:
    """Fit anew, and write the fit with its scores."""
    seen = days(*_market(contract), contract.LABEL, open_test=True)
    fitted = _fitted(contract, seen)
    kept.save(folder / "kept", fitted)
    write_exact_json(folder / "scores.json", fitted.scored(seen).scores.tolist())


def _market(contract, seed=0):
    return market(contract.BARS, contract.LABEL, seed)


@cache
def _days(kind):
    return days(*_market(kind), kind.LABEL, open_test=True)


@cache
def _own(kind):
    """The fit that the tests of a class look at, which no test changes."""
    return _fitted(kind(), _days(kind))


def _fitted(contract, seen):
    with threadpool_limits(1):  # as a stage does
        return contract.fit(seen)


def _content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _bytes(fitted, folder):
    """What is kept of a contender, by file."""
    kept.save(folder, fitted)
    return _content(folder)
