"""Models of a user's own, in the style of scikit-learn: fitted beside the baselines, once they keep their promises.

What a spec names is a class, a function without arguments that gives a classifier, or a classifier. It is given the
standardised features of the train days as ``fit(X, y)``, X (n, F) float64, y (n,) of 0 and 1, and asked for
``predict_proba(X)``, (n, 2), of which the second column is the score.
"""

import io
import json
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from threadpoolctl import threadpool_limits

from buysignal.bars.symbols import named
from buysignal.core.code import packages
from buysignal.core.errors import UserError
from buysignal.core.plugins import content_of, module_of, read, require_same, told, unheard
from buysignal.core.settings import read as settings
from buysignal.models.contender import Fitted
from buysignal.models.days import Days
from buysignal.models.params import Models
from buysignal.models.scores import ModelCard
from buysignal.models.unfitted import asked, hyphened, made, require_models

BLOCK = 256  # days that are asked for together
CLOSE = 1e-9  # between scores of a day among other days: sums of another order differ by less
KNOWN = ("numpy", "scipy", "sklearn")  # libraries whose types skops knows how to write
PLAIN = ("collections.OrderedDict", "collections.defaultdict")  # types of Python that it does not trust by itself


@dataclass(frozen=True)
class Own(Fitted):
    """A classifier of a user's own after its fit.

    Attributes
    ----------
    spec : what params.yaml calls it
    content : what its code is, as `buysignal.core.plugins.content_of`: another code may read other scores out of it
    model : the fitted classifier as skops writes it, the same bytes for equal fits
    """

    KIND: ClassVar[str] = "own"
    FILES: ClassVar[dict[str, str]] = {"model": "model.skops"}
    spec: str
    content: dict[str, str]
    model: bytes

    @classmethod
    def fit(cls, days: Days, seed: int, spec: str, keeps: Callable[[str], object] = unheard) -> Self:
        """Fit on the train days of `Days.known`; ``keeps`` is told of each promise that is kept, in a few words.

        Raises
        ------
        UserError
            If the model cannot be made, fitted, asked or saved, or breaks a promise; one line that names the spec.
        """
        train = days.role == "train"
        x, y = days.values.astype(np.float64), days.label[train].astype(np.int64)
        model, seeded = made(spec, seed)
        asked(lambda: model.fit(x[train], y), spec, "fit")
        keeps("is fitted on the days of the train role")
        score = _scores(model, x, spec)
        keeps("gives (n, 2) probabilities, finite and in [0, 1]")
        _require_no_peeking(model, x, score, days, spec)
        keeps("gives a day the same score whichever other days it is asked for")
        card = ModelCard(f"{days.tier}-{hyphened(spec)}", days.tier, "own", "", "own", None, 0, 0, (seed,) * seeded, ())
        saved = cls(card, spec, content_of([spec]), _saved(model, spec))
        if not np.array_equal(_scores(saved.classifier, x, spec), score):
            raise UserError(f"{spec} cannot be saved: read back by skops it gives other scores")
        keeps("is saved without a pickle, and read back to the bit")
        return saved

    @classmethod
    def restore(cls, card: ModelCard, values: dict[str, Any]) -> Self:
        """Only code that params.yaml names is run, and only as it was when the model was fitted."""
        one = cls(card, **values)
        if not (isinstance(one.spec, str) and isinstance(one.content, dict) and isinstance(one.model, bytes)):
            raise ValueError("it is no model of a user's own")
        require_same([one.spec], one.content, settings(Models).extra, "models.extra", card.name)
        read(one.spec)  # a class in it is found where it was imported
        if not hasattr(one.classifier, "predict_proba"):
            raise ValueError("what it holds is no classifier")
        return one

    @cached_property
    def classifier(self) -> Any:
        """The classifier, read from its bytes."""
        return _loaded(self.model, self.spec)

    def score(self, days: Days) -> np.ndarray:
        """Scores (1, n)."""
        return _scores(self.classifier, days.values.astype(np.float64), self.spec)[None, :]


def fit(days: Days, specs: Sequence[str], seed: int) -> list[Own]:
    """Fit every model of a user's own on the train role; equal inputs give equal bits. Errors as for `Own.fit`."""
    require_models(specs)
    known = days.known()
    with threadpool_limits(1):  # sums of floats depend on how threads share them
        return [Own.fit(known, seed, spec) for spec in specs]


