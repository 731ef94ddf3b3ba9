"""The docstrings of this project as the API page needs them: `name : words` says what a value is, and not its type."""

from __future__ import annotations

import re

import griffe

SECTION = re.compile(r"^(?:Parameters|Attributes)\n-+\n(?:.+\n?)+", re.MULTILINE)
ITEM = re.compile(r"^(\w[\w, ]*) : ", re.MULTILINE)


class Words(griffe.Extension):
    """Put what stands after the colon below the name, where numpydoc has the words; types come from the annotations."""

    def on_object(self, *, obj: griffe.Object, **_: object) -> None:
        if obj.docstring:
            value = SECTION.sub(lambda section: ITEM.sub(r"\1\n    ", section[0]), obj.docstring.value)
            obj.docstring.value = value.replace("``", "`")
