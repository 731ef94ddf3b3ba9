"""All rules on one run: which are asked, what each says, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from buysignal.cli.doctor.run import LEDGER, Run
from buysignal.cli.doctor.verdict import TORN, in_short
from buysignal.cli.gate import rules
from buysignal.cli.gate.measured import SELECTION, TRAIN, Headline, Judged, headline, judged, test_days
from buysignal.cli.gate.openings import new_looks
from buysignal.cli.gate.params import Gates
from buysignal.cli.gate.revision import GATES, OLD, Base
from buysignal.cli.gate.rules import CANNOT_JUDGE, FAIL, NOT_ASKED, OFF, PASS, Judgement
from buysignal.core.errors import UserError, shown
from buysignal.core.textfile import read_yaml

STATUS = {PASS: 0, FAIL: 1, CANNOT_JUDGE: 2}


@dataclass(frozen=True)
class Case:
    """What is judged: the run of a folder by its gates, against the run of a revision unless None is named."""

    gates: Gates
    here: Run
    base: Base | None = None


@dataclass(frozen=True)
class Ruling:
    """What a rule says: its name for people, its key in gates.yaml, and the judgement's four texts."""

    rule: str
    key: str
    verdict: str
    found: str
    wanted: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Rule:
    """A rule: ``against`` if it needs a revision; ``judge`` is given the case and the value of its key."""

    name: str
    key: str
    against: bool
    judge: Callable[[Case, Any], Judgement]


def judge(case: Case) -> list[Ruling]:
    """What every rule says, the verdict first, then in the order of the metric law; a rule that cannot look says so."""
    return [_ruling(rule, case) for rule in RULES]


def conclusion(rulings: Sequence[Ruling]) -> str:
    """One of the keys of `STATUS`: a failing rule outranks one that cannot judge; nothing asked is nothing passed."""
    verdicts = {ruling.verdict for ruling in rulings}
    return next((verdict for verdict in (FAIL, CANNOT_JUDGE, PASS) if verdict in verdicts), CANNOT_JUDGE)


def sentence(rulings: Sequence[Ruling]) -> str:
    """The conclusion and why, in one sentence."""
    end = conclusion(rulings)
    deciding = [ruling for ruling in rulings if ruling.verdict == end]
    if not deciding:
        return f"{end}: no rule was asked; every one is off or needs --against"
    if end == PASS:
        return f"{end}: all {len(deciding)} rules that were asked are met"
    return f"{end}: {'; '.join(dict.fromkeys(ruling.reason for ruling in deciding))}"


def changes(case: Case) -> list[str]:
    """Gates that the revision sets otherwise, a sentence each: who moves a floor should be seen to do it."""
    if case.base is None:
        return []
    root = case.base.run.root
    try:
        there = read_yaml(root / GATES) if case.base.run.has(GATES) else read_yaml(root / OLD)["gates"]
        pairs = [(key, value, there[key]) for key, value in case.gates]
    except (UserError, *TORN):  # a revision from before there were gates, or before this one
        return []
    return [
        f"{key} in {GATES} is {_value(now)} here and {_value(old)} at {case.base.revision}"
        for key, now, old in pairs
        if now != old
    ]


def _value(value: Any) -> str:
    return "null" if value is None else shown(value)


def _ruling(rule: _Rule, case: Case) -> Ruling:
    limit = getattr(case.gates, rule.key)
    if limit is None:
        said = Judgement(OFF, why := f"{rule.key} in {GATES} is null", "", why)
    elif rule.against and case.base is None:
        said = Judgement(NOT_ASKED, why := "needs --against REV", "", why)
    else:
        said = _judgement(rule, case, limit)
    return Ruling(rule.name, rule.key, **vars(said))


class _Settled(Exception):
    """A judgement that is reached before a rule is asked, because nothing ships that it could be about."""


def _judgement(rule: _Rule, case: Case, limit: Any) -> Judgement:
    try:
        return rule.judge(case, limit)
    except _Settled as settled:
        return settled.args[0]
    except UserError as error:
        return Judgement(CANNOT_JUDGE, "", "", " ".join(str(error).split()))
    except TORN as error:
        reason = in_short(error)
        return Judgement(CANNOT_JUDGE, "", "", f"a file of metrics/ has not our form ({reason}): run `dvc repro`")


def _model(case: Case) -> Headline:
    """What ships; a run of which nothing does has nothing that could pass."""
    model = headline(case.here)
    if model is None:
        reason = "nothing ships: no contender of the run has an operating point"
        raise _Settled(Judgement(FAIL, "nothing", "what ships", reason))
    return model


def _pair(case: Case) -> tuple[Headline, Headline]:
    """What ships here and there, if both were judged on the same days by the same label."""
    before = case.base.read(headline, TRAIN)
    if before is None:
        reason = f"nothing ships at {case.base.revision}: there is nothing to fall from"
        raise _Settled(Judgement(PASS, "", "", reason))
    now, days, then = _model(case), test_days(case.here), case.base.read(test_days, TRAIN, LEDGER)
    if days != then or (now.n, now.base_rate) != (before.n, before.base_rate):
        reason = f"the test days or labels of {case.base.revision} are others: nothing can be compared"
        raise UserError(f"{reason}; name a revision of the same data")
    return now, before


def _verdict(case: Case, wanted: str) -> Judgement:
    found = rules.verdict(_model(case), wanted)
    if found.verdict != CANNOT_JUDGE or case.base is None:
        return found
    return rules.no_worse(found, case.base.read(headline, TRAIN), case.base.revision)


def _no_collapse(case: Case, width: float) -> Judgement:
    model = _model(case)
    return rules.no_collapse(model, judged(case.here, model.name), width)


def _recall_drop(case: Case, confidence: float) -> Judgement:
    now, before = _pair(case)
    there: Judged = case.base.read(lambda run: judged(run, before.name), SELECTION)
    return rules.recall_drop(now, judged(case.here, now.name), before, there, confidence)


RULES = (
    _Rule("verdict, by money", "verdict", False, _verdict),
    _Rule("precision, lower bound", "precision_low", False, lambda case, x: rules.precision_floor(_model(case), x)),
    _Rule("recall", "recall", False, lambda case, floor: rules.recall_floor(_model(case), floor)),
    _Rule("precision over baselines", "lift", False, lambda case, margin: rules.lift(_model(case), margin)),
    _Rule("width of the scores", "prediction_width", False, _no_collapse),
    _Rule("new test looks", "new_looks", True, lambda case, most: new_looks(case.here, case.base, most)),
    _Rule("drop of precision", "precision_drop", True, lambda case, x: rules.precision_drop(*_pair(case), x)),
    _Rule("drop of recall", "recall_drop", True, _recall_drop),
)
