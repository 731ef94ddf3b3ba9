"""What all searches taught, as plain values: coverage, each tier, sizes, and the findings in words."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from buysignal.judge.trials.findings import findings
from buysignal.judge.trials.scaling import scaling
from buysignal.judge.trials.tier import analyze_tier
from buysignal.search.study.space import Space
from buysignal.search.study.tables import coverage, long_table

Study = tuple[str, str]
"""Tier and budget."""


def learned(
    studies: Mapping[Study, pd.DataFrame],
    spaces: Mapping[Study, Space],
    features: Mapping[str, int],
    top_share: float,
    confidence: float,
    seed: int,
) -> dict[str, Any]:
    """The content of metrics/analyze.json.

    Parameters
    ----------
    studies : trials of each search, budgets of a tier in ascending order of their caps
    spaces : what each searched
    features : tier -> feature count
    top_share : share of the usable trials that counts as the top
    """
    covered = {"-".join(study): coverage(table, spaces[study]) for study, table in studies.items()}
    tiers = []
    for tier in features:
        own = {study: table for study, table in studies.items() if study[0] == tier}
        tiers.append(analyze_tier(tier, long_table(own), [spaces[s] for s in own], top_share, confidence, seed))
    steps = scaling(studies, features, top_share, confidence, seed)
    return {
        "confidence": confidence,
        "coverage": covered,
        "tiers": {analysis.tier: analysis.to_dict() for analysis in tiers},
        "scaling": [asdict(step) for step in steps],
        "findings": [asdict(finding) for finding in findings(covered, tiers, steps)],
    }
