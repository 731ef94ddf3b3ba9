"""Files that are either whole or absent, and whose bytes depend on their content alone."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from safetensors import SafetensorError

from buysignal.core.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

DIGITS = 6  # decimals kept in JSON and CSV: below any interval we quote, above float noise

FREE = "free space (`python -m buysignal scratch` lists what may go)"
DISK = {
    errno.ENOSPC: f"the disk is full: {FREE}",
    errno.EDQUOT: f"the disk quota is used up: {FREE}",
    errno.EFBIG: "it grew past the limit on file sizes: raise it (`ulimit -f unlimited`)",
    errno.EIO: "the disk reports an error: see to the disk",
    errno.EROFS: "the disk can only be read: see to the disk",
}
"""What a failed write means and what to do, by its errno."""
SQLITE = {"database or disk is full": errno.ENOSPC, "disk I/O error": errno.EIO}
"""What SQLite says where others give an errno."""


def write_atomic(path: str | Path, write: Callable[[Path], None]) -> Path:
    """Call ``write(temporary path)``, then move the result onto ``path``.

    The temporary file lies beside the target, is flushed to disk before the rename and removed
    when writing fails, so a reader sees the old file or the new one, never a part.

    Raises
    ------
    UserError
        If the file cannot be written, as on a full disk: it names the file and says what to do.
    """
    path = Path(path)
    try:
        return _replaced(path, write)
    except (OSError, SafetensorError) as error:
        reason = disk_trouble(error) or getattr(error, "strerror", None) or str(error)
        raise UserError(f"{path} cannot be written: {reason}, then run `dvc repro`") from error


def _replaced(path: Path, write: Callable[[Path], None]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def disk_trouble(error: BaseException | None) -> str:
    """What the disk did and what to do about it, if that is why something failed, else nothing.

    The libraries that write hide it: in the error's causes, or in its words alone.
    """
    while error is not None:
        told = re.search(r"\[errno (\d+)\]|os error (\d+)", str(error), re.IGNORECASE)
        number = getattr(error, "errno", None) or (int(told[1] or told[2]) if told else None)
        number = number or next((number for said, number in SQLITE.items() if said in str(error)), None)
        if number in DISK:
            return DISK[number]
        error = error.__cause__ or error.__context__
    return ""


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 text atomically."""
    return write_atomic(path, lambda p: p.write_text(text, encoding="utf-8", newline="\n"))


def write_json(path: str | Path, value: Any, sort_keys: bool = True) -> Path:
    """Write JSON with 6 decimals and finite numbers only, atomically.

    ``sort_keys=False`` keeps the order of the keys, where it is the order of columns.

    Raises
    ------
    ValueError
        If a number is NaN or infinite; the message names where.
    """
    return write_text(path, json.dumps(stable(value), indent=2, sort_keys=sort_keys) + "\n")


def write_exact_json(path: str | Path, value: Any) -> Path:
    """Write JSON that keeps every bit of a float, for values that another stage computes with."""
    return write_text(path, json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Read a JSON file; a missing or torn one, or one with NaN or infinity, raises `UserError` naming it."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `dvc repro`, or `dvc pull` if it was cached") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not valid JSON ({error}): delete it and run `dvc repro`") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def stable(value: Any, where: str = "$") -> Any:
    """Plain Python types, floats rounded to `DIGITS` decimals; NaN and infinity are refused."""
    if isinstance(value, Mapping):
        return {str(key): stable(item, f"{where}.{key}") for key, item in value.items()}
    if hasattr(value, "tolist"):  # of numpy, an array or one number
        value = value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [stable(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where} is {value}: metrics hold finite numbers only")
        return round(value, DIGITS) + 0.0  # + 0.0 turns -0.0 into 0.0
    return value


def write_csv(path: str | Path, frame: pd.DataFrame) -> Path:
    """Write a CSV with stable float text, atomically; the index is not written."""
    rounded = frame.copy()
    for name in rounded.select_dtypes("floating"):
        rounded[name] = rounded[name].round(DIGITS) + 0.0
    return write_atomic(path, lambda p: rounded.to_csv(p, index=False, lineterminator="\n"))


def write_parquet(path: str | Path, frame: pd.DataFrame) -> Path:
    """Write Parquet atomically, index included; equal frames give equal bytes."""
    return write_atomic(path, lambda p: frame.to_parquet(p, engine="pyarrow", compression="zstd"))


def read_parquet(path: str | Path) -> pd.DataFrame:
    """Read Parquet; a missing or torn file raises `UserError` naming it."""
    import pyarrow  # half a second, which a stage without tables need not wait

    try:
        with open(path, "rb") as file:  # pyarrow would read a folder as an empty table
            frame = _by_column(file)
        pyarrow.default_memory_pool().release_unused()  # it would keep more than the frame takes
        return frame
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `dvc repro`, or `dvc pull` if it was cached") from None
    except Exception as error:  # damaged pandas metadata raises whatever it meets first, KeyError or TypeError too
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(f"{path} cannot be read as Parquet ({reason}): delete it and run `dvc repro`") from None


def _by_column(file: BinaryIO) -> pd.DataFrame:
    """The frame in a Parquet file, its floats read one column at a time: read at once they take twice the memory."""
    import numpy as np
    import pandas as pd
    import pyarrow
    from pyarrow import parquet

    whole = parquet.ParquetFile(file)
    schema = whole.schema_arrow
    indexed = {name for name in (schema.pandas_metadata or {}).get("index_columns", ()) if isinstance(name, str)}
    shown = [name for name in schema.names if name not in indexed]
    floats = [name for name in shown if schema.field(name).type == pyarrow.float64()]
    others = whole.read([name for name in shown if name not in floats], use_pandas_metadata=True).to_pandas()
    values = np.empty((len(floats), len(others)))
    for at, name in enumerate(floats):
        values[at] = whole.read([name]).column(0).to_numpy()
    frame = pd.DataFrame(values.T, index=others.index, columns=floats, copy=False)
    for at, name in enumerate(shown):
        if name not in floats:
            frame.insert(at, name, others[name])
    return frame


def sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
