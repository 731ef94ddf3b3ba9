"""What ships and why, the first thing that the report says, as Markdown made from this run's numbers."""

from collections.abc import Sequence
from dataclasses import replace

from buysignal.judge.best_of_day import rule_in_words
from buysignal.judge.money import Money
from buysignal.judge.verdict import Verdict, percent
from buysignal.models.scores import VOLATILITY_ALONE
from buysignal.report.card import Card, facts
from buysignal.report.markdown import table
from buysignal.report.words import Row, capital, family, interval, settings, three

HEADER = ("contender", "family", "precision", "at least", "recall", "buys", "a trade earned", "outcome")
HOW = "`python -m buysignal register` registers it, `dvc repro` then opens the test role, and the ledger counts a look"
NOTHING = "any of these models"
RANKS = {"better": "better", "worse": "worse", "cannot tell": "not shown to be better or worse"}
PRECISE = {"better": "more precise than", "worse": "less precise than"}
PRECISE |= {"cannot tell": "not shown to be more or less precise than"}

NO_SKILL = "Both see volatility alone, so no lead of one over the other is a sense of direction."


def run_card(
    shipped: str, judged: Sequence[Row], tested: Row | None, told: Row, span: Row | None, per_day: int = 0
) -> Card:
    """The card of a run: of what ships on the test role, or of the threshold role where that is closed.

    Parameters
    ----------
    shipped : name of what ships; empty if nothing does
    judged : metrics/selection.json
    tested : what ships in metrics/train.json; None if nothing ships or the test role is closed
    told : the verdict, of metrics/train.json
    span : ``first`` and ``last`` of the test role; None if nobody knows
    per_day : of many symbols, how many are bought a day
    """
    card = Card(shipped or NOTHING, Verdict.model_construct(**told), "Verdict: ")
    row = tested if tested is not None else next((row for row in judged if row["name"] == shipped), None)
    if row is None or row["no_buys"] or row.get("one_class"):
        return card
    money = Money.model_construct(**row["money"])
    unit = "symbols on days" if per_day else "days"
    told_of = facts(row, money, f"{row['n']:,} {unit}", row.get("by_year", {}))
    when = "threshold role, on which it was chosen"
    if tested is not None:
        when = "test role, the last days, kept for the verdict"
        when = f"{span['first']} to {span['last']}: the {when}" if span else f"the {when}"
    return replace(card, seen=row, money=money, facts=told_of, when=capital(when))


def lead(choice: Row, chosen: Row | None, judged: Sequence[Row], tested: Row | None, why: str, label: str) -> list[str]:
    """What ships, what a buy is, and what the card cannot say.

    Parameters
    ----------
    choice : metrics/choice.json
    chosen, tested : what ships in data/selected.json and metrics/train.json; None if nothing ships, the last also where
        the test role is closed
    judged : metrics/selection.json
    why : the test role is closed; empty if it is not
    label : what is predicted, in words
    """
    row = next((row for row in judged if row["name"] == choice["shipped"]), None)
    if chosen is None or row is None:
        reasons = "the reasons are under *Threshold role*"
        return [f"**Nothing ships**: no contender has an operating point; {reasons}."]
    ships = f"**{choice['shipped']} ships: {family(chosen['card'])}.** A buy is right if {label}."
    return [ships, *(_closed(row, why) if tested is None else _undefined(tested))]


def _closed(row: Row, why: str) -> list[str]:
    return [
        f"**Not examined**: this run is not the registered one ({why}), so the test role stayed closed, as it should "
        "while you try variants. What is said here is of the threshold role, on which this run was chosen: it bought "
        f"on {row['n_buys']} of {row['n']} days, with precision {row['precision']:.3f} (one-sided at least "
        f"{row['precision_low']:.3f}). Expect less of other days. Once this is the run to be judged, {HOW}.",
    ]


def _undefined(row: Row) -> list[str]:
    """Why the test role gives no precision; nothing where it does."""
    if row["one_class"]:
        which = "every one" if row["base_rate"] else "none"
        return [f"**The test role can judge nothing**: of its {row['n']} days {which} is labelled 1."]
    if row["no_buys"]:
        return [
            f"On the test role it bought on none of {row['n']} days, so its precision is undefined; buying always "
            f"gives {row['base_rate']:.3f}."
        ]
    return []


def beside(row: Row) -> list[str]:
    """A contender beside the volatility logistic on the test role, in a sentence; none of the logistic itself."""
    against = row["against_volatility"]
    if against["baseline"] == row["name"]:
        return []
    ranking = f"its ranking of the days is {RANKS[against['auc']['verdict']]} ({_difference('AUC', against['auc'])})"
    if against["precision"] is None:
        return [f"Beside the volatility logistic {against['baseline']} {ranking}."]
    alone = [NO_SKILL] if row["family"] in VOLATILITY_ALONE else []
    return [
        f"It is {PRECISE[against['precision']['verdict']]} the volatility logistic {against['baseline']}, which buys "
        f"on as many test days ({_difference('precision', against['precision'])}); {ranking}.",
        *alone,
    ]


def _difference(metric: str, found: Row) -> str:
    """A paired difference with its interval, in words."""
    return f"{metric} difference {found['difference']:+.3f}, {interval(found, 3)}"


def rivals(row: Row) -> list[str]:
    """What every baseline of the tier but itself reaches with as many buys."""
    found = {name: at for name, at in row["at_as_many_buys"].items() if name != row["name"]}
    said = ", ".join(f"{name} has {precision:.3f}" for name, precision in found.items())
    return [f"Buying on as many days, {said}; it has {row['precision']:.3f}."] if found else []


def found_section(choice: Row, chosen: Row | None, judged: Sequence[Row], per_day: int) -> list[str]:
    """What ships, where it lies and why it was chosen; all to whom the rule was applied, folded."""
    if chosen is None:
        return []
    reason = choice["reason"].removeprefix(f"{choice['shipped']} ships: ")
    earned = {row["name"]: row["money"]["mean"] for row in judged if not row["no_buys"]}
    rows = []
    for one in choice["standings"]:
        shares = [three(one[key]) for key in ("precision", "precision_low", "recall")]
        counts = [str(one["n_buys"]), percent(earned.get(one["name"]))]
        rows.append([one["name"], one["family"], *shares, *counts, one["outcome"]])
    return [
        f"The rule, fixed before the test role was opened: {choice['rule']}. That error is "
        f"{three(choice['best_error'])} here, and {choice['shipped']} ships: {reason}. What looks best on a few dozen "
        "buys is mostly luck, and what is simpler has less of it.",
        _is(chosen, per_day),
        "### Every contender, and why this one ships",
        table(HEADER, rows),
    ]


def _is(chosen: Row, per_day: int) -> str:
    """Where what ships lies and what it is."""
    return (
        "It lies in data/models/shipped, which `python -m buysignal predict` uses, and buys "
        f"{rule_in_words(chosen['point']['threshold'], per_day)}. {settings(chosen['card'])}."
    )
