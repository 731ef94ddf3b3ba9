"""What the trials of one tier, over all its budgets, tell: every analysis at once."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from buysignal.judge.trials.importance import Importance, Interaction, importance, interaction
from buysignal.judge.trials.structure import Correlation, Modality, correlations, modality
from buysignal.search.rounds.trends import Trends, top_count, trends, united, usable
from buysignal.search.study.space import Space


@dataclass(frozen=True)
class TierAnalysis:
    """Analyses of the trials of one tier; ``interaction`` is None with fewer than two important dimensions."""

    tier: str
    trends: Trends
    importance: Sequence[Importance]
    interaction: Interaction | None
    correlations: Sequence[Correlation]
    modality: Modality

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; searched values as text, since some are smaller than JSON's six decimals."""
        found = self.trends
        counts = {key: getattr(found, key) for key in ("trials", "complete", "collapsed", "top", "missing")}
        dimensions = {}
        for name, dimension in found.dimensions.items():
            plain = asdict(dimension) | {"promising": dimension.promising}
            del plain["name"]
            plain["values"] = {f"{v['value']:g}": v for v in plain["values"]}
            for value in plain["values"].values():
                del value["value"]
            best = dimension.sweet_spot
            texts = {key: [f"{v:g}" for v in plain[key]] for key in ("promising", "gaps", "beyond")}
            dimensions[name] = plain | texts | {"sweet_spot": None if best is None else f"{best:g}"}
        return {
            **counts,
            "dimensions": dimensions,
            "importance": [asdict(i) for i in self.importance],
            "interaction": asdict(self.interaction) if self.interaction else None,
            "correlations": [asdict(c) for c in self.correlations],
            "modality": asdict(self.modality),
        }


def analyze_tier(
    tier: str, trials: pd.DataFrame, spaces: Sequence[Space], top_share: float, confidence: float, seed: int
) -> TierAnalysis:
    """All analyses of the trials of one tier.

    Parameters
    ----------
    trials : of all budgets, as `buysignal.search.study.tables.long_table` gives them
    spaces : one per budget
    top_share : share of the usable trials that counts as the top
    """
    rows = usable(trials)
    found = trends(trials, united(spaces), top_count(len(rows), top_share), confidence)
    ranked = importance(trials, top_share, confidence, seed)
    foremost = [i.name for i in ranked[:2]]
    return TierAnalysis(
        tier=tier,
        trends=found,
        importance=ranked,
        interaction=interaction(trials, foremost, confidence) if len(foremost) == 2 else None,
        correlations=correlations(rows, confidence),
        modality=modality(found.dimensions["n_layers"], confidence, seed),
    )
