"""A new model when it is due: trained on a branch, held against the old one, and merged if that is asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from buysignal.bars.manifest import read_bars
from buysignal.cli.predict.asked import MODELS, default_model
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.retrain.branch import TRAINED, Branch, require_author, require_clean
from buysignal.cli.retrain.compared import Compared, as_blocks, compared
from buysignal.cli.retrain.params import BROKEN, Retrain
from buysignal.cli.retrain.rule import end_of_data, not_due, require_newer
from buysignal.cli.retrain.source import require_file, require_same
from buysignal.cli.retrain.until import set_until
from buysignal.core.errors import UserError
from buysignal.core.lock import exclusive
from buysignal.core.settings import read
from buysignal.ship.journal import lines
from buysignal.ship.journal.followed import followed
from buysignal.ship.journal.known import BARS, by_symbol, iso, known_past, stacked
from buysignal.ship.journal.lines import Journal

LOCK = Path(".scratch/retrain.lock")
KEPT, NOT_WORSE, APPLIED = "the old one is kept", "shown not worse", "applied"


@dataclass
class Outcome:
    """What came of a call, filled as it is found.

    Attributes
    ----------
    came : ``kept``, ``waits`` or ``applied``; empty while it is not decided
    said : blocks of Markdown for people
    told : the facts for programs: ``until`` and ``branch``, ``names``, ``compared``, ``gate`` where there are such
    """

    came: str = ""
    said: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """For programs."""
        return {"outcome": self.came or "failed", **self.told, "said": self.said}


@dataclass(frozen=True)
class Ground:
    """What a new model is judged by.

    Attributes
    ----------
    asked : section ``retrain`` of params.yaml
    journal : as it was read
    old : what ships
    known : symbol -> all bars that are known
    """

    asked: Retrain
    journal: Journal
    old: Predictor
    known: Mapping[str, pd.DataFrame]

    @property
    def seen(self) -> pd.Timestamp:
        """The last bar of the data of what ships."""
        return pd.Timestamp(self.old.model.regime.seen)

    @property
    def days(self) -> pd.DatetimeIndex:
        """Every trading day that is known."""
        return pd.DatetimeIndex(sorted(set().union(*(one.index for one in self.known.values()))))

    @property
    def bars(self) -> pd.DataFrame:
        """The known bars as the models take them."""
        return stacked(self.known, bool(self.old.model.regime.symbols))

    @classmethod
    def read(cls, asked: Retrain) -> Ground:
        """Of the project in this folder."""
        journal, old = lines.read(), Predictor.load(default_model(MODELS))
        return cls(asked, journal, old, known_past(journal, old.model.regime.market))


def retrain(outcome: Outcome, now: bool, apply: bool) -> None:
    """Do what is due, or whatever is if ``now``, and fill ``outcome``; swap the new one in if ``apply``."""
    root, asked = Path(), read(Retrain)  # where no project is, nothing is written
    with exclusive(LOCK, doing="run"):
        branch = Branch.pending(root)
        if branch and branch.opened and branch.merged:  # by hand, or by a process that did not come to its end
            branch.settle()
            outcome.said.append(f"{branch.name} is merged, and is removed")
            branch = Branch.pending(root)
        ground = Ground.read(asked)
        for said in ground.journal.warnings:
            print(f"warning: {said}", file=sys.stderr)
        if branch is None:
            promise = followed(ground.journal).kept.verdict if ground.asked.when == BROKEN else ""
            until = end_of_data(ground.days, ground.asked.trial)
            if not now and (why := not_due(ground.asked, ground.seen, until, promise)):
                none = f"no new model {'waits to be applied, and none ' if apply else ''}is due: {why}"
                outcome.said.append(none)
                outcome.came = "kept"
                return
            branch = Branch(root, iso(require_newer(ground.days, ground.seen, ground.asked)))
            require_clean(root)
            require_author(root)
        _judge(outcome, ground, branch, apply)


def trained(ground: Ground, branch: Branch) -> None:
    """Bring the branch to its end: what is done already, by DVC's own account, is not done again.

    Raises
    ------
    UserError
        If the source does not hold the known bars, or a command fails; a branch on which nothing was trained is
        removed then, so that the next run begins with what was mended.
    """
    new = branch.check_out()
    try:
        require_file(branch.project)
        set_until(branch.project, branch.until)
        branch.run("dvc", "repro", "ingest")
        given = by_symbol(read_bars(branch.project / BARS), next(iter(ground.known)))
        require_same(ground.known, given, pd.Timestamp(branch.until))
        new = False
        branch.run("dvc", "repro")
        default_model(branch.project / MODELS)  # if none ships, that is said here
        branch.run("buysignal", "register")
        branch.commit(TRAINED)
        branch.run("dvc", "repro")
        branch.finish()
    except UserError as error:
        if new:
            branch.remove()
            raise
        raise UserError(
            f"{error}; the same command goes on from there, and the branch is given up with {branch.removal}"
        ) from None


def _judge(outcome: Outcome, ground: Ground, branch: Branch, apply: bool) -> None:
    """Hold the new model against the old one, put the decision down and act on it."""
    if pd.Timestamp(branch.until) <= ground.seen:
        raise UserError(f"{branch.name} has data no newer than what ships: give it up with {branch.removal}")
    if not branch.opened:
        trained(ground, branch)
    elif not (branch.project / MODELS).is_dir():  # its work tree was removed: DVC has it all in its cache
        branch.check_out()
        branch.run("dvc", "checkout")
    new = Predictor.load(default_model(branch.project / MODELS))
    if new.volume == "needed" and "volume" not in ground.bars:
        raise UserError(f"{branch.name} has features of volume, which the journal's bars do not have")
    names = {"old": ground.old.model.card.name, "new": new.model.card.name}
    found = compared(ground.old, new, ground.bars, pd.Timestamp(branch.until))
    outcome.said += as_blocks(found, names, ground.asked.margin)
    gate = branch.status_of("buysignal", "gate")
    outcome.told = {"until": branch.until, "branch": branch.name, "names": names, "compared": found.to_dict()}
    outcome.told["gate"] = gate
    if gate == 1:
        outcome.said.append("the gate is not met (docs/gate.md), and the old one is kept")
    good = found.not_worse(ground.asked.margin) and gate != 1
    if good and apply:
        require_clean(branch.root)
        branch.merge()
    _put_down(branch, names, found, APPLIED if good and apply else NOT_WORSE if good else KEPT)
    if not good:
        stays = f"{branch.name} stays and is held against the days that come; it is given up with {branch.removal}"
        outcome.said.append(stays)
        outcome.came = "kept"
    elif not apply:
        by_hand = f"`git merge {branch.name}` and `dvc checkout`"
        outcome.said.append(f"to swap it in: `python -m buysignal retrain --apply`, or {by_hand}")
        outcome.came = "waits"
    else:
        branch.settle()
        ships = f"{names['new']} ships from now on; the next `python -m buysignal update` says so in the journal"
        outcome.said.append(ships)
        outcome.came = "applied"


def _put_down(branch: Branch, names: Mapping[str, str], found: Compared, decision: str) -> None:
    """A line of the journal; none if its last decision was this one on the same days, or nothing has begun."""
    told: dict[str, Any] = {"until": branch.until, "branch": branch.name, "names": dict(names), "decision": decision}
    told |= {"compared": found.to_dict()}
    with exclusive(lines.PATH.with_name(lines.LOCK), doing="written"):
        journal = lines.read()
        before = journal.of("retrain")
        if journal.of("model") and not (before and all(before[-1][key] == told[key] for key in told)):
            lines.added(journal, [{"kind": "retrain", "date": date.today().isoformat(), **told}])
