"""Sentences made from numbers, each with its evidence and its uncertainty; the settled ones first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from buysignal.judge.trials.importance import FEWEST, Importance, Interaction
from buysignal.judge.trials.scaling import Scaling, Side
from buysignal.judge.trials.structure import Correlation, Modality
from buysignal.judge.trials.tier import TierAnalysis
from buysignal.search.rounds.trends import CANNOT_TELL, HOLDS, VIOLATED, DimensionTrend, Trends

WORDS = {"parameters": "parameter count", "d_model": "width", "n_layers": "depth", "auc": "AUC"}
COUNTED = ("coverage", "lost trials")
"""Topics that count trials and ask nothing."""


@dataclass(frozen=True)
class Finding:
    """One answer: ``topic`` is what was asked, ``verdict`` is holds, violated or cannot tell."""

    where: str
    topic: str
    verdict: str
    text: str


def findings(
    coverage: Mapping[str, Mapping[str, Any]], tiers: Sequence[TierAnalysis], steps: Sequence[Scaling]
) -> list[Finding]:
    """Everything that was asked, with a verdict other than *cannot tell* first; else in the order asked.

    Parameters
    ----------
    coverage : study -> what `buysignal.search.study.tables.coverage` gives
    """
    found = [f for study, counts in coverage.items() for f in _coverage(study, counts)]
    for step in steps:
        topic = f"scaling of {step.metric} with {step.axis}"
        found.append(Finding(" and ".join(step.studies), topic, step.verdict, _scaling(step)))
    found += [f for tier in tiers for f in _tier(tier)]
    return sorted(found, key=lambda f: f.verdict == CANNOT_TELL)


def _coverage(study: str, counts: Mapping[str, Any]) -> Iterator[Finding]:
    tested, possible, trials = counts["architectures_tested"], counts["architectures_possible"], counts["trials"]
    share = counts["coverage_of_reachable"]
    verdict = HOLDS if trials and not counts["wasted"] else CANNOT_TELL if not trials else VIOLATED
    more = f", {counts['variants']} were variants of an architecture" if counts["variants"] else ""
    yield Finding(
        study,
        "coverage",
        verdict,
        f"{trials} trials tested {tested} of {possible} architectures, {share:.0%} of what so many trials can reach; "
        f"{counts['wasted']} repeated an earlier configuration{more}.",
    )
    lost = {word: counts[word] for word in ("failed", "collapsed", "pruned") if counts[word]}
    if lost:
        listed = ", ".join(f"{count} {word}" for word, count in lost.items())
        yield Finding(study, "lost trials", HOLDS, f"Of {trials} trials, {listed}: they are no part of any top.")


def _tier(tier: TierAnalysis) -> Iterator[Finding]:
    if tier.trends.missing:
        yield Finding(
            tier.tier, "trends", CANNOT_TELL, f"Nothing can be learned from {tier.tier}: {tier.trends.missing}."
        )
        return
    yield Finding(tier.tier, "importance", *_importance(tier.importance, tier.trends))
    if tier.interaction is not None:
        yield Finding(tier.tier, "interaction", tier.interaction.verdict, _interaction(tier.interaction))
    yield Finding(tier.tier, "two depths", tier.modality.verdict, _modality(tier.modality))
    for dimension in tier.trends.dimensions.values():
        yield Finding(tier.tier, dimension.name, dimension.verdict, _trend(dimension, tier.trends))
    for c in tier.correlations:
        topic = f"{WORDS[c.name]} and {WORDS.get(c.metric, c.metric)}"
        yield Finding(tier.tier, topic, c.verdict, _correlation(c))


def _trend(dimension: DimensionTrend, found: Trends) -> str:
    if len(dimension.values) == 1:
        return f"One value of {dimension.name} was tried, {dimension.values[0].value:g}: nothing to compare it with."
    best = dimension[dimension.sweet_spot]
    evidence = (
        f"{best.value:g}, with {best.in_top} of the top {found.top} ({best.share:.1%}) and {best.count} of all "
        f"{found.complete} trials ({best.count / found.complete:.1%}); chi-square p = {dimension.p_value:.2g}"
    )
    if dimension.verdict == CANNOT_TELL:
        return f"Cannot tell whether {dimension.name} matters for reaching the top; best supported is {evidence}."
    region = " and ".join(f"{v:g}" for v in dimension.promising)
    parts = [f"{dimension.name} matters for reaching the top; best supported is {evidence}."]
    if len(dimension.promising) > 1:
        parts.append(f"Promising are {region}, together {dimension.promising_share:.1%} of the top.")
    if dimension.gaps:
        parts.append(f"Untested in or next to it: {', '.join(f'{v:g}' for v in dimension.gaps)}.")
    if dimension.beyond:
        parts.append(
            f"{best.value:g} is the end of what was tried; past it: {', '.join(f'{v:g}' for v in dimension.beyond)}."
        )
    return " ".join(parts)


def _importance(ranked: Sequence[Importance], found: Trends) -> tuple[str, str]:
    if not ranked:
        usable = found.complete - found.collapsed
        reason = (
            f"{usable} usable trials, {FEWEST} are needed" if usable < FEWEST else "nothing varies among the trials"
        )
        return CANNOT_TELL, f"Cannot rank what matters: {reason}."
    shown = " and ".join(f"{i.name} ({i.pedanova:.0%}, p = {i.p_value:.2g})" for i in ranked[:2])
    first = max(ranked, key=lambda i: i.fanova)
    forest = f"fANOVA, which explains the objective of all trials, puts {first.name} first ({first.fanova:.0%})"
    beyond = [i.name for i in ranked if i.verdict == HOLDS]
    if not beyond:
        return CANNOT_TELL, f"By PED-ANOVA no dimension tells the top from the rest; highest are {shown}. {forest}."
    tell = f"{' and '.join(beyond)} tell{'s' * (len(beyond) == 1)}"
    return HOLDS, f"By PED-ANOVA {tell} the top from the rest; highest are {shown}. {forest}."


def _interaction(found: Interaction) -> str:
    pair = f"{found.names[0]} and {found.names[1]}"
    tested = f"{found.cells} tested combinations in {found.trials} trials"
    if found.p_value is None:
        return f"Cannot tell whether {pair} act together: {tested} leave nothing to estimate the noise from."
    if found.verdict == HOLDS:
        return f"The effect of {found.names[0]} depends on {found.names[1]} ({tested}; F test p = {found.p_value:.2g})."
    return f"Cannot tell whether {pair} act together ({tested}; F test p = {found.p_value:.2g})."


def _modality(found: Modality) -> str:
    if found.p_value is None:
        return "Cannot tell whether two depths are good: that takes three tested depths and a top unlike the rest."
    runs = ["-".join(dict.fromkeys((f"{run[0]:g}", f"{run[-1]:g}"))) for run in found.peaks]
    tested = f"p = {found.p_value:.2g} against a single peak; promising n_layers {' and '.join(runs)}"
    if found.verdict == HOLDS:
        return f"The share in the top has more than one peak over depth ({tested})."
    return f"Cannot tell two good depths from one ({tested})."


def _correlation(found: Correlation) -> str:
    name, metric = WORDS[found.name], WORDS.get(found.metric, found.metric)
    if found.rho is None:
        return f"Cannot tell whether {metric} rises with {name}: {found.n} usable trials without enough variation."
    if found.low is None:
        return f"Cannot tell whether {metric} rises with {name}: {found.n} usable trials are too few for an interval."
    evidence = (
        f"rank correlation {found.rho:+.2f}, simultaneous interval {found.low:+.2f} to {found.high:+.2f}, "
        f"{found.n} trials{'' if found.n_buys is None else f' of {found.n_buys:.1f} buys on average'}"
    )
    says = {
        HOLDS: f"{metric} rises with {name}",
        CANNOT_TELL: f"Cannot tell whether {metric} rises or falls with {name}",
    }
    return f"{says.get(found.verdict, f'{metric} falls with {name}')} ({evidence})."


def _scaling(step: Scaling) -> str:
    metric = WORDS.get(step.metric, step.metric)
    if step.difference is None:
        asked = f"more {step.axis} give a higher {metric} from {step.studies[0]} to {step.studies[1]}"
        return f"Cannot tell whether {asked}: {step.reason}."
    says = {
        HOLDS: f"More {step.axis} give a higher {metric}",
        VIOLATED: f"More {step.axis} give a lower {metric}",
        CANNOT_TELL: f"Cannot tell whether more {step.axis} give a higher {metric}",
    }
    return (
        f"{says[step.verdict]}: {_side(step.large, step)} against {_side(step.small, step)}; "
        f"difference {step.difference:+.4f}, simultaneous interval {step.low:+.4f} to {step.high:+.4f}; {_seeds(step)}."
    )


def _side(side: Side, step: Scaling) -> str:
    size = f"{side.parameters:,} parameters" if step.axis == "parameters" else f"{side.features} features"
    read_with = "" if side.evidence is None else f", {_read_with(side.evidence)}"
    return f"{side.level:.4f} in {side.study} (the best {side.best} of {side.trials} trials; {size}{read_with})"


def _read_with(e: Mapping[str, Any]) -> str:
    """What a mean precision over trials is read with, in the words of a sentence."""
    low, high = e["precision_interval"]
    return (
        f"{e['n_buys']:.1f} buys worth {e['n_eff']:.1f} independent ones, so {low:.2f} to {high:.2f} for one trial, "
        f"on {e['alert_rate']:.1%} of the days at a base rate of {e['base_rate']:.3f}"
    )


def _seeds(step: Scaling) -> str:
    spread = [side.seed_sd for side in (step.small, step.large) if side is not None and side.seed_sd is not None]
    if not spread:
        return "one seed per trial, so the luck of seeds is seen only through the spread of trials"
    return f"AUC of one trial differs between seeds by a standard deviation of {max(spread):.4f}"
