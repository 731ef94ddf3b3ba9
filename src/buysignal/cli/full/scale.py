"""The reference's own numbers of trials, epochs and seeds, laid over params.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from buysignal.cli.params import Params
from buysignal.core.errors import UserError, shown
from buysignal.core.settings import PATH
from buysignal.core.textfile import read_yaml

REFERENCE: Mapping[str, Any] = {
    "budgets": ["2M", "20M", "200M"],
    "hpo.trials": 50,
    "hpo.epochs": 50,
    "hpo.patience": 10,
    "hpo.seeds": 1,
    "training.epochs": 50,
    "training.patience": 10,
    "training.seeds": 5,
    "supplement.trials": 27,
    "supplement.second": 13,
}


def wanted(settings: Sequence[str]) -> dict[str, Any]:
    """`REFERENCE`, with ``key=value`` of ``settings`` in place of its own or beside them.

    Raises
    ------
    UserError
        If one is not of this form.

    Examples
    --------
    >>> wanted(["hpo.trials=8", "budgets=[2M]"])["hpo.trials"], wanted(["budgets=[2M]"])["budgets"]
    (8, ['2M'])
    """
    found = dict(REFERENCE)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise UserError(f"-S {shown(setting)} is not key=value, e.g. -S 'budgets=[2M,20M]'")
        try:
            found[key.strip()] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise UserError(f"-S {shown(setting)}: the value cannot be read, e.g. -S 'budgets=[2M,20M]'") from None
    return found


def scaled(changed: Mapping[str, Any], project: Path) -> Params:
    """params.yaml of the project with these values; `UserError` as for any params.yaml."""
    content = read_yaml(project / PATH)
    for key, value in changed.items():
        *sections, name = key.split(".")
        place = content
        for section in sections:
            place = place.get(section) if isinstance(place, dict) else None
        if not isinstance(place, dict) or name not in place:
            raise UserError(f"-S {key}: {PATH} has no such key; docs/params.md has them all")
        place[name] = value
    return Params.of(content)


def words(changed: Mapping[str, Any]) -> list[str]:
    """The values as ``-S key=value`` of ``dvc exp run``."""
    return [word for key, value in changed.items() for word in ("-S", f"{key}={_written(value)}")]


def _written(value: Any) -> str:
    """As Hydra, which DVC reads them with, takes a value.

    Examples
    --------
    >>> _written(["2M", "20M"]), _written(5), _written("x"), _written(False)
    ("['2M','20M']", '5', "'x'", 'false')
    """
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, str):
        return "'" + value.replace("'", r"\'") + "'"
    return yaml.safe_dump(value, default_flow_style=True).splitlines()[0]
