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
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import optuna
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.trial import create_trial
from sqlalchemy.exc import SQLAlchemyError

from buysignal.core.errors import UserError, shown

BUSY_S = 60  # a dashboard that is reading holds a write up for moments
OF_THE_DISK = {  # what SQLite says where the file itself may well be whole
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
Record = TypeVar("Record")

optuna.logging.set_verbosity(optuna.logging.ERROR)  # what becomes of a trial or of a bad store, the stage says itself


class Journal:
    """The trials of one study on disk. The caller makes sure that it is the only writer.

    Parameters
    ----------
    path : the SQLite file; made if absent

    Raises
    ------
    UserError
        If the file is there but is not a whole SQLite database, or cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        _check(path)
        try:
            storage = RDBStorage(f"sqlite:///{path}", engine_kwargs={"connect_args": {"timeout": BUSY_S}})
            self._study = optuna.create_study(
                storage=storage, study_name=path.stem, direction="maximize", load_if_exists=True
            )
        except (StorageInternalError, SQLAlchemyError, RuntimeError, LookupError, TypeError, ValueError) as error:
            raise _unreadable(path, error) from None
        self._engine = storage.engine

    def read(self, record_of: Callable[[Mapping[str, Any]], Record]) -> list[Record]:
        """Every finished trial, in the order in which they were kept.

        Parameters
        ----------
        record_of : from what `append` was given, as JSON has it

        Raises
        ------
        UserError
            If a trial cannot be read back as it was written.
        """
        try:
            return [record_of(_content(t.user_attrs)) for t in self._study.get_trials(deepcopy=False)]
        except (StorageInternalError, SQLAlchemyError, LookupError, TypeError, ValueError, RecursionError) as error:
            raise _unreadable(self._path, error) from None

    def append(self, content: Mapping[str, Any], duration_s: float, shown: Mapping[str, Any], **trial: Any) -> None:
        """Keep a finished trial; on return it survives a kill. Ctrl-C waits until it is kept.

        Parameters
        ----------
        content : the whole record, as plain values
        shown, trial : what the dashboard shows: attributes, and arguments of `optuna.trial.create_trial`

        Raises
        ------
        UserError
            If the disk does not take it.
        """
        kept = create_trial(user_attrs={**shown, "record": content, "sha256": _sha256(content)}, **trial)
        kept.datetime_start = kept.datetime_complete - timedelta(seconds=duration_s)
        try:
            with _undisturbed():
                self._study.add_trial(kept)
        except StorageInternalError as error:
            raise _unwritten(self._path, error) from None

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _content(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    if attributes["sha256"] != _sha256(attributes["record"]):
        raise ValueError("a trial was changed after it was written")
    return attributes["record"]


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
    """Deleting a study loses its trials: it is advised only where nothing is to be had from the file."""
    cause = error.__cause__ if isinstance(error, StorageInternalError) else error
    if getattr(getattr(cause, "orig", cause), "sqlite_errorcode", 0) & 0xFF in OF_THE_DISK:
        return _unwritten(path, cause)
    return UserError(f"{path} is not a whole study ({_reason(cause or error)}): delete it and run `dvc repro`")


def _unwritten(path: Path, error: BaseException) -> UserError:
    reason = _reason(error.__cause__ or error)
    return UserError(f"{path} cannot be written ({reason}): see to the disk and run `dvc repro`")


def _reason(error: object) -> str:
    """The first line of what a library says, to be quoted."""
    reason = (str(error).strip() or repr(error)).splitlines()[0][:120]
    return reason if reason.isprintable() else shown(reason)[1:-1]
