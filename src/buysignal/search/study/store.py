"""Finished trials of one study in SQLite, written through Optuna so that its dashboard can read them.

Only finished trials are ever written, each in one transaction: whatever is in the file is whole, and
a kill loses the trials in flight and nothing else. The full record travels as JSON in a user
attribute, with its SHA-256: SQLite would not notice a bit that flips in it. Parameters, value and curve
beside it are for the dashboard.
"""

import hashlib
import json
import signal
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.trial import TrialState, create_trial
from sqlalchemy.exc import SQLAlchemyError

from buysignal.core.errors import UserError, shown
from buysignal.search.study.record import COMPLETE, FAILED, PRUNED, TrialRecord
from buysignal.search.study.space import DIMENSIONS, Space

STATES = {COMPLETE: TrialState.COMPLETE, PRUNED: TrialState.PRUNED, FAILED: TrialState.FAIL}
SHOWN = ("precision", "recall", "n_buys", "hits", "auc")
"""Seed means as attributes of their own: columns of the dashboard's table."""

BUSY_S = 60  # a dashboard that is reading holds a write up for moments


class Store:
    """The trials of one study on disk. The caller makes sure that it is the only writer.

    Parameters
    ----------
    path : Path
        The SQLite file; made if absent.
    space : Space
        What the study searches; gives the dashboard its axes.

    Raises
    ------
    UserError
        If the file is there but is not a whole SQLite database.
    """

    def __init__(self, path: Path, space: Space) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        _check(path)
        self._grids = dict(zip(DIMENSIONS, space.grids))
        try:
            storage = RDBStorage(f"sqlite:///{path}", engine_kwargs={"connect_args": {"timeout": BUSY_S}})
            self._study = optuna.create_study(
                storage=storage, study_name=path.stem, direction="maximize", load_if_exists=True
            )
        except (StorageInternalError, SQLAlchemyError, RuntimeError, LookupError, TypeError, ValueError) as error:
            raise _unreadable(path, error) from None
        self._engine = storage.engine

    def read(self) -> list[TrialRecord]:
        """Every finished trial, by index.

        Raises
        ------
        UserError
            If a trial cannot be read back as it was written.
        """
        try:
            found = [_record(t.user_attrs) for t in self._study.get_trials(deepcopy=False)]
        except (StorageInternalError, SQLAlchemyError, LookupError, TypeError, ValueError, RecursionError) as error:
            raise _unreadable(self._path, error) from None
        return sorted(found, key=lambda r: r.index)

    def append(self, record: TrialRecord) -> None:
        """Keep a finished trial; on return it survives a kill. Ctrl-C waits until it is kept.

        Raises
        ------
        UserError
            If the disk does not take it.
        """
        means = {name: record.mean(name) for name in SHOWN}
        shown = {name: value for name, value in means.items() if value is not None}
        params = {name: getattr(record.configuration, name) for name in DIMENSIONS}
        trial = create_trial(
            state=STATES[record.state],
            value=record.value,
            params=params,
            distributions={name: _axis(name, sorted({*self._grids[name], params[name]})) for name in DIMENSIONS},
            intermediate_values=dict(enumerate(record.outcome.intermediate, start=1)),
            user_attrs={"index": record.index, "origin": record.origin, **shown, **_attributes(record)},
        )
        trial.datetime_start = trial.datetime_complete - timedelta(seconds=record.outcome.duration_s)
        try:
            with _undisturbed():
                self._study.add_trial(trial)
        except StorageInternalError as error:
            reason = str(error.__cause__ or error).splitlines()[0]
            raise UserError(f"{self._path} cannot be written ({reason}): see to the disk and run `dvc repro`") from None

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _attributes(record: TrialRecord) -> dict[str, Any]:
    content = record.to_dict()
    return {"record": content, "sha256": _sha256(content)}


def _record(attributes: Mapping[str, Any]) -> TrialRecord:
    if attributes["sha256"] != _sha256(attributes["record"]):
        raise ValueError("a trial was changed after it was written")
    return TrialRecord.from_dict(attributes["record"])


def _sha256(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back until the block is through.

    SQLAlchemy cleans up in weakref callbacks, and Python drops whatever is raised in one: a Ctrl-C that
    arrived there would be lost.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[tuple] = []
    signal.signal(signal.SIGINT, lambda *arguments: heard.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        before(*heard[0])


def _axis(name: str, values: Sequence[float]) -> BaseDistribution:
    """A numeric axis that spans the values, logarithmic where steps are ratios.

    The grid and the trial's own value: a supplementary trial may lie outside the grid.
    """
    if all(isinstance(value, int) for value in values):
        return IntDistribution(min(values), max(values))
    return FloatDistribution(min(values), max(values), log=name == "learning_rate")


def _check(path: Path) -> None:
    """Refuse what is not a whole database, before Optuna trips over it in a hundred lines."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except (sqlite3.Error, UnicodeDecodeError) as error:  # its verdict may quote what it found
        raise _unreadable(path, error) from None
    if found != "ok":
        raise _unreadable(path, found)


def _unreadable(path: Path, error: object) -> UserError:
    reason = (str(error).strip() or repr(error)).splitlines()[0][:120]
    quoted = reason if reason.isprintable() else shown(reason)[1:-1]
    return UserError(f"{path} is not a whole study ({quoted}): delete it and run `dvc repro`")
