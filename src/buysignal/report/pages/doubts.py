"""How much to believe of a contender's numbers, question by question, as Markdown made from this run's numbers."""

from collections.abc import Sequence

from buysignal.judge.best_of_day import the_best
from buysignal.judge.verdict import percent
from buysignal.models.scores import VOLATILITY_ALONE
from buysignal.report.pages.direction import verdict
from buysignal.report.pages.ships import beside, rivals
from buysignal.report.words import Row, sentence

TITLE = "Is it real?"
ONE = (
    " The promise is one contender's, made as if it had been fixed beforehand; it stands among {} that were judged on "
    "the same days, {} of which have such a threshold, and the choice is not covered."
)


def real_section(
    chosen: Row | None,
    tested: Sequence[Row],
    judged: Sequence[Row],
    board: Row,
    mirrored: Sequence[Row],
    tear: Row | None,
    looks: str,
    per_day: int = 0,
) -> list[str]:
    """Heading, then an answer to each doubt of what ships; promises and seeds are a part of their own.

    Parameters
    ----------
    chosen : what ships in data/selected.json; None if nothing does
    tested, judged : rows of metrics/train.json and metrics/selection.json
    board, mirrored : metrics/snooping.json and metrics/mirror.json
    tear : metrics/tear.json
    looks : `buysignal.ship.ledger.summary`
    per_day : of many symbols, how many are bought a day
    """
    row = next((row for row in tested if chosen and row["name"] == chosen["card"]["name"]), None)
    lines = [] if row is None else [*_seen(row, tear), _direction(row, mirrored)]
    expected = [] if chosen is None else of_one(chosen, tested, judged, board, per_day)
    lines += expected[:1]
    lines.append(("How often was the test role looked at?", sentence(looks) + " (metrics/ledger.jsonl)"))
    parts = ["### Promises and seeds", listed(expected[1:])] if expected else []
    return [f"## {TITLE}", listed(lines), *parts]


def listed(lines: Sequence[tuple[str, str]]) -> str:
    """Questions with their answers as a list."""
    return "\n".join(f"- **{question}** {answer}" for question, answer in lines)


def _seen(row: Row, tear: Row | None) -> list[tuple[str, str]]:
    """What the test role says of luck, and of simple rules."""
    if row["one_class"]:
        return []
    simple = " ".join([*rivals(row), *beside(row)]) if not row["no_buys"] else " ".join(beside(row))
    told = [("Is it better than a simple rule?", simple)] if simple else []
    if row["no_buys"]:
        return told
    low, base = row["precision_interval"][0], row["base_rate"]
    precise = "is not" if low > base else "may be"
    luck = f"Its precision {precise}: the interval begins at {low:.3f}, and buying always has {base:.3f}."
    return [("Could it be luck?", f"{luck} {_lucky(tear)}".strip()), *told]


def _lucky(tear: Row | None) -> str:
    if tear is None:
        return ""
    band, total = tear["random"]["total_return"], tear["model"]["total_return"]
    place = "is more than luck brings" if total > band["high"] else "is less" if total < band["low"] else "may be"
    drawn = "symbols drawn at random on the same days" if "many" in tear else "days drawn at random"
    return (
        f"What it earned {place}: as many {drawn} came to between {percent(band['low'], 1)} and "
        f"{percent(band['high'], 1)} in nine of ten draws, and it to {percent(total, 1)}. "
        f"{100 * tear['ahead']:.1f} % of the draws ended lower."
    )


def _direction(row: Row, mirrored: Sequence[Row]) -> tuple[str, str]:
    """Whether what ships knows where the market goes, or how far it moves."""
    own = [one for one in mirrored if one["name"] == row["name"]]
    if row["family"] in VOLATILITY_ALONE:
        answer = "Volatility: it sees nothing else. It knows how far the market moves, not where to."
    elif own:
        answer = verdict(own).replace("**", "")
    else:
        answer = "Nobody asked: only the search's ten were held against the mirrored label."
    return "Direction, or only volatility?", answer


