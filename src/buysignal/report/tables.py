"""Results as Markdown tables: precision first, recall second, always with the buys and what they are worth.

*Worth* is the number of independent buys whose share of hits would vary as much
(`buysignal.judge.intervals`).
"""

from collections.abc import Sequence

from buysignal.judge.evidence import Evidence
from buysignal.judge.verdict import percent, span
from buysignal.report.markdown import table
from buysignal.report.words import Row, ends, shares, signed, three

NO_TRADES = "no trades"
YEARS = ("year", "precision", "its interval", "recall", "buys", "base rate", "a trade earns")


def years_table(rows: Sequence[tuple[int, Evidence, float | None]]) -> str:
    """Years with the evidence of their buys, and what a trade earned after costs, None without one."""
    told = []
    for year, seen, mean in rows:
        bought = [three(seen.precision), ends(*seen.precision_interval), three(seen.recall)]
        bought = bought if seen.n_buys else ["–"] * len(bought)
        earned = NO_TRADES if mean is None else percent(mean)
        told.append([str(year), *bought, f"{seen.n_buys:,}", three(seen.base_rate), earned])
    return table(YEARS, told)


JUDGED = ("contender", "precision", "at least", "shrunken", "recall", "buys", "worth", "a trade earns", "base rate")
JUDGED += ("AUC", "seed sd", "range", "parameters", "note")


def judged_table(rows: Sequence[Row]) -> str:
    """Contenders on the threshold role, best lower bound of precision first."""
    ordered = sorted(rows, key=lambda row: (-row["precision_low"], -row["recall"], row["name"]))
    return table(JUDGED, [_judged(row) for row in ordered])


def _judged(row: Row) -> list[str]:
    note = "collapsed" if row["collapsed"] else row["reason"].removeprefix("no operating point: ")
    shrunken = row.get("precision_shrunk")  # None of a baseline, and before there is a leaderboard
    bought = ["–", "–", "", "–", "0", "0", NO_TRADES]
    if not row["no_buys"]:
        precision, low, recall = (f"{row[key]:.3f}" for key in ("precision", "precision_low", "recall"))
        kept = "" if shrunken is None else f"{shrunken:.3f}"
        bought = [precision, low, kept, recall, str(row["n_buys"]), f"{row['n_eff']:.0f}", _earned(row)]
    return [
        row["name"],
        *bought,
        f"{row['base_rate']:.3f}",
        f"{row['auc']:.3f}",
        f"{row['auc_sd']:.3f}" if row["seeds"] > 1 else "",
        f"{row['prediction_min']:.2f}–{row['prediction_max']:.2f}",
        f"{row['parameters']:,}",
        note,
    ]


def selection_text(selection: Row) -> str:
    """The search's ten with their reasons, then the rejected ones with theirs, from data/selected.json."""
    taken = [f"{c['rank']}. **{c['card']['name']}**: {c['reason']}" for c in selection["selected"]]
    passed = [f"- {c['card']['name']}: {c['reason']}" for c in selection["rejected"]]
    parts = [f"{selection['note']}.", *(["\n".join(taken)] if taken else [])]
    return "\n\n".join([*parts, *(["Not taken:", "\n".join(passed)] if passed else [])]) + "\n"


TESTED = ("contender", "verdict", "precision", "interval", "recall", "its interval", "buys", "worth")
TESTED += ("a trade earns", "ahead of a random day", "breaks even at", "base rate", "AUC")
TESTED += ("volatility at as many buys", "precision minus that", "AUC minus volatility's")


def tested_table(rows: Sequence[Row]) -> str:
    """Contenders on the test role, in the order given; none is compared with itself."""
    return table(TESTED, [_tested(row) for row in rows])


def _tested(row: Row) -> list[str]:
    bought, earned = ["–", "–", "–", "–", "0", "0"], [NO_TRADES, "–", "–"]
    if not row["no_buys"]:
        money, even = row["money"], row["money"]["break_even"]
        bought = [*shares(row, "precision", "recall"), str(row["n_buys"]), f"{row['n_eff']:.0f}"]
        ahead = f"{percent(money['ahead'])} {span(money['ahead_interval'])}"
        earned = [f"{_earned(row)} {span(money['mean_interval'])}", ahead, three(even)]
    against = row.get("against_volatility")
    paired = ["", "", ""]
    if against is not None and against["baseline"] != row["name"]:
        at_buys = "–" if row["no_buys"] else f"{against['precision_at_buys']:.3f}"
        paired = [at_buys, _signed(against["precision"]), _signed(against["auc"])]
    word = row["verdict"]["word"] if "verdict" in row else "–"
    return [row["name"], word, *bought, *earned, f"{row['base_rate']:.3f}", f"{row['auc']:.3f}", *paired]


def _earned(row: Row) -> str:
    """Mean return of a trade after costs."""
    return percent(row["money"]["mean"])


def _signed(found: Row | None) -> str:
    return "–" if found is None else signed(found["difference"], found["low"], found["high"])
