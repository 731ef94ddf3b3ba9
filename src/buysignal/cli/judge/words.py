"""What a judgement says in the same words of one market and of many symbols."""

from collections.abc import Iterator

from buysignal.cli.judge.asked import Asked
from buysignal.judge.evidence import Evidence
from buysignal.judge.luck import Bar
from buysignal.judge.verdict import percent
from buysignal.report.words import ends, three


def traded(asked: Asked) -> str:
    """When a buy is bought and sold, and what it costs."""
    stop = "" if asked.stop is None else f"at {percent(asked.stop)}"
    at = ["at that level"] * (asked.kind != "close") + [stop] * bool(stop)
    held = "the next day" if asked.horizon == 1 else f"the last of {asked.horizon} days"
    return (
        f"It is bought at the Close and sold {', or '.join(at)}{', else ' if at else ''}at the Close of {held}; "
        f"a round trip costs {asked.cost_bps:g} basis points."
    )


def precise(at: Evidence) -> str:
    """Precision and recall with all that they are read with."""
    if not at.n_buys:
        return f"Nothing was bought, so there is no precision. Base rate {three(at.base_rate)}."
    return (
        f"Precision {three(at.precision)} ({ends(*at.precision_interval)}; at least {three(at.precision_low)}, "
        f"with 95 % confidence), recall {three(at.recall)} ({ends(*at.recall_interval)}), base rate "
        f"{three(at.base_rate)}: {at.hits:,} of {at.n_buys:,} buys were right, "
        f"which are worth {at.n_eff:,.0f} independent ones."
    )


def luck(bar: Bar | None, earned: Bar | None, tried: int) -> Iterator[str]:
    """What the best of as many models without skill shows: its precision, and what it earns."""
    if bar is not None:
        who = "A model without skill" if tried == 1 else f"The best of {tried:,} models without skill"
        yield (
            f"{who} shows a precision of {three(bar.mean)} on as many buys on average, {three(bar.p95)} in one of 20 "
            f"cases, the observed one or more in {_hundred(bar)}.{_lucky(earned)}"
        )


def _lucky(bar: Bar | None) -> str:
    return "" if bar is None else f" It earns {percent(bar.mean)} a trade, as much as observed in {_hundred(bar)}."


def _hundred(bar: Bar) -> str:
    return f"{100 * bar.chance:.0f} of 100" if bar.chance >= 0.01 else "fewer than 1 of 100"
