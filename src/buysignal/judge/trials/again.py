"""A trial's configuration trained again in full: what each of its seeds came to on the rank role."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from buysignal.judge.dates import dates_in, several
from buysignal.judge.trials.evidence import seed_means
from buysignal.models.best_of_day import precision_per_day
from buysignal.models.metrics import buys, precision_at_recall, ranking
from buysignal.models.scores import ModelCard, Scored

RANK = "rank"


@dataclass(frozen=True)
class Again:
    """A configuration over fresh seeds.

    Attributes
    ----------
    card : what was trained
    per_seed : metric -> one value per seed
    evidence : of precision and recall, as `buysignal.judge.trials.evidence.seed_means` gives it
    collapsed : whether the predictions of at least one seed span a narrow range
    """

    card: ModelCard
    per_seed: Mapping[str, tuple[float, ...]]
    evidence: Mapping[str, Any]
    collapsed: bool

    def row(self, configurations: int) -> dict[str, Any]:
        """Plain values; ``configurations`` were looked at to find this one."""
        auc = self.per_seed["auc"]
        return {
            "configuration": asdict(self.card.configuration),
            "parameters": self.card.parameters,
            **self.evidence,
            "configurations": configurations,
            "auc": sum(auc) / len(auc),
            "auc_per_seed": list(auc),
            "collapsed": self.collapsed,
        }


def again(model: Scored, threshold: float, recall_floor: float, horizon: int, per_day: int) -> Again:
    """Measure a model seed by seed.

    Parameters
    ----------
    threshold : score from which a day is a buy
    recall_floor : at which ``precision_at_recall`` is read
    horizon : trading days a label looks ahead
    per_day : of many symbols those bought a day, in ``precision_per_day``; of one there is no such metric
    """
    label, _, scores = model.of(RANK)
    rankings = [ranking(label, score) for score in scores]
    bought = [buys(label, score, threshold) for score in scores]
    per_seed = {name: tuple(getattr(r, name) for r in rankings) for name in ("auc", "average_precision")}
    per_seed |= {name: tuple(getattr(b, name) for b in bought) for name in ("precision", "recall", "n_buys")}
    per_seed["precision_at_recall"] = tuple(precision_at_recall(label, score, recall_floor) for score in scores)
    dates = dates_in(model, RANK)
    if several(dates) is not None:
        index = model.index[model.role == RANK]
        per_seed["precision_per_day"] = tuple(precision_per_day(label, score, index, per_day) for score in scores)
    evidence = seed_means(label, scores, threshold, horizon, dates)
    return Again(model.card, per_seed, evidence, any(r.collapsed for r in rankings))
