"""Names for results by what they are a function of: settings, data, code and versions."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any


def fingerprint(*, modules: Iterable[ModuleType], packages: Iterable[str], **parts: Any) -> str:
    """24 hex digits that change when a part, the source of a module or a package version changes.

    Parameters
    ----------
    modules : whose source text counts
    packages : distributions whose versions count
    parts : plain values or dataclasses, compared as JSON
    """
    content = {
        "parts": parts,
        "code": {m.__name__: hashlib.sha256(Path(m.__file__).read_bytes()).hexdigest() for m in modules},
        "versions": {name: importlib.metadata.version(name) for name in packages},
    }
    text = json.dumps(content, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"a fingerprint takes plain values and dataclasses, not {type(value).__name__}")