def of_one(
    chosen: Row, tested: Sequence[Row], judged: Sequence[Row], board: Row, per_day: int = 0
) -> list[tuple[str, str]]:
    """Question and answer: what is asked of one contender, by its entry in data/selected.json."""
    name, point = chosen["card"]["name"], chosen["point"]
    what = "it" if per_day else "its threshold"
    expected = f"On the threshold role, the days before, where {what} was chosen, it was {point['precision']:.3f}"
    if chosen["precision_shrunk"] is not None:
        shrunken = f"{chosen['precision_shrunk']:.3f} ({board['shrunken']['reason']})"
        expected += f"; with the luck of being chosen taken out, about {shrunken}"
    row = next(row for row in judged if row["name"] == name)
    examined = next((row for row in tested if row["name"] == name), None)
    return [
        (f"What precision may be expected of {name}?", f"{expected}. {_looked(chosen)}{_least(examined)}"),
        ("Is there a threshold that keeps a promise?", _promise(chosen["certified"], examined, judged, per_day)),
        ("How much is the luck of training?", _seeds(row, per_day)),
    ]


def _least(examined: Row | None) -> str:
    if examined is None or examined["no_buys"] or examined["one_class"]:
        return ""
    return f" On the test role it is at least {examined['precision_low']:.3f}, with 95 % confidence."


def _looked(chosen: Row) -> str:
    count = chosen["configurations"]
    if "tried" in chosen["card"]:
        return f"It is the best of {count:,} that were looked at for it; what was tried by hand comes on top."
    if chosen["card"]["origin"] in ("baseline", "own"):
        return "It was fitted once, in the one form it has: nothing was searched for it."
    return (
        f"{count:,} configuration{'s' * (count != 1)} of the search looked at; what was tried by hand comes on top."
        if chosen["card"]["origin"] != "hand"
        else "It was typed by hand; how many others were tried by hand, no run can know."
    )


def _promise(certified: Row, examined: Row | None, judged: Sequence[Row], per_day: int) -> str:
    """The certified threshold, or why there is none.

    ``examined`` is its row on the test role, None if that was not opened; ``judged`` are the rows of all contenders.
    """
    kept = "earn more than its costs" if "kind" in certified else f"reach a precision of {certified['target']:g}"
    asked = f"{kept} with probability {1 - certified['delta']:g}"
    if certified["threshold"] is None:
        return f"None is certified to {asked}: {certified['reason'].removeprefix('no threshold is certified: ')}."
    seen = ""
    if examined is not None:
        at = examined["certified"]
        seen = "; no buy on the test role"
        if at["n_buys"]:
            seen = f"; {at['precision']:.3f} on {at['n_buys']} buys, recall {at['recall']:.3f}, on the test role"
    of_best = f", asked of {the_best(per_day)} of each day," if per_day else ""
    many = sum(row["certified"]["threshold"] is not None for row in judged)
    return (
        f"{certified['threshold']:.6f}{of_best} is certified to {asked} while the market stays as it was: precision "
        f"{certified['precision']:.3f} on {certified['n_buys']} buys, recall {certified['recall']:.3f}, on the "
        f"threshold role{seen}.{ONE.format(len(judged), many)}"
    )


def _seeds(row: Row, per_day: int) -> str:
    if row["family"] == "blend":
        return "Cannot tell: its members were blended as they were trained, and no other blend was made."
    if row["seeds"] == 0:
        return "It has none: nothing in its fit is drawn at random."
    if row["seeds"] == 1:
        return "Cannot tell: it was trained with one seed."
    alike = "by the same rule" if per_day else "at the same threshold"
    return (
        f"Over {row['seeds']} seeds, each alone {alike}, precision has a standard deviation of "
        f"{row['precision_sd']:.3f}, recall of {row['recall_sd']:.3f}, AUC of {row['auc_sd']:.3f}."
    )
