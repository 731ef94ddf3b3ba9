"""The contender that is fitted again: what ships, or another one that buys, as stage `train` kept it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from buysignal.core.errors import UserError
from buysignal.judge.params import SHIPPED
from buysignal.models.contender import Fitted
from buysignal.ship.package import folder_of, load
from buysignal.ship.selected import buying


def contender(selection: Mapping[str, Any], of: str, folder: Path) -> tuple[Mapping[str, Any], Fitted] | None:
    """Its entry in data/selected.json and its fit in a folder of contenders; None where nothing ships.

    Parameters
    ----------
    selection : content of data/selected.json
    of : its name, or `buysignal.judge.params.SHIPPED`

    Raises
    ------
    UserError
        If no contender that buys has that name, or its folder is not whole.
    """
    name, known = selection["shipped"] if of == SHIPPED else of, buying(selection)
    if not name:
        return None
    chosen = next((one for one in known if one["card"]["name"] == name), None)
    if chosen is None:
        names = ", ".join(one["card"]["name"] for one in known)
        raise UserError(f"walk.of is {name}; it must be {SHIPPED} or one that buys: {names or 'none does'}")
    return chosen, load(folder / folder_of(chosen)).fitted
