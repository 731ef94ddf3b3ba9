"""How much of the headline to believe, question by question, as Markdown made from this run's numbers."""

from collections.abc import Mapping, Sequence

from buysignal.report.pages import direction
from buysignal.report.words import Row, sentence

LUCK = (
    " That is the leaderboard of the threshold role, and bounds lie below the precision they bound. Following "
    "volatility is enough to be beyond luck."
)
ONE = (
    " The promise is one model's, made as if it had been fixed beforehand; this one was chosen among {} on the same "
    "days, {} of which have such a threshold, and the choice is not covered."
)
CAVEAT = (
    " That is by utility, the right buys above the base rate, which also rewards buying often; and not shown is not "
    "*not better*: {} show only large differences."
)


def doubts(
    selection: Row,
    train: Row,
    judged: Sequence[Row],
    board: Row,
    searched: Mapping[str, Row],
    mirrored: Sequence[Row],
    looks: str,
) -> list[str]:
    """Heading, then one answer a line.

    Parameters
    ----------
    selection, train : data/selected.json and metrics/train.json, the headline first
    judged : metrics/selection.json
    board, searched, mirrored : metrics/snooping.json, overfitting.json and direction.json
    looks : `buysignal.ship.ledger.summary`
    """
    days = f"{judged[0]['n']:,} days" if judged else "so few days"
    snooping = sentence(board["snooping"]["verdict"]) + CAVEAT.format(days)
    lines = [
        ("Could it be luck?", sentence(board["luck"]["reason"]) + LUCK),
        ("Better than the best baseline, given how many were tried?", snooping),
        *_headline(selection["selected"], train["models"], judged, board),
        *((f"Did the search on {tier} overfit?", _search(found)) for tier, found in searched.items()),
        ("Direction or volatility?", direction.verdict(mirrored).replace("**", "")),
        ("How often was the test role looked at?", sentence(looks) + " (metrics/ledger.jsonl)"),
    ]
    return ["## How much of this to believe", "\n".join(f"- **{question}** {answer}" for question, answer in lines)]


def _headline(
    selected: Sequence[Row], tested: Sequence[Row], judged: Sequence[Row], board: Row
) -> list[tuple[str, str]]:
    """What is asked of the first selected model alone."""
    if not selected:
        return []
    chosen = selected[0]
    name, point = chosen["card"]["name"], chosen["point"]
    row = next(row for row in judged if row["name"] == name)
    shrunken = (
        f"On the threshold role, where it was chosen, it was {point['precision']:.3f}; with the luck of being chosen "
        f"taken out, about {chosen['precision_shrunk']:.3f} ({board['shrunken']['reason']})."
    )
    count = chosen["configurations"]
    looked = f"{count:,} configuration{'s' * (count != 1)} of the search looked at; what was tried by hand comes on top"
    return [
        (f"What precision may be expected of {name}?", f"{shrunken} {looked}."),
        ("Is there a threshold that keeps a promise?", _promise(chosen["certified"], tested, judged)),
        ("How much is the luck of training?", _seeds(row)),
    ]


def _promise(certified: Row, tested: Sequence[Row], judged: Sequence[Row]) -> str:
    """The certified threshold, or why there is none.

    ``tested`` are the models on the test role, if it was opened, the headline first; ``judged`` are the rows of all
    models and baselines.
    """
    asked = f"a precision of {certified['target']:g} with probability {1 - certified['delta']:g}"
    if certified["threshold"] is None:
        return f"None is certified to reach {asked}: {certified['reason'].removeprefix('no threshold is certified: ')}."
    seen = ""
    if tested:
        at = tested[0]["certified"]
        seen = f"; {at['precision']:.3f} on {at['n_buys']} buys, recall {at['recall']:.3f}, on the test role"
    models = [row for row in judged if row["family"] == "transformer"]
    many = sum(row["certified"]["threshold"] is not None for row in models)
    return (
        f"{certified['threshold']:.6f} is certified to reach {asked} while the market stays as it was: precision "
        f"{certified['precision']:.3f} on {certified['n_buys']} buys, recall {certified['recall']:.3f}, on the "
        f"threshold role{seen}.{ONE.format(len(models), many)}"
    )


def _seeds(row: Row) -> str:
    if row["seeds"] < 2:
        return "Cannot tell: it was trained with one seed."
    return (
        f"Over {row['seeds']} seeds, each alone at the same threshold, precision has a standard deviation of "
        f"{row['precision_sd']:.3f}, recall of {row['recall_sd']:.3f}, AUC of {row['auc_sd']:.3f}."
    )


def _search(found: Row) -> str:
    return f"{sentence(found['overfitting']['reason'])} {sentence(found['luck']['reason'])}"
