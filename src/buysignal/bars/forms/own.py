"""Forms of bars of a user's own: functions of a file's path that give its bars as a frame, or None if it is not theirs.

A function's argument is called ``path``, by which a form is known from a feature. The frame is read by the rules of
files: names of columns and days as any file may have them, in any order; then it is judged as any bars are.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from buysignal.core.errors import UserError
from buysignal.core.plugins import arguments, read, told


def is_of_path(thing: Callable) -> bool:
    """Whether it is a function that reads a file."""
    return "path" in arguments(thing)


def frame_of(path: Path, spec: str) -> pd.DataFrame | None:
    """What a function of a user's own reads in a file; None if the file is not of its form.

    Raises
    ------
    UserError
        If it cannot be read, is no form, raises, or gives something else; one line with the spec and the file.
    """
    function = read(spec)
    if not is_of_path(function):
        raise UserError(f"{spec} is no form of bars: it must be a function with the one argument path")
    try:
        found = function(path)
    except (Exception, SystemExit) as error:
        raise UserError(f"{spec} raises on {path} ({told(error)})") from None
    if found is None or isinstance(found, pd.DataFrame):
        return found
    raise UserError(
        f"{spec} gives {type(found).__name__} for {path}: it must give a DataFrame, or None if not its form"
    )
