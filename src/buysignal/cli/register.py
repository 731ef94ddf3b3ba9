"""``python -m buysignal register``: what the test role may be opened for, fixed before it is opened."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buysignal.core.errors import UserError

if TYPE_CHECKING:
    from buysignal.cli.doctor.run import Run


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "register what ships and the other contenders: `dvc repro` then opens the test role for exactly these"
    status = "exit status: 0 it is registered, 1 it is not (with --show), 2 there is nothing that could be"
    parser = commands.add_parser("register", help=about, description=about, epilog=status)
    parser.add_argument("--show", action="store_true", help="say whether this run is registered and write nothing")
    parser.add_argument("--project", type=Path, default=Path(), help="folder of the project (default: here)")
    parser.set_defaults(command=register)


def register(arguments: argparse.Namespace) -> int:
    """Write registered.yaml and registered.csv, unless they say the same already; tell what that means."""
    if not arguments.project.is_dir():
        raise UserError(f"{arguments.project} is no folder: name that of the project with --project")
    from buysignal.cli.doctor.run import Run
    from buysignal.ship import registered

    run = Run(arguments.project)
    now, path = run.registration, run.root / registered.PATH
    if arguments.show:
        why = registered.difference(registered.read(path), now, run.bars.index, run.params.label.horizon)
        print(f"not registered: {why}; the stage `test` looks at nothing" if why else f"registered: {_means(run, now)}")
        return 1 if why else 0
    if not now["models"]:
        raise UserError("no contender has an operating point: nothing is registered; metrics/choice.json has why")
    if now["shipped"] not in [model["name"] for model in now["models"]]:
        raise UserError("data/selected.json ships none of the contenders that it names: run `dvc repro select`")
    told = _means(run, now)
    if _stands(run, now):
        print(f"registered already, {registered.PATH} stays as it is: {told}")
        return 0
    judged = run.candidate
    registered.write_scores(judged.index[judged.role == "threshold"], *judged.of("threshold")[:2], run.root)
    registered.write(now, date.today().isoformat(), run.root)
    print(f"registered: {told}")
    print(f"Commit {registered.PATH} and {registered.SCORES} with these results; then variants are held against them.")
    return 0


def _stands(run: Run, now: dict[str, Any]) -> bool:
    """Whether both files say already what would be written; a torn one is written anew."""
    import numpy as np

    from buysignal.ship import registered

    try:
        there, known = registered.read(run.root / registered.PATH), registered.read_scores(run.root / registered.SCORES)
    except UserError:
        return False
    label, score, _ = run.candidate.of("threshold")
    days = run.candidate.index[run.candidate.role == "threshold"]
    same = known.index.equals(days) and np.array_equal(known.to_numpy(), np.column_stack([label, score]))
    return same and not registered.difference(there, now)


def _means(run: Run, now: dict[str, Any]) -> str:
    """Which contenders, which days, and what opening them adds to the ledger."""
    from buysignal.judge.best_of_day import rule_in_words
    from buysignal.ship import ledger
    from buysignal.ship.opening import opened

    span = now["roles"]["test"]
    first = next(model for model in now["models"] if model["name"] == now["shipped"])
    data = opened(span, run.manifest, run.bars)
    per_day = now.get("per_day", 0)
    rule = rule_in_words(first["threshold"], per_day) if per_day else f"from {first['threshold']:.6f}"
    look, looks = ledger.look_at(ledger.registration_of(run.selection), data), run.looks_if_any
    who = f"{len(now['models'])} contenders, of which {first['name']} ships and buys {rule}"
    line = next((entry.number for entry in looks if entry.look == look), None)
    before = sum(ledger.days_shared(entry.data, data) for entry in looks)
    if line is not None:
        adds = f"this look is line {line} of the ledger already, and none is added"
    elif before:
        adds = f"that will be one more look: {before} at these days are in the ledger"
    else:
        adds = "that will be the first look at these days in the ledger"
    return f"{who}. `dvc repro` opens the test role ({span}) for these and for no other; {adds}."
