"""The command ``check-plugin``: its options, and its answer as an exit status."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from buysignal.cli import reading_flags, told
from buysignal.cli.told import plain

if TYPE_CHECKING:
    from buysignal.cli.plugin.trial import Trial


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
    told.add_to(parser)
    reading_flags.add_to(parser, but=("adjust",))
    parser.set_defaults(command=check)


def check(arguments: argparse.Namespace) -> int:
    """Print what was kept and what was broken; what cannot be tried is a `UserError`."""
    from buysignal.cli.plugin.trial import tried

    trial = tried(arguments.spec, arguments.bars, reading_flags.wanted(arguments))
    print(told.written(arguments.format, lambda: blocks(trial), lambda: asdict(trial) | {"status": trial.status}))
    return trial.status


def blocks(trial: Trial) -> list[str]:
    """What was tried, a list of the promises, and the verdict, as `buysignal.cli.told` takes them."""
    lines = [f"- kept: it {plain(promise)}" for promise in trial.kept]
    lines += [f"- broken: {plain(trial.broken)}"] if trial.broken else []
    verdict = "breaks a promise" if trial.broken else f"keeps every promise: name it in {trial.kind}s.extra"
    tried = f"{plain(trial.spec)} is a {trial.kind}, tried on {plain(trial.bars)}"
    return [tried, "\n".join(lines), f"it {verdict} ({trial.seconds:.1f} s)"]
