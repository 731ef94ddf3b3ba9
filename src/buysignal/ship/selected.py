"""The contenders that data/selected.json names, in the two orders in which others need them."""

from collections.abc import Mapping
from typing import Any


def buying(selection: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every contender that buys: the search's ten by rank, then the others."""
    return [*selection["selected"], *selection["others"]]


def in_order(selection: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same: what ships, then the search's ten by rank, then the others."""
    return sorted(buying(selection), key=lambda one: one["card"]["name"] != selection["shipped"])
