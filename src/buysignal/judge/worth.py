"""What a contender's buys on a role are worth: money and the verdict by it, as one record that all others print."""

from typing import Any

from buysignal.core.files import stable
from buysignal.judge.money import Money, Trades, money
from buysignal.judge.operating import SelectionRules, alerts
from buysignal.judge.verdict import verdict
from buysignal.models.scores import Scored

INTERVAL = 0.95  # of the two-sided intervals


def worth_at(
    model: Scored, role: str, threshold: float | None, trades: Trades, rules: SelectionRules, seed: int
) -> dict[str, Any]:
    """What buying on a role from a threshold earned, and the verdict by it: ``money``, None of no buy, and ``verdict``.

    The intervals are at `INTERVAL`; ``seed`` is that of the bootstrap.
    """
    label, score, _ = model.of(role)
    gross = trades.on(model.dates[model.role == role])
    found = money(gross, label, alerts(score, threshold), rules.horizon, trades.cost, INTERVAL, seed)
    kept = None if found is None else Money(**stable(found.to_dict()))  # as JSON has it: who reads it judges alike
    return {"money": None if kept is None else kept.to_dict(), "verdict": verdict(kept, len(label)).to_dict()}
