"""The models of the threshold role side by side, and everything that speaks against believing the first of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from buysignal.judge.certified import Claim, Precision, certify
from buysignal.judge.certified_money import Profit
from buysignal.judge.dates import dates_in
from buysignal.judge.luck import LuckBar, luck_bar
from buysignal.judge.money import Trades
from buysignal.judge.operating import JUDGE, SelectionRules, alerts
from buysignal.judge.params import Certify
from buysignal.judge.row import judge, looked_at
from buysignal.judge.shrinkage import Shrunken, shrink_leaderboard
from buysignal.judge.snooping import Snooping, snooping
from buysignal.judge.worth import worth_at
from buysignal.models.scores import Scored

Row = dict[str, Any]


@dataclass(frozen=True)
class Leaderboard:
    """What is known of every model before the test role is opened.

    Attributes
    ----------
    rows : one per baseline and model: `buysignal.judge.row.judge`, the certified threshold, and of a
        model that buys ``precision_shrunk`` and ``money`` (else None)
    luck : what the best of as many models shows without skill
    snooping : whether the best of them is better than the best baseline, given how many they are
    shrunken : how the precisions were drawn together
    """

    rows: list[Row]
    luck: LuckBar
    snooping: Snooping
    shrunken: Shrunken

    def doubts(self) -> Row:
        """All but the rows, as plain types for JSON."""
        shrunken = {key: value for key, value in self.shrunken.to_dict().items() if key != "precision"}
        return {"luck": asdict(self.luck), "snooping": asdict(self.snooping), "shrunken": shrunken}


def leaderboard(
    models: Sequence[Scored],
    baselines: Sequence[Scored],
    rules: SelectionRules,
    promise: Certify,
    trials: int,
    seed: int,
    trades: Trades,
) -> Leaderboard:
    """Judge every model on the threshold role, then doubt the result.

    Parameters
    ----------
    models, baselines : scored on the calibrate and the threshold role, all on the same days of the latter
    trials : configurations looked at in all rounds of the search
    seed : of the bootstraps
    trades : of all days of the threshold role
    """
    rows, claim = [], claim_of(promise, trades, seed)
    for model in [*baselines, *models]:
        looked = looked_at(model.card, trials)
        certified = certify(model, claim, promise.delta, rules, looked)
        row = {**judge(model, rules, looked), "precision_shrunk": None, "certified": certified.to_dict()}
        rows.append(row | {"money": worth_at(model, JUDGE, row["threshold"], trades, rules, seed)["money"]})
    luck = luck_bar(models, rules)
    shrunken = _shrink(models, rows[len(baselines) :], luck, rules)
    return Leaderboard(rows, luck, snooping(models, baselines, rules, seed), shrunken)


def claim_of(promise: Certify, trades: Trades, seed: int) -> Claim:
    """What a certified threshold is to keep, by ``certify.target``; ``seed`` is that of the resampled dates."""
    return Profit(trades, seed) if promise.target == "expectancy" else Precision(promise.precision)


def _shrink(models: Sequence[Scored], rows: Sequence[Row], luck: LuckBar, rules: SelectionRules) -> Shrunken:
    """Shrink the models that buy, and write their shrunken precision into their rows."""
    bought = [(model, row) for model, row in zip(models, rows) if not row["no_buys"]]
    label = models[0].of(JUDGE)[0] if models else np.zeros(0, int)
    dates = dates_in(models[0], JUDGE) if models else None
    alert = np.array([alerts(model, JUDGE, row["threshold"], rules.per_day) for model, row in bought])
    alert = alert.reshape(len(bought), len(label))
    optimism = np.array([luck.optimism.get(row["name"], 0.0) for _, row in bought])
    n_eff = np.array([row["n_eff"] for _, row in bought])
    found = shrink_leaderboard(label, alert, n_eff, optimism, rules.horizon, dates, rules.per_day > 0)
    for (_, row), precision in zip(bought, found.precision):
        row["precision_shrunk"] = float(precision)
    return found
