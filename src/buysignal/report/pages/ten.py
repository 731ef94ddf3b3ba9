"""The search's ten: how they were selected and what speaks against them, as Markdown from this run's numbers."""

from collections.abc import Mapping, Sequence

from buysignal.report.pages import direction
from buysignal.report.pages.doubts import listed, of_one
from buysignal.report.pages.ships import beside
from buysignal.report.tables import selection_text
from buysignal.report.words import Row, sentence, settings

TITLE = "The search's ten"
LUCK = (
    " That is of all that was searched or built of a search, on the threshold role, and bounds lie below the "
    "precision they bound. Following volatility is enough to be beyond luck."
)
CAVEAT = (
    " That is by utility, the right buys above the base rate, which also rewards buying often; and not shown is not "
    "*not better*: {} show only large differences."
)


def ten_section(
    selection: Row,
    tested: Sequence[Row],
    judged: Sequence[Row],
    board: Row,
    searched: Mapping[str, Row],
    mirrored: Sequence[Row],
    limit: int,
) -> list[str]:
    """Heading, the first of them, all of them with their reasons, an answer to each doubt, and the mirror.

    Parameters
    ----------
    selection : data/selected.json
    tested : rows of metrics/train.json, none where the test role is closed
    judged : metrics/selection.json
    board, searched, mirrored : metrics/snooping.json, overfitting.json and mirror.json
    limit : most epochs of a fit
    """
    ten = selection["selected"]
    days = f"{judged[0]['n']:,} days" if judged else "so few days"
    lines = [
        ("Could it be luck?", sentence(board["luck"]["reason"]) + LUCK),
        (
            "Better than the best baseline, given how many were tried?",
            sentence(board["snooping"]["verdict"]) + CAVEAT.format(days),
        ),
        *(of_one(ten[0], tested, judged, board, selection.get("per_day", 0)) if ten and not _ships(selection) else []),
        *((f"Did the search on {tier} overfit?", _search(found)) for tier, found in searched.items()),
        ("Direction or volatility?", direction.verdict(mirrored).replace("**", "")),
    ]
    return [
        f"### {TITLE}",
        _about(selection, tested),
        selection_text(selection),
        *_length(judged, limit),
        listed(lines),
        *direction.mirror(mirrored),
    ]


def _ships(selection: Row) -> bool:
    """Whether the first of the ten is what ships."""
    return selection["selected"][0]["card"]["name"] == selection["shipped"]


def _about(selection: Row, tested: Sequence[Row]) -> str:
    """What they are, and how the first of them did on the test role, unless the page has said it."""
    what = "What the search itself puts first: by the lower bound of precision, then by recall."
    ten = selection["selected"]
    if not ten:
        return what
    card = ten[0]["card"]
    if _ships(selection):
        return f"{what} The first of them, {card['name']}, is what ships."
    row = next((row for row in tested if row["name"] == card["name"]), None)
    seen = [] if row is None or row["one_class"] else [_bought(row), *beside(row)]
    return " ".join([what, f"The first of them is {card['name']}. {settings(card)}.", *seen])


def _bought(row: Row) -> str:
    if row["no_buys"]:
        return "It bought on no test day."
    return (
        f"On the test role it bought on {row['n_buys']} days: precision {row['precision']:.3f}, recall "
        f"{row['recall']:.3f}."
    )


def _length(judged: Sequence[Row], limit: int) -> list[str]:
    """How many fits were still training when they had to stop: their verdict is one about that length."""
    epochs = [epoch for row in judged if row["family"] == "transformer" for epoch in row["epochs"]]
    cut = sum(epoch >= limit for epoch in epochs)
    if not cut:
        return []
    return [
        f"{cut} of {len(epochs)} fits of transformers were not stopped by their stop role but by the limit of {limit} "
        f"epochs (`training.epochs`): what is said of them holds for that length of training."
    ]


def _search(found: Row) -> str:
    return f"{sentence(found['overfitting']['reason'])} {sentence(found['luck']['reason'])}"
