"""How the report writes numbers and names: one way for every sentence, table and chart."""

from collections.abc import Mapping, Sequence
from typing import Any

from buysignal.judge.money import Money
from buysignal.judge.verdict import percent, points, span
from buysignal.models.pretrained import PRETRAINED

Row = Mapping[str, Any]
"""A row of a JSON file or of a table."""
PURGED = "purged"
ROLES = {
    "train": "fits the models",
    "stop": "ends each fit in time",
    "rank": "orders the trials of the search",
    "calibrate": "turns scores into probabilities",
    "threshold": "sets from which score to buy, and what ships",
    "test": "gives the verdict",
    PURGED: "left out: outcomes that reach into the next role",
}
"""Role of time -> what its days do."""


def three(value: float | None) -> str:
    """A number, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def ends(low: float | None, high: float | None) -> str:
    """An interval of shares, or a dash."""
    return "–" if low is None or high is None else f"{low:.3f}–{high:.3f}"


def shares(row: Row, *names: str) -> list[str]:
    """Each share of a row and its interval, two cells each."""
    return [cell for name in names for cell in (three(row[name]), ends(*row.get(f"{name}_interval", (None, None))))]


def signed(value: float, low: float, high: float) -> str:
    """A difference with its interval."""
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def interval(found: Row, digits: int = 4) -> str:
    """The interval of a difference, in words."""
    if found["low"] is None:
        return "one seed has no interval"
    return f"{100 * found['confidence']:g} % interval {found['low']:+.{digits}f} to {found['high']:+.{digits}f}"


def capital(text: str) -> str:
    """A text as a sentence begins with it."""
    return text[0].upper() + text[1:]


def sentence(reason: str) -> str:
    """A reason as a sentence."""
    return f"{capital(reason).rstrip('.')}."


def metric(name: str) -> str:
    """A metric or objective, without the signs of a key."""
    return name.replace("_", " ").replace("auc", "AUC")


def shape(configuration: Row) -> str:
    """Width, layers, heads and feed-forward ratio."""
    return " x ".join(str(configuration[key]) for key in ("d_model", "n_layers", "n_heads", "d_ff_ratio"))


def family(card: Row) -> str:
    """What a contender is, in words."""
    if card["origin"] == "built" and card["family"] == "transformer":
        known = "pretrained model" if PRETRAINED in card["name"] else "volatility logistic"
        return f"a transformer added to the {known}"
    if card["name"] == f"{card['tier']}-{PRETRAINED}":
        return "a model of another run (`models.pretrained`)"
    best = f", the best of {card['tried']} ways to grow them" if "tried" in card else ""
    return {
        "formula": "a formula of how far the market moves",
        "logistic": f"a logistic regression on {card['parameters'] - 1} volatility features",
        "garch": "a GARCH model of volatility",
        "boosting": f"boosted trees on the features of tier {card['tier']}{best}",
        "transformer": f"a transformer {'typed by hand' if card['origin'] == 'hand' else 'that the search found'}",
        "blend": "a blend of several contenders, all of the same weight",
        "own": "a model of your own (`models.extra`)",
    }[card["family"]]


def settings(card: Row) -> str:
    """Hyperparameters, if it has any, and size of a contender."""
    many = len(card["seeds"])
    seeds = f", {many} seed{'s' * (many != 1)}" if many else ""
    if card["configuration"] is None:
        return f"Fitted values: {card['parameters']:,}{seeds}"
    fit = ", ".join(f"{name} {value}" for name, value in card["configuration"].items())
    cap = f"{card['cap']:,}" if card["cap"] else "none"
    return f"Configuration: {fit}; {card['parameters']:,} parameters (cap {cap}){seeds}"


def lumps(found: Sequence[Row]) -> list[str]:
    """The month and the symbol that hold more of the buys than they should (`buysignal.judge.concentration`)."""
    return [
        f"{100 * lump['share']:.0f} of 100 buys lie in one {lump['kind']}, {lump['name']}, which has "
        f"{100 * lump['even']:.0f} of 100 rows: much of what is said here is the story of that {lump['kind']}."
        for lump in found
        if lump["said"]
    ]


def paragraphs(parts: Sequence[str]) -> str:
    """Parts of a page as one text."""
    return "\n\n".join(part.strip() for part in parts) + "\n"


def earned(money: Money | None, days: int, other: str = "a random day") -> str:
    """What buys earned on some days, as a trader says it, and what ``other`` buys would have."""
    if money is None:
        return f"No trades: nothing was bought on {days:,} days."
    kinds = [("a right buy", money.mean_hit), ("a wrong one", money.mean_miss)]
    told = " and ".join(f"{kind} brings {percent(mean)}" for kind, mean in kinds if mean is not None)
    return (
        f"After costs of {percent(money.cost)} a trade earns {percent(money.mean)} {span(money.mean_interval)}, "
        f"{other} {percent(money.random)}; that is {points(money.ahead)} {span(money.ahead_interval)}. Before costs "
        f"{told}. {_even(money.break_even)}"
    )


def _even(at: float | None) -> str:
    """The precision at which the buys break even, in words."""
    if at is None:
        return "At which precision these buys break even cannot be said."
    if at > 1:
        return "No precision makes these buys pay: a right one earns less than the costs."
    return f"These buys break even at a precision of {three(max(at, 0.0))}."
