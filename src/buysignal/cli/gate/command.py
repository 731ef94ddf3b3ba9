"""``python -m buysignal gate``: the verdict of the rules in gates.yaml on the run in a folder."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from buysignal.cli import told
from buysignal.core.errors import UserError

if TYPE_CHECKING:
    from buysignal.cli.gate.revision import Base


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "say whether the run in this project may be shipped, by the rules in gates.yaml"
    status = (
        "exit status: 0 every rule that was asked is met, 1 one is not, 2 none fails and one cannot be judged, "
        "as where metrics are missing"
    )
    parser = commands.add_parser("gate", help=about, description=about, epilog=status)
    parser.add_argument("--against", metavar="REV", help="compare with this branch, tag or commit of git too")
    parser.add_argument("--summary", metavar="FILE", type=Path, help="append the verdict to this file as Markdown")
    told.add_to(parser)
    parser.add_argument("--project", type=Path, default=Path(), help="folder of the project (default: here)")
    parser.set_defaults(command=gate)


def gate(arguments: argparse.Namespace) -> int:
    """Print what each rule says; the exit status is that of `buysignal.cli.gate.rulings.STATUS`."""
    if not arguments.project.is_dir():
        raise UserError(f"{arguments.project} is no folder: name that of the project with --project")
    from buysignal.cli.doctor.run import Run
    from buysignal.cli.gate import text
    from buysignal.cli.gate.params import PATH, Gates
    from buysignal.cli.gate.rulings import STATUS, Case, changes, conclusion, judge
    from buysignal.core.settings import read

    gates = read(Gates, arguments.project / PATH)
    with _base(arguments.project, arguments.against) as base:
        case = Case(gates, Run(arguments.project), base)
        rulings, notes = judge(case), changes(case)
    said = (rulings, notes, arguments.against)
    print(told.written(arguments.format, lambda: text.blocks(*said), lambda: text.content(*said)))
    if arguments.summary is not None:
        _append(arguments.summary, told.markdown(text.blocks(*said)) + "\n")
    return STATUS[conclusion(rulings)]


@contextlib.contextmanager
def _base(project: Path, revision: str | None) -> Iterator[Base | None]:
    """The run of a revision in a folder of its own, for as long as it is read."""
    if revision is None:
        yield None
        return
    from buysignal.cli.gate.revision import fetch

    with tempfile.TemporaryDirectory() as folder:
        yield fetch(project, revision, Path(folder))


def _append(path: Path, words: str) -> None:
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(words)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}; name another --summary") from None
