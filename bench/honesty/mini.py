"""One market through the whole pipeline, small: what would its user have been told?

Every step is the function that the stage of that name calls; only sizes are smaller. The run lives in
a folder of its own, because stages find a tier's table relative to where they run.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from buysignal.bars.validate import validate
from buysignal.cli.params import Params
from buysignal.core.files import sha256, write_parquet
from buysignal.core.textfile import read_yaml
from buysignal.core.workers.engine import Engine
from buysignal.days.table import assemble, require_rows
from buysignal.features.tiers import n_features
from buysignal.judge.choice import choose
from buysignal.judge.operating import SelectionRules, operating_point
from buysignal.judge.paired import precision_at_buys
from buysignal.judge.row import rules_of
from buysignal.judge.selection import select
from buysignal.judge.snooping import Snooping, snooping
from buysignal.models.built import build
from buysignal.models.contender import Fitted, logit
from buysignal.models.days import Days
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.full import Entry, refit, tier_file
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.rivals import baselines
from buysignal.models.scores import VOLATILITY_ALONE, Scored, named, offset_of
from buysignal.search.study.objective import evaluate
from buysignal.search.study.record import table
from buysignal.search.study.run import Study, run_study, study_name
from buysignal.search.study.settings import objective_settings, search_settings
from buysignal.search.study.setup import space_for
from buysignal.search.study.tables import search_trials, top_per_budget
from buysignal.ship.opening import against, examine

TIER, BUDGET = "a20", "mini"
CONFIDENCE = 0.95  # of the naive claim
NO_CLAIM = "volatility alone ships"
PROJECT = Path(__file__).resolve().parents[2]
SMALL: Mapping[str, Any] = {
    "tiers": [TIER],
    "budgets": [BUDGET],
    "d_model": 16,
    "n_layers": 1,
    "n_heads": 2,
    "d_ff_ratio": 2,
    "dropout": 0.1,
    "learning_rate": 0.005,
    "weight_decay": 0.0001,
    "candidate": {"tier": TIER},
    "label": {"horizon": 1, "threshold": 0.01},
    "roles": {"train": 0.40, "stop": 0.08, "rank": 0.08, "calibrate": 0.10, "threshold": 0.14, "test": 0.20},
    "model": {"context": 10, "patch": 5, "stride": 5, "revin": False},
    "training": {"epochs": 20, "patience": 6, "min_delta": 0.001, "seeds": 2},
    "grids": {
        BUDGET: {"cap": 100_000, "d_model": [16, 32], "n_layers": [1, 2], "n_heads": [2, 4], "d_ff_ratio": [2]},
    },
    "hpo": {
        "trials": 6,
        "epochs": 8,
        "patience": 4,
        "seeds": 1,
        "batch": 3,
        "startup": 2,
        "objective": "auc",
        "recall_floor": 0.1,
        "threshold": 0.35,
        "pruner": "none",
        "learning_rate": [0.002, 0.005],
        "dropout": [0.1, 0.3],
        "weight_decay": [0.0001],
    },
    "evaluate": {"top": 3},
    "sweep": {"points": 101},
    "select": {"count": 3, "min_buys": 120, "min_recall": 0.3, "confidence": 0.95},
}
"""What differs from params.yaml: everything that the mini-pipeline reads."""


@dataclass(frozen=True)
class Outcome:
    """What one market's pipeline says of what ships, on the test role.

    If nothing ships, nothing is bought and nothing is claimed; ``note`` says why. What knows volatility alone, if it
    is what ships, claims no skill beyond volatility.

    Attributes
    ----------
    claim : skill beyond volatility: precision ``better`` than that of *each* contender that knows volatility alone,
        by paired differences at as many buys
    claim_auc : the same of the AUC difference
    claim_naive : what an unwary user would say: precision above the base rate, outside of Wilson's interval
    verdict, verdict_auc : of the least of these differences; `NO_CLAIM`, ``nothing ships`` or ``no buys`` without one
    precision, recall, n_buys, base_rate, auc : of what ships
    volatility_precision : of the volatility baseline at as many buys
    volatility_auc : of the volatility baseline
    difference, low, high : the least of these differences, with its 95 % interval; 0, -1 and 1 where there is none
    auc_difference, auc_low, auc_high : the same of the AUC
    spa_superior, spa_pvalue : whether StepM calls a model better than the best baseline on the threshold role,
        and SPA's p-value
    selected : searched models selected
    name, family, note : of what ships, and why it does
    """

    claim: bool
    claim_auc: bool
    claim_naive: bool
    verdict: str
    verdict_auc: str
    precision: float
    recall: float
    n_buys: int
    base_rate: float
    auc: float
    volatility_precision: float
    volatility_auc: float
    difference: float
    low: float
    high: float
    auc_difference: float
    auc_low: float
    auc_high: float
    spa_superior: bool
    spa_pvalue: float
    selected: int
    name: str
    family: str
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return asdict(self)


def small_params(seed: int, label: Mapping[str, Any] = MappingProxyType({})) -> Params:
    """params.yaml with `SMALL` in it, section by section, and other keys of ``label``."""
    content = read_yaml(PROJECT / "params.yaml")
    merged = {key: {**content[key], **value} if isinstance(value, dict) else value for key, value in SMALL.items()}
    return Params.of({**content, **merged, "label": {**merged["label"], **label}, "seed": seed})


def run_once(
    market_bars: pd.DataFrame, seed: int, scratch: Path, label: Mapping[str, Any] = MappingProxyType({})
) -> Outcome:
    """Push bars through check, ingest, featurize, baseline, hpo, evaluate, select and train.

    Parameters
    ----------
    market_bars : daily bars as a source gives them
    seed : of everything the pipeline draws
    scratch : folder of this run alone; it may be thrown away afterwards
    label : keys of the section ``label`` that differ from params.yaml

    Raises
    ------
    UserError
        If the pipeline refuses the bars, as it would a user's.
    """
    params = small_params(seed, label)
    with contextlib.chdir(scratch), contextlib.redirect_stderr(io.StringIO()):  # progress is for users
        bars, _ = validate(market_bars, "error", params.ingest.max_gap_days)
        require_rows(bars, TIER, params.label, params.roles, params.model.context)
        frame = assemble(bars, TIER, params.label, params.roles)
        write_parquet(tier_file(TIER), frame)
        rules = rules_of(params.select, params.label.horizon, params.sweep.points)
        closed, opened = (
            Days.of(bars, frame, TIER, params.label, params.model.context, test) for test in (False, True)
        )
        fitted = _contenders(params, closed)
        scored = [one for _, one in fitted]
        rivals = [one for one in scored if one.card.origin == "baseline"]
        searched = [one for one in scored if one.card.searched]
        selection = select(searched, rules)
        ten = [chosen.card.name for chosen in selection.selected]
        choice = choose([one for one in scored if one.card.name in ten or not one.card.searched], rules)
        snooped = snooping([one for one in scored if one.card.origin != "baseline"], rivals, rules, seed)
        by_name = {one.card.name: one for one, _ in fitted}
        test = opened.of_roles("test")
        alone = [one.scored(test) for one, _ in fitted if one.card.family in VOLATILITY_ALONE]
        volatility = named(alone, f"{TIER}-volatility")
        if not choice.shipped:
            return _nothing(choice.reason, volatility, rules, snooped)
        tested = by_name[choice.shipped].scored(test)
        threshold = operating_point(named(scored, choice.shipped), rules).point.threshold
        return _outcome(tested, threshold, alone, choice.reason, len(ten), rules, snooped, seed)


def _searched(params: Params) -> pd.DataFrame:
    """Stage hpo: the trials of a search."""
    shape, hpo, file = params.shape, params.hpo, tier_file(TIER)
    space = space_for(BUDGET, params.grids[BUDGET], hpo, shape, n_features(TIER))
    search = search_settings(hpo, params.seed)
    judged = objective_settings(hpo, params.training, params.seed)
    name = study_name(TIER, space, shape, search, judged, sha256(file))
    trial = partial(evaluate, tier_path=file, shape=shape, settings=judged)
    return table(run_study(space, search, Study(trial, Engine(), Path("studies"), name)))


def _contenders(params: Params, days: Days) -> list[tuple[Fitted, Scored]]:
    """Stages baseline, candidate and evaluate: each contender's fit and its scores before the opening."""
    rivals = [(one, one.scored(days.judged())) for one in baselines.fit(days, params.seed)]
    volatility = next(one for one, _ in rivals if one.card.family == "logistic")
    write_offset(offset_of(TIER), days.index, logit(volatility.scored(days).ensemble))
    best = top_per_budget(search_trials({(TIER, BUDGET): _searched(params)}), [BUDGET], params.evaluate.top)
    entries = [Entry.of(trial) for trial in best.to_dict("records")]
    protocol = (params.shape, params.training, params.seed, Path(), Engine())
    [candidate, *trained] = refit(
        "", [Entry("candidate", TIER, "", "hand", params.configuration, 0), *entries], *protocol
    )
    built = build(TIER, entries, trained, rivals, params.shape, lambda one: refit("", one, *protocol))
    searched = [(Transformer.of(one.card, fit, params.shape), one) for one, fit in (candidate, *trained)]
    return [*rivals, *built, *searched]


