"""Rules a value of params.yaml must satisfy, and the one line that says which one it breaks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from buysignal.core.errors import UserError

MOST_VALUES = 32  # of a list: what is built from a few lists is their product
MOST_CHARACTERS = 1000  # of a text; paths are far shorter
TICKER = re.compile(r"[A-Za-z0-9^][A-Za-z0-9^.=&-]{0,19}")


@dataclass(frozen=True)
class Rule:
    """What one value may be.

    Attributes
    ----------
    kind : int, float, bool or str; an int is a legal float, a bool is never a number
    words : the rule for people, e.g. ``a whole number >= 1``
    holds : whether a value of the right kind is legal
    """

    kind: type
    words: str
    holds: Callable[[Any], bool] = lambda value: True

    def read(self, value: Any, key: str, file: str = "params.yaml: ") -> Any:
        """The value itself (as float where one is due), or `UserError` in the name of ``file`` and ``key``."""
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value) if abs(value) < 1e300 else math.inf
        right = isinstance(value, self.kind) and (self.kind is bool or not isinstance(value, bool))
        if right and self.holds(value):
            return value
        raise UserError(f"{file}{key} is {shown(value)}; it must be {self.words}")


def shown(value: Any) -> str:
    """A value as one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:59] + "…"


def whole(low: int, high: int = 2**31 - 1) -> Any:
    """A whole number in [low, high]."""
    words = f"a whole number >= {low}" if high == 2**31 - 1 else f"a whole number from {low} to {high}"
    return field(metadata={"rule": Rule(int, words, lambda v: low <= v <= high)})


def real(words: str, holds: Callable[[float], bool]) -> Any:
    """A finite number for which ``holds``; ``words`` is the range, e.g. ``in [0, 1)``."""
    return field(metadata={"rule": Rule(float, f"a number {words}", lambda v: math.isfinite(v) and holds(v))})


def choice(*options: str) -> Any:
    """One of a few words."""
    return field(metadata={"rule": Rule(str, f"one of {', '.join(options)}", lambda v: v in options)})


def text() -> Any:
    """Any short text that can be printed: it may name a file, and stands in messages."""
    words = f"a printable text of 1 to {MOST_CHARACTERS:,} characters"
    holds = lambda v: bool(v.strip()) and v.isprintable() and len(v) <= MOST_CHARACTERS  # noqa: E731
    return field(metadata={"rule": Rule(str, words, holds)})


def ticker() -> Any:
    """A symbol of an exchange, such as ``^GSPC`` or ``BRK-B``; harmless in an address, a table and a page."""
    words = "a symbol of at most 20 letters, digits and signs of ^.=&-"
    return field(metadata={"rule": Rule(str, words, lambda v: bool(TICKER.fullmatch(v)))})


def slug() -> Any:
    """A short name that is safe as a part of a file name and of a DVC stage name."""
    words = "a name of at most 20 letters and digits"
    return field(metadata={"rule": Rule(str, words, lambda v: v.isascii() and v.isalnum() and len(v) <= 20)})


def switch() -> Any:
    """true or false."""
    return field(metadata={"rule": Rule(bool, "true or false")})


def several(one: Any) -> Any:
    """A list of 1 to `MOST_VALUES` values, without repeats, each under the rule of ``one``."""
    return field(metadata={"rule": one.metadata["rule"], "many": True})


def read_several(rule: Rule, value: Any, key: str) -> tuple:
    """The values of a list as a tuple, or `UserError`."""
    if not isinstance(value, list) or not value:
        raise UserError(f"params.yaml: {key} is {shown(value)}; it must be a list with at least one value")
    if len(value) > MOST_VALUES:
        raise UserError(f"params.yaml: {key} has {len(value):,} values; it must have at most {MOST_VALUES}")
    values = tuple(rule.read(item, f"{key}[{at}]") for at, item in enumerate(value))
    twice = next((v for at, v in enumerate(values) if v in values[:at]), None)
    if twice is not None:
        raise UserError(f"params.yaml: {key} has {shown(twice)} twice; each value once")
    return values
