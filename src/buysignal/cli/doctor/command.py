"""``python -m buysignal doctor``: the verdicts of the run in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from buysignal.cli import told
from buysignal.core.errors import UserError

PROJECT = ("params.yaml", "dvc.yaml")


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "look for self-deceptions in the run that lies in this project"
    status = (
        "exit status: 0 every check could judge and none found a deception, 1 a deception, 2 something cannot be judged"
    )
    parser = commands.add_parser("doctor", help=about, description=about, epilog=status)
    parser.add_argument("--list", action="store_true", help="print the catalogue and look at nothing")
    told.add_to(parser)
    parser.add_argument("--project", type=Path, default=Path(), help="folder of the project (default: here)")
    parser.set_defaults(command=doctor)


def doctor(arguments: argparse.Namespace) -> int:
    """Print verdicts, worst first; the exit status is 0 only if all could judge and none found a deception."""
    if arguments.list:
        from buysignal.cli.doctor.catalogue import CATALOGUE
        from buysignal.cli.doctor.text import meanings

        named = [{"name": check.name, "meaning": check.meaning} for check in CATALOGUE]
        print(told.written(arguments.format, lambda: meanings(CATALOGUE), lambda: named))
        return 0
    if not arguments.project.is_dir():
        raise UserError(f"{arguments.project} is no folder: name that of the project with --project")
    if not any((arguments.project / name).exists() for name in PROJECT):
        raise UserError(
            f"{arguments.project} is no project, it has neither {' nor '.join(PROJECT)}: name one with --project"
        )
    from buysignal.cli.doctor.catalogue import diagnose
    from buysignal.cli.doctor.run import Run
    from buysignal.cli.doctor.text import blocks
    from buysignal.cli.doctor.verdict import CANNOT_JUDGE, DECEPTION

    verdicts = diagnose(Run(arguments.project), processes=2)
    print(told.written(arguments.format, lambda: blocks(verdicts), lambda: [v.to_dict() for v in verdicts]))
    levels = {verdict.level for verdict in verdicts}
    if DECEPTION in levels:
        return 1
    return 2 if CANNOT_JUDGE in levels else 0
