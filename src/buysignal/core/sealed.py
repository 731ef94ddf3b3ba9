"""JSON that proves itself whole, and the bytes of files beside it: read strictly, never run."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from buysignal.core.errors import UserError, shown
from buysignal.core.files import write_exact_json

SEAL = "own_sha256"
MEND = "run `dvc repro`, or `dvc pull` if it was cached"
MOST = 1 << 22  # bytes of a sealed JSON file; a calibration map of every score has a hundred thousand


def own_sha256(content: Mapping[str, Any]) -> str:
    """SHA-256 of all values but the seal, in hex: a threshold with one digit changed is found by it."""
    others = {key: value for key, value in content.items() if key != SEAL}
    return hashlib.sha256(json.dumps(others, sort_keys=True).encode()).hexdigest()


def write_sealed(path: str | Path, content: Mapping[str, Any]) -> Path:
    """Write values, exact to the bit, with their own SHA-256 under `SEAL`."""
    plain = json.loads(json.dumps(content, allow_nan=False))  # as it will be read
    return write_exact_json(path, plain | {SEAL: own_sha256(plain)})


def read_strict(path: str | Path, most: int = MOST) -> Any:
    """A JSON file of at most ``most`` bytes, no NaN, no doubled key, not nested without end; its seal is not looked at.

    Raises
    ------
    UserError
        If it is missing, unreadable, too large or no such JSON; one line with the file and the command that mends it.
    """
    data = read_bytes(path, most)
    try:
        return strict_json(data)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not a manifest ({reason(error)}): {MEND}") from None


def strict_json(data: bytes, **more: Any) -> Any:
    """JSON without NaN and without a doubled key; `ValueError` or `RecursionError` of any other.

    ``more`` are keywords of `json.loads`.
    """
    return json.loads(data, parse_constant=_no_number, object_pairs_hook=_once, **more)


def read_sealed(path: str | Path, most: int = MOST) -> dict[str, Any]:
    """The same of a file that `write_sealed` wrote, without the seal, which must be that of its values."""
    content = read_strict(path, most)
    if not isinstance(content, dict) or content.get(SEAL) != own_sha256(content):
        raise UserError(f"{path} was changed: {SEAL} is not that of its values; {MEND}")
    return {key: value for key, value in content.items() if key != SEAL}


def read_bytes(path: str | Path, most: int) -> bytes:
    """All bytes of a file; `UserError` if it is none, cannot be read, or has more than ``most``."""
    path = Path(path)
    try:
        if not path.is_file():
            raise UserError(f"{path} {'is not a file' if path.exists() else 'is missing'}: {MEND}")
        size = path.stat().st_size
        if size > most:
            raise UserError(f"{path} has {size:,} bytes, and {most:,} are the most it can need: {MEND}")
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): {MEND}") from None


def reason(error: Exception) -> str:
    """What a parser said, in one printable line."""
    return "it is nested too deeply" if isinstance(error, RecursionError) else shown(str(error))[1:-1]


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return content
