"""The command ``check-plugin``: its options, and its answer as an exit status."""

from __future__ import annotations

import argparse
import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from buysignal.cli import reading_flags

if TYPE_CHECKING:
    from buysignal.cli.plugin.trial import Trial

FORMATS = ("text", "json")
WIDTH = 100


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "whether a feature, a model or a form of bars of your own keeps what is promised of every other"
    status = "exit status: 0 every promise is kept; 1 one is broken; 2 it cannot be tried"
    parser = commands.add_parser("check-plugin", help=about, description=about, epilog=status)
    parser.add_argument("spec", help="plugins/mine.py:Thing, or package.module:Thing")
    parser.add_argument(
        "--bars",
        type=Path,
        metavar="FILE",
        help="daily bars (default: those of the last run, if any); of a form a file of it",
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="of what is printed (default: text)")
    reading_flags.add_to(parser, but=("adjust",))
    parser.set_defaults(command=check)


def check(arguments: argparse.Namespace) -> int:
    """Print what was kept and what was broken; what cannot be tried is a `UserError`."""
    from buysignal.cli.plugin.trial import tried

    trial = tried(arguments.spec, arguments.bars, reading_flags.wanted(arguments))
    print(as_json(trial) if arguments.format == "json" else as_text(trial))
    return trial.status


def as_text(trial: Trial) -> str:
    """A line on what was tried, a paragraph a promise, and the verdict."""
    lines = [f"{trial.spec} is a {trial.kind}, tried on {trial.bars}"]
    lines += [f"kept: it {promise}" for promise in trial.kept]
    lines += [f"broken: {trial.broken}"] if trial.broken else []
    told = [line for long in lines for line in textwrap.wrap(long, WIDTH, subsequent_indent="  ")]
    verdict = "breaks a promise" if trial.broken else f"keeps every promise: name it in {trial.kind}s.extra"
    return "\n".join([*told, f"it {verdict} ({trial.seconds:.1f} s)"])


def as_json(trial: Trial) -> str:
    """One object with stable keys."""
    return json.dumps(asdict(trial) | {"status": trial.status}, indent=2)
