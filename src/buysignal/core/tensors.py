"""Arrays and a few plain values in one safetensors file, proved whole by the SHA-256 of its content."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from buysignal.core.errors import UserError
from buysignal.core.files import write_atomic

T = TypeVar("T")


def write_tensors(path: Path, tensors: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> Path:
    """Write arrays, and in the header what is ``told`` of them as JSON; equal content gives equal bytes.

    Floats keep every bit; a told one must be finite.
    """
    whole = {name: np.ascontiguousarray(value) for name, value in tensors.items()}  # memory is written as it lies
    header = json.dumps({**told, "sha256": _digest(whole, told)}, allow_nan=False)
    # one key: safetensors writes several in any order
    return write_atomic(path, lambda p: save_file(whole, str(p), metadata={"fit": header}))


def read_tensors(path: Path, build: Callable[[dict[str, np.ndarray], dict[str, Any]], T]) -> T:
    """What ``build`` makes of the arrays and of what is told of them, as `write_tensors` was given both.

    Raises
    ------
    UserError
        If the file is missing, torn, changed in a byte or of another kind; the message says how to mend it.
    """
    try:
        with safe_open(str(path), framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            told = json.loads((file.metadata() or {})["fit"])
        if told.pop("sha256") != _digest(tensors, told):
            raise ValueError("its SHA-256 is another one")
        return build(tensors, told)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `dvc repro`, or `dvc pull` if it was cached") from None
    except (SafetensorError, OSError, LookupError, TypeError, ValueError) as error:
        reason = (str(error) or repr(error)).splitlines()[0]
        raise UserError(f"{path} is not a whole fit ({reason}): delete it and run `dvc repro`") from None


def _digest(tensors: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> str:
    """SHA-256 of everything: names, types, shapes, values, and what the header tells."""
    seen = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for name in sorted(tensors):
        value = np.ascontiguousarray(tensors[name])
        seen.update(f"{name} {value.dtype} {value.shape}".encode())
        seen.update(value.view(np.uint8).reshape(-1))
    return seen.hexdigest()
