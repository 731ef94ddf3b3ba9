"""Bars of a user's own that a new project begins with: read once as the pipeline will, and said in its params.yaml."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from buysignal.bars.forms.read import read_file
from buysignal.bars.panel import holds_many, read_panel
from buysignal.bars.quality.prepare import Rules, prepare
from buysignal.bars.reading import Wanted
from buysignal.cli.reading_flags import FLAGS, wanted, without_params
from buysignal.core.errors import UserError

FREE = ("symbol", "zone")  # words that YAML might read as something else, such as NO


@dataclass(frozen=True)
class Bars:
    """Where bars are now, what was understood of them, and what reads them in the project: keys of ``ingest``, and, if
    it takes one, a form of one's own, as ``forms.extra`` names it."""

    path: Path
    said: str
    ingest: Mapping[str, str]
    form: str = ""

    def copy(self, project: Path) -> None:
        """Put them where `ingest` says that they are, and the file of a form of one's own among the plug-ins."""
        target = project / self.ingest["csv"]
        shutil.copytree(self.path, target) if self.path.is_dir() else shutil.copyfile(self.path, target)
        if (file := self.form.partition(":")[0]).endswith(".py"):
            shutil.copyfile(file, project / file)

    def settled(self, params: str) -> str:
        """The text of a params.yaml with the keys of ``ingest`` set; comments stay."""
        head, ingest, tail = re.split(r"(?m)^(ingest:\n(?: .*\n)+)", params)
        for key, value in self.ingest.items():
            before, after = re.split(rf"(?<=\n  {key}: )\S+", ingest)
            plain = key not in FREE and re.fullmatch(r"[\w./-]+", value)
            ingest = before + (value if plain else json.dumps(value, ensure_ascii=False)) + after
        if self.form:
            head, rest = re.split(r"(?<=\nforms:)(?=.*\n  extra: \[\])", head + ingest + tail)
            return head + rest.replace("[]", json.dumps([self.form]), 1)
        return head + ingest + tail


def asked(arguments: argparse.Namespace) -> Bars:
    """The bars that the command line names.

    Raises
    ------
    UserError
        If they cannot be read, or must not be read as daily bars; in one line, as by `check`.
    """
    path, settled = arguments.bars.expanduser(), wanted(arguments)
    rules = Rules(adjust=arguments.adjust or Rules.adjust)
    many = holds_many(path, settled)
    try:
        said = read_panel(path, settled, rules).said(str(path)) if many else _one(path, settled, rules)
    except UserError as error:
        raise UserError(without_params(str(error))) from None
    given = {key: getattr(arguments, key) for key in FLAGS if getattr(arguments, key) is not None}
    where = {"source": "folder" if many else "csv", "csv": f"data/raw/{path.resolve().name}"}
    return Bars(path, said, where | given, arguments.form or "")


def _one(path: Path, settled: Wanted, rules: Rules) -> str:
    reading = read_file(path, settled, "name a file of daily bars, or a folder with one a symbol")
    prepare(reading, rules)
    return reading.said(str(path))