def _scores(model: Any, x: np.ndarray, spec: str) -> np.ndarray:
    """Scores (n,) of the days, asked for by blocks of one size: so none depends on how many others are asked for."""
    blocks = [x[at : at + BLOCK] for at in range(0, len(x), BLOCK)]
    filled = [np.concatenate([rows, np.repeat(rows[-1:], BLOCK - len(rows), axis=0)]) for rows in blocks]
    found = [_answered(model, full, spec)[: len(rows)] for full, rows in zip(filled, blocks)]
    return np.concatenate(found) if found else np.zeros(0)


def _answered(model: Any, x: np.ndarray, spec: str) -> np.ndarray:
    """The second column of ``predict_proba`` (n,), if it is what it must be."""
    found = asked(lambda: np.asarray(model.predict_proba(x.copy()), np.float64), spec, "predict_proba")
    right = f"it must be ({len(x)}, 2), a row per day: the probabilities of 0 and of 1"
    if found.shape != (len(x), 2):
        raise UserError(f"{spec}: predict_proba gives shape {found.shape} for {len(x)} days; {right}")
    if not np.isfinite(found).all():
        count = int((~np.isfinite(found)).any(axis=1).sum())
        raise UserError(f"{spec}: predict_proba gives {count} of {len(x)} days no finite number; {right}")
    if found.min() < 0 or found.max() > 1:
        raise UserError(f"{spec}: predict_proba gives {found.min():g} to {found.max():g}, not 0 to 1; {right}")
    return np.ascontiguousarray(found[:, 1])


def _require_no_peeking(model: Any, x: np.ndarray, score: np.ndarray, days: Days, spec: str) -> None:
    """A day's score must not depend on which other days are asked for, or in which order."""
    n = len(x)
    wild = np.concatenate([x[: n // 2], 5 * x[n // 2 :][::-1] + 1])  # the later half is another one
    others = {
        "when later days change": (wild, np.arange(n // 2)),
        "when later days are left out": (x[: n // 3], np.arange(n // 3)),
        "when it is asked for alone": (x[-1:], np.array([n - 1])),
        "with the order of the days": (x[::-1], np.arange(n)[::-1]),
    }
    for when, (rows, places) in others.items():
        other = _answered(model, rows, spec)[: len(places)]
        differs = ~np.isclose(other, score[places], rtol=CLOSE, atol=CLOSE)
        if differs.any():
            day = named(days.index[places[differs].min()])
            raise UserError(f"{spec}: the score of {day} changes {when}: it must depend on its own row alone")


def _saved(model: Any, spec: str) -> bytes:
    import skops.io  # seconds, which those who have no model of their own need not wait

    try:
        data = _settled(skops.io.dumps(model))
        _loaded(data, spec)
    except UserError:
        raise
    except Exception as error:  # whatever an attribute of a foreign class makes of being written
        raise UserError(f"{spec} cannot be saved by skops ({told(error)}): keep arrays and plain values") from None
    return data


def _settled(data: bytes) -> bytes:
    """The same archive without addresses in memory and times, so that equal models are equal bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    ids: dict[int, int] = {}
    names: dict[str, str] = {}

    def settle(part: dict[str, Any]) -> dict[str, Any]:
        if isinstance(part.get("__id__"), int):
            part["__id__"] = ids.setdefault(part["__id__"], len(ids) + 1)
        if isinstance(name := part.get("file"), str) and name in files:
            part["file"] = names.setdefault(name, f"{len(names)}{Path(name).suffix}")
        return part

    schema = json.dumps(json.loads(files["schema.json"], object_hook=settle))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, new in names.items():
            archive.writestr(zipfile.ZipInfo(new), files[name])
        archive.writestr(zipfile.ZipInfo("schema.json"), schema)
    return written.getvalue()


def _loaded(data: bytes, spec: str) -> Any:
    """The classifier in some bytes, if all its types are of the spec's own code, of what that imports, or known."""
    import skops.io

    trusted = (module_of(spec), *KNOWN, *_imported(spec))
    try:
        types = skops.io.get_untrusted_types(data=data)
        for name in types:
            if name not in PLAIN and not name.startswith(tuple(f"{one}." for one in trusted)):
                raise UserError(
                    f"{spec} cannot be saved and read back: it holds a {name}, and what is read may be of "
                    f"{', '.join(trusted)} alone, what the file imports: keep arrays and plain values"
                )
        return skops.io.loads(data, trusted=types)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{spec} cannot be read back by skops ({told(error)}): keep arrays and plain values") from None


def _imported(spec: str) -> list[str]:
    """Packages whose types a model may hold: that of the spec, or those that its file imports, without Python's own."""
    place = spec.split(":")[0]
    found = packages(Path(place)) if place.endswith(".py") else {place.split(".")[0]}
    return sorted(found - sys.stdlib_module_names - set(KNOWN))
