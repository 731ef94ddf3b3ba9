"""A fitted contender as a folder: what it is in JSON, its arrays in safetensors, each file proved by SHA-256.

Nothing in it runs code when it is read, but for a model of a user's own, whose class the project names itself.
"""

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from buysignal.core.errors import UserError, shown
from buysignal.core.files import write_atomic
from buysignal.core.sealed import MEND, read_bytes, read_sealed, reason, write_sealed
from buysignal.models.contender import Fitted
from buysignal.models.scores import ModelCard

FITTED, WEIGHTS = "fitted.json", "weights.safetensors"
MOST_FILE = 1 << 32  # bytes of one file; 200 million weights of 5 seeds are 4 * 10**9
PLACE = re.compile(r"[A-Za-z0-9_-]{1,80}(/[A-Za-z0-9_-]{1,80})?(/fitted\.json)|[a-z]{1,20}\.[a-z]{1,20}")


def save(folder: str | Path, fitted: Fitted) -> Path:
    """Write a contender; `FITTED`, which names and seals the other files, comes last. Equal fits give equal bytes."""
    folder, plain, arrays, inner = Path(folder), {}, {}, {}
    files: dict[str, bytes] = {}
    for name, value in fitted.values.items():
        if name in fitted.FILES:
            files[fitted.FILES[name]] = value if isinstance(value, bytes) else value.encode()
        elif isinstance(value, np.ndarray):
            arrays[name] = np.ascontiguousarray(value)
        elif isinstance(value, Fitted):
            inner[name] = value
        elif isinstance(value, tuple) and value and all(isinstance(one, Fitted) for one in value):
            inner |= {f"{name}/{one.card.name}": one for one in value}
        else:
            plain[name] = value
    if arrays:
        files[WEIGHTS] = safetensors.save(arrays)
    for name, data in files.items():
        write_atomic(folder / name, lambda path, data=data: path.write_bytes(data))
    proofs = {name: _proof(data) for name, data in files.items()}
    for name, one in inner.items():
        proofs[f"{name}/{FITTED}"] = _proof(save(folder / name, one).read_bytes())
    told = {"kind": fitted.KIND, "card": fitted.card.to_dict(), "plain": plain, "files": proofs}
    return write_sealed(folder / FITTED, told)


def load(folder: str | Path, kind_of: Callable[[str], type[Fitted]]) -> Fitted:
    """Read what `save` wrote, and prove it whole.

    Parameters
    ----------
    kind_of : gives the class of a `Fitted.KIND`; `ValueError` for one that may not be there

    Raises
    ------
    UserError
        If a file is missing, torn, changed in a byte or of another fit; one line that names it and what mends it.
    """
    path = Path(folder) / FITTED
    told = read_sealed(path)
    try:
        kind, card = kind_of(str(told["kind"])), ModelCard.from_dict(told["card"])
        values, proofs = dict(told["plain"]), dict(told["files"])
        for name, proof in proofs.items():
            if not PLACE.fullmatch(name):
                raise ValueError(f"{shown(name)} is no place for a file")
            values |= _read(Path(folder), name, proof, kind, kind_of, values)
        return _restored(path, kind, card, {name: _in_order(value) for name, value in values.items()})
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path} is no contender that was saved ({reason(error)}): {MEND}") from None


def _restored(path: Path, kind: type[Fitted], card: ModelCard, values: Mapping[str, Any]) -> Fitted:
    try:
        return kind.restore(card, values)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _proof(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _read(
    folder: Path,
    name: str,
    proof: Mapping[str, Any],
    kind: type[Fitted],
    kind_of: Callable[[str], type[Fitted]],
    before: Mapping[str, Any],
) -> dict[str, Any]:
    """The fields that one file holds; ``before`` are those of the files before it."""
    path = folder / name
    data = read_bytes(path, min(int(proof["bytes"]), MOST_FILE))
    found = hashlib.sha256(data).hexdigest()
    if found != proof["sha256"]:
        raise UserError(f"{path} has SHA-256 {found[:12]}, {FITTED} says {shown(proof['sha256'])[1:13]}: {MEND}")
    if name == WEIGHTS:
        return _tensors(path, data)
    if name.endswith(f"/{FITTED}"):
        field, *member = name.split("/")[:-1]
        one = load(path.parent, kind_of)
        return {field: (*before.get(field, ()), one) if member else one}
    field = {file: field for field, file in kind.FILES.items()}[name]
    return {field: data if name.endswith(".skops") else data.decode()}


def _in_order(value: Any) -> Any:
    """Members by name, the order in which they are kept: JSON has none."""
    several = isinstance(value, tuple) and all(isinstance(one, Fitted) for one in value)
    return tuple(sorted(value, key=lambda one: one.card.name)) if several else value


def _tensors(path: Path, data: bytes) -> dict[str, np.ndarray]:
    try:
        tensors = safetensors.load(data)
    except (SafetensorError, LookupError, ValueError, TypeError) as error:
        raise UserError(f"{path} holds no tensors ({reason(error)}): {MEND}") from None
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise UserError(f"{path}: {name} holds a number that no training gives: {MEND}")
    return tensors


def expect(values: Mapping[str, Any], name: str, shape: tuple[int, ...], kind: type = np.float64) -> np.ndarray:
    """The array of that name, if it has that shape and type; else `ValueError`."""
    array = values.get(name)
    if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype != kind:
        told = "missing" if array is None else f"{array.dtype} {shown(array.shape)}"
        raise ValueError(f"{name} is {told}, it must be {np.dtype(kind)} {shape}, {math.prod(shape)} numbers")
    return array
