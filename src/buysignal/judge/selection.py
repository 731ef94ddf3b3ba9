"""Which models are trained in full: precision first, recall second, each choice with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from buysignal.core.files import DIGITS
from buysignal.judge.operating import JUDGE, OperatingPoint, SelectionRules, alerts, operating_point
from buysignal.models.metrics import COLLAPSE_WIDTH, ranking
from buysignal.models.scores import ModelCard, Scored


@dataclass(frozen=True)
class Selected:
    """A selected model: its rank from 1, its operating point and one sentence that says why."""

    rank: int
    card: ModelCard
    point: OperatingPoint
    reason: str


@dataclass(frozen=True)
class Rejected:
    """A model that is not selected; ``point`` is None if it has no operating point or is collapsed."""

    card: ModelCard
    point: OperatingPoint | None
    reason: str


@dataclass(frozen=True)
class Selection:
    """Outcome of `select`: ``note`` is one line that says how many were wanted, judged and taken."""

    selected: tuple[Selected, ...]
    rejected: tuple[Rejected, ...]
    note: str


def select(models: Sequence[Scored], rules: SelectionRules) -> Selection:
    """Take the ``rules.count`` models with the most precision that can be relied on.

    Every patchtst model competes, the candidate too; baselines are passed over. Models rank by the
    lower bound of precision on the threshold role, then by recall, then by name. A collapsed model,
    one without an operating point, and one that would add nothing to a higher one of its tier are
    rejected with that reason: the same configuration (two budgets can find it), or buys on just the
    same days (a weight decay that changes nothing).
    """
    rejected: list[Rejected] = []
    ranked: list[tuple[Scored, OperatingPoint]] = []
    for model in models:
        if not model.card.searched:
            continue
        point, reason = qualified(model, rules)
        if point is None:
            rejected.append(Rejected(model.card, None, reason))
        else:
            ranked.append((model, point))
    ranked, repeats = _distinct(sorted(ranked, key=_order), rules.per_day)
    selected = [
        Selected(rank, model.card, point, f"rank {rank} of {len(ranked)}: {_numbers(point)}")
        for rank, (model, point) in enumerate(ranked[: rules.count], start=1)
    ]
    beyond = [
        Rejected(model.card, point, f"rank {rank} of {len(ranked)}, {rules.count} are taken: {_numbers(point)}")
        for rank, (model, point) in enumerate(ranked[rules.count :], start=rules.count + 1)
    ]
    rejected.sort(key=lambda model: model.card.name)
    return Selection(
        tuple(selected), (*beyond, *repeats, *rejected), _note(rules.count, len(ranked), len(repeats) + len(rejected))
    )


def qualified(model: Scored, rules: SelectionRules) -> tuple[OperatingPoint | None, str]:
    """The operating point of a model that tells days apart; else None, and why there is none."""
    label, score, _ = model.of(JUDGE)
    if len(label):
        spread = ranking(label, score)
        if spread.collapsed:
            return None, (
                f"collapsed: scores span {spread.prediction_width:.4f} between their 1st and 99th percentile, "
                f"{COLLAPSE_WIDTH} is needed"
            )
    operating = operating_point(model, rules)
    return operating.point, operating.reason


def _order(entry: tuple[Scored, OperatingPoint]) -> tuple[float, float, bool, str]:
    """Sort key. Rounded as written, so that the last bit of a bound never decides against recall.

    Of equals, one that the search found stands before a supplementary one, which came later.
    """
    model, point = entry
    later = model.card.origin == "supplementary"
    return -round(point.precision_low, DIGITS), -round(point.recall, DIGITS), later, model.card.name


def _distinct(
    ranked: list[tuple[Scored, OperatingPoint]], per_day: int
) -> tuple[list[tuple[Scored, OperatingPoint]], list[Rejected]]:
    """Keep the highest of equal configurations, and of equal buys, on one tier."""
    kept, repeats = [], []
    first: dict[tuple[str, object], str] = {}
    for model, point in ranked:
        tier, configuration = model.card.tier, model.card.configuration
        days = alerts(model, JUDGE, point.threshold, per_day).tobytes()
        if (tier, configuration) in first:
            reason = f"same configuration as {first[tier, configuration]}, which ranks higher: {_numbers(point)}"
            repeats.append(Rejected(model.card, point, reason))
        elif (tier, days) in first:
            reason = f"buys on the same days as {first[tier, days]}, which stands for both: {_numbers(point)}"
            repeats.append(Rejected(model.card, point, reason))
        else:
            first[tier, configuration] = first[tier, days] = model.card.name
            kept.append((model, point))
    return kept, repeats


def _numbers(point: OperatingPoint) -> str:
    return (
        f"precision at least {point.precision_low:.3f} ({point.precision:.3f} on {point.n_buys} buys "
        f"worth {point.n_eff:.0f}), recall {point.recall:.3f}; base rate {point.base_rate:.3f}"
    )


def _note(wanted: int, ranked: int, rejected: int) -> str:
    if not ranked + rejected:
        return f"none of {wanted} wanted models: there was no model to judge"
    if not ranked:
        return f"none of {wanted} wanted models: all {rejected} judged were rejected"
    taken = min(wanted, ranked)
    if taken < wanted:
        return f"{taken} of {wanted} wanted models: {ranked + rejected} judged, {rejected} rejected"
    return f"{taken} of {ranked} ranked models; {rejected} more rejected"
