"""What the report says of a run to which the test role is closed, and of a variant beside what is registered."""

from collections.abc import Sequence

from buysignal.report.words import Row, interval, sentence


def looks(why: str, entries: Sequence[object]) -> str:
    """How often the test role was looked at, where this run did not."""
    count = len(entries)
    others = f"the ledger has {count} look{'s' * (count != 1)} of others" if count else "the ledger has none"
    return f"not by this run, to which it is closed: {why}; {others}"


def candidate(compared: Row) -> str:
    """The candidate beside the registered one on the threshold role, from data/compared.json."""
    if compared["precision"] is None:
        return f"The candidate is not compared with the registered one: {sentence(compared['reason'])}"
    precise, area = compared["precision"], compared["auc"]
    if precise["low"] == precise["high"] == area["low"] == area["high"] == 0:
        return "The candidate is the registered one."
    return (
        f"The candidate minus the registered one, which buys on as many of the same {compared['days']} days: precision "
        f"{precise['difference']:+.3f}, {interval(precise, 3)}; AUC {area['difference']:+.3f}, {interval(area, 3)}."
    )
