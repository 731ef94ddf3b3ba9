"""The rules, each from the numbers it is about to a judgement in words; precision first, recall second.

A rule never turns from pass to fail because precision or recall is higher. Formulas and their limits: docs/gate.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy.special import stdtrit

from buysignal.cli.gate.measured import Headline, Judged
from buysignal.core.errors import UserError
from buysignal.judge.intervals import clopper_pearson_lower, clopper_pearson_upper
from buysignal.judge.paired import MIN_BUYS
from buysignal.judge.params import CANNOT_TELL, USE
from buysignal.models.scores import VOLATILITY_ALONE

PASS, FAIL, CANNOT_JUDGE, NOT_ASKED, OFF = "pass", "fail", "cannot judge", "not asked", "off"


@dataclass(frozen=True)
class Judgement:
    """A verdict with what was found, what was wanted, and one sentence on why."""

    verdict: str
    found: str
    wanted: str
    reason: str


def verdict(model: Headline, wanted: str) -> Judgement:
    """The verdict is *use*; or, if no more is wanted, not *do not use*."""
    said = model.verdict
    if said is None:
        raise UserError("metrics/train.json has no verdict: run `dvc repro`")
    passes = said.word in (USE, wanted)
    ruling = PASS if passes else CANNOT_JUDGE if said.word == CANNOT_TELL else FAIL
    asked = USE if wanted == USE else f"{USE} or {wanted}"
    return Judgement(ruling, said.word, asked, f"the verdict on {model.name} is {said}")


def no_worse(found: Judgement, before: Headline | None, revision: str) -> Judgement:
    """A verdict that nobody can tell passes where it was no better before: a change answers for itself."""
    if before is not None and (before.verdict is None or before.verdict.word == USE):
        return found
    was = "nothing shipped" if before is None else before.verdict.word
    return replace(found, verdict=PASS, found=f"{found.found}, before: {was}", wanted=f"no worse than {revision}")


def precision_floor(model: Headline, floor: float) -> Judgement:
    """The lower bound of precision is at least ``floor``, and above the base rate, which buying always gives."""
    _require_two_classes(model)
    found = f"{model.precision_low:.3f} (precision {model.precision:.3f}, {model.n_buys} buys)"
    wanted = f"at least {floor:.3f}" if floor > model.base_rate else f"above the base rate, {model.base_rate:.3f}"
    good = model.precision_low >= floor and model.precision_low > model.base_rate
    said = "is" if good else "is not"
    reason = f"the one-sided lower bound of the precision of {model.name}, {model.precision_low:.3f}, {said} {wanted}"
    return Judgement(PASS if good else FAIL, found, wanted, reason if model.n_buys else _never(model))


def recall_floor(model: Headline, floor: float) -> Judgement:
    """Recall is at least ``floor``."""
    _require_two_classes(model)
    good = model.recall >= floor
    wanted = f"at least {floor:.3f}"
    reason = f"the recall of {model.name}, {model.recall:.3f}, {'is' if good else 'is not'} {wanted}"
    return Judgement(PASS if good else FAIL, f"{model.recall:.3f}", wanted, reason if model.n_buys else _never(model))


def lift(model: Headline, margin: float) -> Judgement:
    """Precision exceeds the volatility baseline's, on as many buys, by an interval that lies above ``margin``.

    Two things keep luck out: fewer than `MIN_BUYS` buys never pass, as the interval of a few lucky ones has
    no width, and no other baseline of the tier may come closer than ``margin`` on as many buys. It asks for more
    than volatility, so not of what knows nothing else: a formula that is ahead is so by luck.
    """
    _require_two_classes(model)
    lead, baseline = model.against_volatility.precision, model.against_volatility.baseline
    if model.name == baseline:
        return Judgement(NOT_ASKED, why := f"{baseline} itself ships: nothing is to be ahead of itself", "", why)
    if model.family in VOLATILITY_ALONE:
        return Judgement(NOT_ASKED, why := f"{model.name} knows volatility alone, as {baseline} does", "", why)
    if lead is None:
        return Judgement(FAIL, "no buys", f"interval above {margin:.3f}", _never(model))
    interval, ends = f"{lead.confidence * 100:.3g} % interval", f"{lead.low:+.3f} to {lead.high:+.3f}"
    reached, best = max((reached, name) for name, reached in model.at_as_many_buys.items() if name != model.name)
    said = f"{model.name} {_compared(lead.low, lead.high, margin)} {baseline} buying on as many days "
    said += f"(difference {lead.difference:+.3f}, {interval} {ends})"
    good = model.n_buys >= MIN_BUYS and lead.low > margin and model.precision - reached > margin
    if model.n_buys < MIN_BUYS:
        said = f"{model.name} has {model.n_buys} buys, and fewer than {MIN_BUYS} say nothing of a difference"
    elif lead.low > margin and not good:
        said = f"on as many buys {best} has precision {reached:.3f}, {model.name} {model.precision:.3f}"
    found, wanted = f"{lead.difference:+.3f} ({ends})", f"{interval} above {margin:.3f}"
    return Judgement(PASS if good else FAIL, found, wanted, said)


def _compared(low: float, high: float, margin: float) -> str:
    if high < 0:
        return "is less precise than"
    if low > 0:
        return "is more precise than"
    if low > margin:
        return f"is not less precise by {-margin:.3f} or more than"
    return "is not shown to be more precise than"


def no_collapse(model: Headline, at: Judged, width: float) -> Judgement:
    """The scores of the threshold role span at least ``width``, and the model buys on the test role.

    They span from the 1st to the 99th percentile.
    """
    spans = f"{at.prediction_width:.3f}"
    found, wanted = f"{spans} (1 to 99 %)", f"at least {width:.3f}"
    if not model.n_buys:
        return Judgement(FAIL, f"{found}, no buys", wanted, _never(model))
    good = at.prediction_width >= width and not at.collapsed
    says = f"span {spans} of the threshold role" if good else f"collapsed: they span {spans}"
    return Judgement(PASS if good else FAIL, found, wanted, f"the scores of {model.name} {says}")


def precision_drop(now: Headline, before: Headline, confidence: float) -> Judgement:
    """Precision fell by no more than what two sets of buys differ by in luck.

    The upper limit of the difference by squaring and adding (Newcombe, Stat. Med. 17, 1998; Zou & Donner,
    Stat. Med. 27, 2008, for other intervals than Wilson's) from the exact intervals of both at their effective
    counts. It takes the two for independent, and days that both bought on make it cautious.
    """
    if not before.n_buys:
        return Judgement(PASS, f"{now.precision:.3f}, before: no buys", "no drop", f"{before.name} bought on no day")
    if not now.n_buys:
        return Judgement(FAIL, f"no buys, before {before.precision:.3f}", "buys", _never(now))
    side = (1 + confidence) / 2
    above = float(clopper_pearson_upper(now.precision, now.n_eff, side)) - now.precision
    below = before.precision - float(clopper_pearson_lower(before.precision, before.n_eff, side))
    return _dropped("precision", now.precision, before.precision, math.hypot(above, below))


def recall_drop(now: Headline, at: Judged, before: Headline, at_before: Judged, confidence: float) -> Judgement:
    """Recall fell by no more than what training differs by in luck.

    The days to be found are the same in both, so the luck of days is common to them and training is left:
    Student's bound from the standard deviations over the seeds of each that has any. Where nothing was drawn by
    chance there is no luck, and any drop is one.
    """
    if not now.n_buys and before.n_buys:
        return Judgement(FAIL, f"no buys, before {before.recall:.3f}", "buys", _never(now))
    drawn = [one for one in (at, at_before) if one.seeds]
    freedom = sum(one.seeds - 1 for one in drawn)
    if drawn and not freedom and now.recall < before.recall:
        told = "set training.seeds to 2 or more where a transformer ships, else recall_drop in gates.yaml to null"
        raise UserError(f"one seed tells nothing of the luck of training: {told}")
    squares = sum((one.seeds - 1) * one.recall_sd**2 for one in drawn)
    noise = float(stdtrit(freedom, (1 + confidence) / 2)) * math.sqrt(len(drawn) * squares / freedom) if freedom else 0
    return _dropped("recall", now.recall, before.recall, noise)


def _dropped(metric: str, now: float, before: float, noise: float) -> Judgement:
    drop = before - now
    found, wanted = f"{now - before:+.3f} ({before:.3f} to {now:.3f})", f"a drop of at most {noise:.3f}"
    if drop <= 0:
        return Judgement(PASS, found, wanted, f"{metric} did not fall")
    good = drop <= noise
    reason = f"{metric} fell by {drop:.3f}, {'no larger' if good else 'larger'} than noise, {noise:.3f}"
    return Judgement(PASS if good else FAIL, found, wanted, reason)


def _never(model: Headline) -> str:
    return f"{model.name} buys on none of {model.n} test days"


def _require_two_classes(model: Headline) -> None:
    if model.one_class:
        raise UserError(f"all {model.n} test days have the same label, which judges nothing: set another label.level")