def _outcome(
    tested: Scored,
    threshold: float,
    alone: Sequence[Scored],
    reason: str,
    ten: int,
    rules: SelectionRules,
    snooped: Snooping,
    seed: int,
) -> Outcome:
    row = examine(tested, threshold, rules)
    volatility = named(alone, f"{TIER}-volatility")
    compared = [against(tested, one, threshold, rules, seed) for one in alone]
    found, ranking = (_least([one[of] for one in compared if one[of]]) for of in ("precision", "auc"))
    if tested.card.family in VOLATILITY_ALONE:
        found, ranking = found | {"verdict": NO_CLAIM}, ranking | {"verdict": NO_CLAIM}
    return Outcome(
        claim=found["verdict"] == "better",
        claim_auc=ranking["verdict"] == "better",
        claim_naive=naive_claim(row["hits"], row["n_buys"], row["base_rate"]),
        verdict=found["verdict"],
        verdict_auc=ranking["verdict"],
        precision=row["precision"],
        recall=row["recall"],
        n_buys=row["n_buys"],
        base_rate=row["base_rate"],
        auc=row["auc"],
        volatility_precision=precision_at_buys(*volatility.of("test")[:2], row["n_buys"]),
        volatility_auc=examine(volatility, None, rules)["auc"],
        difference=found["difference"],
        low=found["low"],
        high=found["high"],
        auc_difference=ranking["difference"],
        auc_low=ranking["low"],
        auc_high=ranking["high"],
        spa_superior=bool(snooped.superior),
        spa_pvalue=snooped.spa_pvalue,
        selected=ten,
        name=tested.card.name,
        family=tested.card.family,
        note=reason,
    )


