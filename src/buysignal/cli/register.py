"""``python -m buysignal register``: what the test role may be opened for, fixed before it is opened."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buysignal.cli import told
from buysignal.core.errors import UserError

if TYPE_CHECKING:
    from buysignal.cli.doctor.run import Run


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "register what ships and the other contenders: `dvc repro` then opens the test role for exactly these"
    status = "exit status: 0 it is registered, 1 it is not (with --show), 2 there is nothing that could be"
    parser = commands.add_parser("register", help=about, description=about, epilog=status)
    parser.add_argument("--show", action="store_true", help="say whether this run is registered and write nothing")
    told.add_to(parser)
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
        said = f"not registered: {why}; the stage `test` looks at nothing" if why else None
        facts = {"registered": False, "why": why} if why else _facts(run, now)
        print(told.written(arguments.format, lambda: [said or f"registered: {_means(facts)}"], lambda: facts))
        return 1 if why else 0
    if not now["models"]:
        raise UserError("no contender has an operating point: nothing is registered; metrics/choice.json has why")
    if now["shipped"] not in [model["name"] for model in now["models"]]:
        raise UserError("data/selected.json ships none of the contenders that it names: run `dvc repro select`")
    facts, stands = _facts(run, now), _stands(run, now)
    said = [f"registered already, {registered.PATH} stays as it is: {_means(facts)}"]
    if not stands:
        judged = run.candidate
        registered.write_scores(judged.index[judged.role == "threshold"], *judged.of("threshold")[:2], run.root)
        registered.write(now, date.today().isoformat(), run.root)
        files = f"{registered.PATH} and {registered.SCORES}"
        said = [f"registered: {_means(facts)}"]
        said += [f"Commit {files} with these results; then variants are held against them."]
    print(told.written(arguments.format, lambda: said, lambda: facts | {"written": not stands}))
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


def _facts(run: Run, now: dict[str, Any]) -> dict[str, Any]:
    """Which contenders, which days, and what opening them adds to the ledger, for programs."""
    from buysignal.ship import ledger
    from buysignal.ship.opening import opened

    first = next(model for model in now["models"] if model["name"] == now["shipped"])
    data = opened(now["roles"]["test"], run.manifest, run.bars)
    look, looks = ledger.look_at(ledger.registration_of(run.selection), data), run.looks_if_any
    return {
        "registered": True,
        "contenders": [model["name"] for model in now["models"]],
        "shipped": first["name"],
        "threshold": first["threshold"],
        "per_day": now.get("per_day", 0),
        "test": now["roles"]["test"],
        "ledger_line": next((entry.number for entry in looks if entry.look == look), None),
        "looks_before": sum(ledger.days_shared(entry.data, data) for entry in looks),
    }


def _means(facts: dict[str, Any]) -> str:
    """The same in a sentence or two."""
    from buysignal.judge.best_of_day import rule_in_words

    per_day, threshold = facts["per_day"], facts["threshold"]
    rule = rule_in_words(threshold, per_day) if per_day else f"from {threshold:.6f}"
    who = f"{len(facts['contenders'])} contenders, of which {facts['shipped']} ships and buys {rule}"
    if facts["ledger_line"] is not None:
        adds = f"this look is line {facts['ledger_line']} of the ledger already, and none is added"
    elif facts["looks_before"]:
        adds = f"that will be one more look: {facts['looks_before']} at these days are in the ledger"
    else:
        adds = "that will be the first look at these days in the ledger"
    return f"{who}. `dvc repro` opens the test role ({facts['test']}) for these and for no other; {adds}."
