"""How much to believe of a contender's numbers, question by question, as Markdown made from this run's numbers."""

from collections.abc import Sequence

from buysignal.judge.best_of_day import the_best
from buysignal.report.words import Row, sentence

ONE = (
    " The promise is one contender's, made as if it had been fixed beforehand; it stands among {} that were judged on "
    "the same days, {} of which have such a threshold, and the choice is not covered."
)


def doubts(
    chosen: Row | None, tested: Sequence[Row], judged: Sequence[Row], board: Row, looks: str, per_day: int = 0
) -> list[str]:
    """Heading, then one answer a line, of what ships.

    Parameters
    ----------
    board : metrics/snooping.json
    chosen : what ships in data/selected.json; None if nothing does
    tested, judged : rows of metrics/train.json and metrics/selection.json
    looks : `buysignal.ship.ledger.summary`
    per_day : of many symbols, how many are bought a day
    """
    lines = [] if chosen is None else of_one(chosen, tested, judged, board, per_day)
    lines.append(("How often was the test role looked at?", sentence(looks) + " (metrics/ledger.jsonl)"))
    return ["## How much of this to believe", "\n".join(f"- **{question}** {answer}" for question, answer in lines)]


def of_one(
    chosen: Row, tested: Sequence[Row], judged: Sequence[Row], board: Row, per_day: int = 0
) -> list[tuple[str, str]]:
    """Question and answer: what is asked of one contender, by its entry in data/selected.json."""
    name, point = chosen["card"]["name"], chosen["point"]
    what = "it" if per_day else "its threshold"
    expected = f"On the threshold role, where {what} was chosen, it was {point['precision']:.3f}"
    if chosen["precision_shrunk"] is not None:
        shrunken = f"{chosen['precision_shrunk']:.3f} ({board['shrunken']['reason']})"
        expected += f"; with the luck of being chosen taken out, about {shrunken}"
    row = next(row for row in judged if row["name"] == name)
    examined = next((row for row in tested if row["name"] == name), None)
    return [
        (f"What precision may be expected of {name}?", f"{expected}. {_looked(chosen)}"),
        ("Is there a threshold that keeps a promise?", _promise(chosen["certified"], examined, judged, per_day)),
        ("How much is the luck of training?", _seeds(row, per_day)),
    ]


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
