"""What fitting again would have brought, as Markdown: a row per schedule, on the same days."""

from buysignal.judge.verdict import percent, span
from buysignal.report.tables import NO_TRADES, table
from buysignal.report.words import Row, shares, signed, three

TITLE = "What retraining would have brought"
HEADER = ("fitted again", "precision", "its interval", "recall", "its interval", "buys", "AUC", "a trade earns")
HEADER += ("precision against never", "recall against never", "AUC against never")
CLAIMED = ("precision", "AUC")
"""What is said of a difference; one of recall moves with every threshold, whatever a fit knows."""
SAYS = {"better": "a higher {}", "worse": "a lower {}"}


def walk_section(told: Row | None) -> list[str]:
    """Heading and blocks; none where nothing was walked.

    Parameters
    ----------
    told : metrics/walk.json
    """
    if told is None:
        return []
    rows = told["schedules"]
    base = three(rows[0]["base_rate"])
    return [
        f"### {TITLE}",
        f"{told['name']} fitted again by the same recipe, on the {told['days']:,} days {told['first']} to "
        f"{told['last']}, none of the test role; base rate {base}. A fit knows the days before it alone and buys by "
        "the threshold that they gave it. The recipe was chosen on some of these days, so read the differences, each "
        f"with its {100 * told['confidence']:g} % interval. Each fit has a threshold of its own: where it falls moves "
        "precision and recall as well, and the AUC alone tells whether the scores rank better.",
        conclusion(rows),
        table(HEADER, [_cells(row) for row in rows]),
    ]


def conclusion(rows: list[Row]) -> str:
    """What the differences from never say, in one sentence."""
    said = []
    for row in rows[1:]:
        verdicts = {name: (row["against_never"][name.lower()] or {}).get("verdict") for name in CLAIMED}
        if shown := [SAYS[verdict].format(name) for name, verdict in verdicts.items() if verdict in SAYS]:
            said.append(f"{every(row['months'])} is shown to have {' and '.join(shown)}")
    if not said:
        return (
            "**No schedule is shown to be better or worse than one fit that is kept**: of no difference in precision "
            "or AUC does the interval exclude 0."
        )
    return f"**Against one fit that is kept, fitting again {'; '.join(said)}**; the rest cannot be told."


def every(months: int) -> str:
    """How often.

    >>> every(0), every(1), every(12)
    ('never', 'every month', 'every 12 months')
    """
    return "never" if not months else "every month" if months == 1 else f"every {months} months"


def _cells(row: Row) -> list[str]:
    against, earned = row["against_never"], row["money"]
    bought = shares(row, "precision", "recall") if row["n_buys"] else ["–", "–", *shares(row, "recall")]
    trade = f"{percent(earned['mean'])} {span(earned['mean_interval'])}" if earned else NO_TRADES
    leads = [_lead((against or {}).get(name.lower())) for name in ("precision", "recall", "AUC")]
    return [every(row["months"]), *bought, f"{row['n_buys']:,}", three(row["auc"]), trade, *leads]


def _lead(found: Row | None) -> str:
    return "–" if found is None else signed(found["difference"], found["low"], found["high"])
