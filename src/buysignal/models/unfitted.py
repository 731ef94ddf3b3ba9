"""Classifiers of a user's own, not fitted yet: what a spec names, and what the contender is called."""

import copy
import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

from buysignal.core.errors import UserError
from buysignal.core.plugins import arguments, is_of_bars, read, told

TAKEN = ("added", "base-rate", "blend", "boosting", "boosting-tuned", "garch", "pretrained", "pretrained-added")
TAKEN += ("touch", "volatility")
"""What other contenders are called."""


def require_models(specs: Iterable[str]) -> None:
    """Refuse what is no classifier, or would be called as another contender is."""
    taken = set(TAKEN)
    for spec in specs:
        made(spec, 0)
        name = hyphened(spec)
        if name in taken:
            raise UserError(f"{spec} would be called {name}, as another contender is: rename it")
        taken.add(name)


def hyphened(spec: str) -> str:
    """The last part of a contender's name.

    >>> hyphened("plugins/mine.py:MyLGBMModel"), hyphened("plugins/mine.py:my_forest_2")
    ('my-lgbm-model', 'my-forest-2')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+", "-", spec.split(":")[1])
    return words.strip("-").lower() or "own"


def made(spec: str, seed: int) -> tuple[Any, bool]:
    """A classifier that was not fitted yet, and whether it draws numbers by the seed that it was given."""
    thing = read(spec)
    if is_of_bars(thing):
        raise UserError(f"{spec} is no classifier and makes none: name it in features.extra, if it is a feature")
    seeded = inspect.isclass(thing) and "random_state" in arguments(thing)
    if inspect.isclass(thing) or not hasattr(thing, "predict_proba"):
        model = asked(lambda: thing(**({"random_state": seed} if seeded else {})), spec, "it")
    else:
        model = copy.deepcopy(thing)
    for method in ("fit", "predict_proba"):
        if not callable(getattr(model, method, None)):
            raise UserError(f"{spec} gives {type(model).__name__}, which has no {method}: it must be a classifier")
    if not seeded and hasattr(model, "get_params"):
        free = [key for key, value in model.get_params().items() if value is None and _is_seed(key)]
        model.set_params(**dict.fromkeys(free, seed))
        seeded = bool(free)
    return model, seeded


def _is_seed(key: str) -> bool:
    return key == "random_state" or key.endswith("__random_state")


def asked(call: Callable[[], Any], spec: str, what: str) -> Any:
    """What a call of a user's own code gives; whatever it raises is a `UserError` of one line."""
    try:
        return call()
    except ModuleNotFoundError as error:
        raise UserError(f"{spec}: {what} needs {error.name}, which is not there: install it") from None
    except (Exception, SystemExit) as error:
        raise UserError(f"{spec}: {what} raises {told(error)}") from None