def _least(differences: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The one whose interval reaches lowest: it is above 0 if all are."""
    none = {"verdict": "no buys", "difference": 0.0, "low": -1.0, "high": 1.0}
    return min(differences, key=itemgetter("low"), default=none)


def _nothing(note: str, volatility: Scored, rules: SelectionRules, snooped: Snooping) -> Outcome:
    """Nothing was selected, so nothing is bought and nothing is claimed."""
    row = examine(volatility, None, rules)
    none = "nothing ships"
    return Outcome(
        claim=False,
        claim_auc=False,
        claim_naive=False,
        verdict=none,
        verdict_auc=none,
        precision=0.0,
        recall=0.0,
        n_buys=0,
        base_rate=row["base_rate"],
        auc=0.5,
        volatility_precision=0.0,
        volatility_auc=row["auc"],
        difference=0.0,
        low=-1.0,
        high=1.0,
        auc_difference=0.0,
        auc_low=-1.0,
        auc_high=1.0,
        spa_superior=bool(snooped.superior),
        spa_pvalue=snooped.spa_pvalue,
        selected=0,
        name="",
        family="",
        note=note,
    )


def naive_claim(hits: int, n_buys: int, base_rate: float) -> bool:
    """Whether precision is above the base rate and Wilson's interval excludes it (J. Am. Stat. Assoc. 22, 1927).

    >>> naive_claim(8, 10, 0.2), naive_claim(3, 10, 0.2), naive_claim(0, 0, 0.2)
    (True, False, False)
    """
    if not n_buys:
        return False
    low, _ = proportion_confint(hits, n_buys, 1 - CONFIDENCE, method="wilson")
    return bool(low > base_rate)
