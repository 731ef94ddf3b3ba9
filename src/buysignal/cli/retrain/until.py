"""One value of params.yaml in its place: ``roles.until``, every other byte as it was."""

from __future__ import annotations

import re
from pathlib import Path

from buysignal.core.errors import UserError
from buysignal.core.files import write_text
from buysignal.core.settings import PATH, read, section
from buysignal.core.textfile import read_yaml
from buysignal.days.params import Roles

LINE = re.compile(
    r"(^roles:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n|[ \t]+[^\n]*\n)*?[ \t]+until:[ \t]*)('[^'\n]*'|\"[^\"\n]*\"|[^\s#]+)",
    re.M,
)


def set_until(project: Path, day: str) -> None:
    """Let the bars end on a day; nothing is written if that is so already.

    Raises
    ------
    UserError
        If params.yaml does not have the key in a line of its own, or the day goes with no other key; it is as it was.
    """
    path = project / PATH
    if read(Roles, path).until == day:
        return
    before = read_yaml(path)
    text = path.read_bytes().decode()
    edited = with_until(text, day)
    section(Roles, before | {"roles": before["roles"] | {"until": day}}, PATH)
    write_text(path, edited)
    if read_yaml(path) != before | {"roles": before["roles"] | {"until": day}}:
        write_text(path, text)
        raise UserError(f"{path}: roles.until cannot be set: write it in a line of its own, as {PATH} in git has it")


def with_until(text: str, day: str) -> str:
    """The text with another value of ``roles.until``.

    >>> with_until("roles:\\n  until: last  # a word\\n", "2018-12-31")
    "roles:\\n  until: '2018-12-31'  # a word\\n"
    """
    edited, count = LINE.subn(lambda found: f"{found[1]}'{day}'", text, count=1)
    if not count:
        raise UserError(f"{PATH} has no line `until:` under `roles:`: write it in a line of its own")
    return edited
