"""The one exception a user's mistake raises; everything else is a bug and keeps its traceback."""

from typing import Any


class UserError(Exception):
    """A bad input, told in one line.

    The message names the file, key or row at fault and what would be right. Stages and the
    command line print it as ``error: <message>`` and exit with status 1, without a traceback.
    """


def shown(value: Any) -> str:
    """A value as one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
