"""What a contender's buys on a role are worth: money and the verdict by it, as one record that all others print."""

from typing import Any

from buysignal.judge.dates import dates_in
from buysignal.judge.money import Trades, money
from buysignal.judge.operating import SelectionRules, alerts
from buysignal.judge.unskilled import best_unskilled
from buysignal.judge.verdict import verdict
from buysignal.models.scores import Scored

INTERVAL = 0.95  # of the two-sided intervals


def worth_at(
    model: Scored,
    role: str,
    threshold: float | None,
    trades: Trades,
    rules: SelectionRules,
    seed: int,
    tried: int = 1,
) -> dict[str, Any]:
    """What buying on a role from a threshold earned, and the verdict by it: ``money``, None of no buy, and ``verdict``.

    The intervals are at `INTERVAL`; ``seed`` is that of the bootstrap. The verdict on one of several that were
    ``tried`` on these days asks whether the best of as many without skill earns as much. Of many symbols the verdict
    counts dates, and those with a buy.
    """
    (label, *_), dates = model.of(role), dates_in(model, role)
    gross, alert = trades.on(model.index[model.role == role]), alerts(model, role, threshold, rules.per_day)
    found = money(gross, label, alert, rules.horizon, trades.cost, INTERVAL, seed, dates=dates)
    luck = best_unskilled(gross - trades.cost, alert, rules.horizon, tried, dates) if tried > 1 else None
    alone = dates is None or dates.single
    bought = None if alone else int(dates.sums(alert).astype(bool).sum())
    told = verdict(found, len(label) if alone else len(dates), luck, tried, bought)
    return {"money": None if found is None else found.to_dict(), "verdict": told.to_dict()}
