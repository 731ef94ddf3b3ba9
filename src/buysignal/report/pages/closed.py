"""What the report says of a run to which the test role is closed: the threshold role's numbers, said as such."""

from collections.abc import Sequence

from buysignal.report.words import Row, interval, sentence

HOW = "`python -m buysignal register` registers it, `dvc repro` then opens the test role, and the ledger counts a look"


def closed(selection: Row, train: Row) -> str:
    """Why the test role is closed to the selected models; empty if it is not, or none is selected."""
    return train.get("unopened", "") if selection["selected"] else ""


def verdict(why: str) -> str:
    """The first sentence of the page."""
    return (
        f"**Not examined**: this run is not registered ({why}), so the test role stayed closed. What stands here is of "
        f"the threshold role, on which models are chosen: expect less of other days. {HOW}."
    )


def headline(row: Row) -> str:
    """The first selected model on the threshold role, a row of metrics/selection.json."""
    return (
        f"On the threshold role {row['name']}, selected first, bought on {row['n_buys']} of {row['n']} days. Precision "
        f"{row['precision']:.3f} (one-sided at least {row['precision_low']:.3f}; buying always gives "
        f"{row['base_rate']:.3f}), recall {row['recall']:.3f}."
    )


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
