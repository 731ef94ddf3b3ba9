"""Looks at the test role that the run compared with had not taken: each makes its days worth less."""

from __future__ import annotations

from buysignal.cli.doctor.run import LEDGER, Run
from buysignal.cli.gate.measured import TRAIN
from buysignal.cli.gate.revision import Base
from buysignal.cli.gate.rules import FAIL, PASS, Judgement
from buysignal.ship import ledger


def new_looks(here: Run, base: Base, most: int) -> Judgement:
    """The ledger is that of the revision, line by line, with at most ``most`` lines after it.

    And the look of this run is among them: else its line was cut off, which the chain alone does not tell.
    """
    before = base.read(lambda run: run.looks, LEDGER)
    wanted = f"at most {most}"
    old, now = _lines(base.run), _lines(here)
    if now[: len(old)] != old:
        at = next((at for at, line in enumerate(old) if at >= len(now) or now[at] != line), len(old))
        reason = f"{LEDGER} is not that of {base.revision} continued: line {at + 1} is gone or another"
        return Judgement(FAIL, "another ledger", wanted, reason)
    looks = here.looks
    added = looks[len(before) :]
    found = f"{len(added)} of {len(looks)}"
    look = here.examined["look"]
    if look is not None and look not in {entry.look for entry in looks}:
        return Judgement(FAIL, found, wanted, f"the look of {TRAIN} is no line of {LEDGER}: it was cut off")
    if len(added) <= most:
        return Judgement(PASS, found, wanted, f"{base.revision} has all but {len(added)} of the looks")
    return Judgement(FAIL, found, wanted, f"{base.revision} has not {ledger.in_words(added)}: {ledger.summary(looks)}")


def _lines(run: Run) -> list[bytes]:
    """The lines of a ledger, and what is left of one that is torn; none if there is no file."""
    path = run.root / LEDGER
    return path.read_bytes().splitlines() if path.is_file() else []
