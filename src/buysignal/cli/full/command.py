"""``python -m buysignal full``: the reference's study at its own scale, which may be stopped and gone on with."""

from __future__ import annotations

import argparse
from pathlib import Path

from buysignal.cli import told


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "search at the reference's scale (50 trials, 50 epochs) as an experiment; stopped, it goes on where it was"
    status = "exit status: 0 done, 1 a stage failed, 2 something must be settled first, 130 stopped"
    parser = commands.add_parser("full", help=about, description=about, epilog=status)
    parser.add_argument("-S", dest="settings", metavar="KEY=VALUE", action="append", default=[], help=_SETTINGS)
    parser.add_argument("--so-far", action="store_true", help="run nothing: what is finished, beside the reference")
    told.add_to(parser)
    parser.add_argument("--project", type=Path, default=Path(), help="folder of the project (default: here)")
    parser.set_defaults(command=full)


_SETTINGS = "another value, as of `dvc exp run`, e.g. 'budgets=[2M,20M]' (all three take many hours without a GPU)"


def full(arguments: argparse.Namespace) -> int:
    """Run the study, or tell how far it is."""
    from buysignal.cli.full.compared import HEAD, beside, content
    from buysignal.cli.full.planned import Plan
    from buysignal.cli.full.run import run
    from buysignal.cli.full.scale import scaled, wanted

    changed = wanted(arguments.settings)
    plan = Plan.of(scaled(changed, arguments.project), arguments.project)
    status = 0
    if not arguments.so_far:
        print(plan.told(), flush=True)
        status = run(arguments.project, changed, plan)
    found = beside(plan.searches())
    print(told.written(arguments.format, lambda: [told.table(HEAD, found)], lambda: content(found)), flush=True)
    return status
