"""Names for results by what they are a function of: settings, data, code and versions."""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from typing import Any

from buysignal.core.code import closure_of

PLUMBING = "buysignal.core."  # how files are written and jobs handed out: no number depends on it


def fingerprint(*, code: Iterable[str], packages: Iterable[str], **parts: Any) -> str:
    """24 hex digits that change when a part, what the code does or a package version changes.

    Parameters
    ----------
    code : dotted names of modules; they count with all that they import of this package, but for `PLUMBING`
    packages : distributions whose versions count
    parts : plain values or dataclasses, compared as JSON
    """
    digests = {name: digest for root in code for name, digest in closure_of(root).items()}
    content = {
        "parts": parts,
        "code": {name: digest for name, digest in digests.items() if not name.startswith(PLUMBING)},
        "versions": {name: importlib.metadata.version(name) for name in packages},
    }
    text = json.dumps(content, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"a fingerprint takes plain values and dataclasses, not {type(value).__name__}")
