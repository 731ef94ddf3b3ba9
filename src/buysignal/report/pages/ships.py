"""What ships and why, the first thing that the report says, as Markdown made from this run's numbers."""

from collections.abc import Mapping, Sequence

from buysignal.judge.best_of_day import rule_in_words
from buysignal.judge.money import Money
from buysignal.judge.verdict import Verdict, percent
from buysignal.models.scores import VOLATILITY_ALONE
from buysignal.report.tables import table
from buysignal.report.words import Row, earned, family, interval, settings, three

HEADER = ("contender", "family", "precision", "at least", "recall", "buys", "a trade earned", "outcome")
HOW = "`python -m buysignal register` registers it, `dvc repro` then opens the test role, and the ledger counts a look"
RANKS = {"better": "better", "worse": "worse", "cannot tell": "not shown to be better or worse"}
PRECISE = {"better": "more precise than", "worse": "less precise than"}
PRECISE |= {"cannot tell": "not shown to be more or less precise than"}

NO_SKILL = "Both see volatility alone, so no lead of one over the other is a sense of direction."


def lead(
    choice: Row,
    chosen: Row | None,
    judged: Sequence[Row],
    tested: Row | None,
    told: Row,
    why: str,
    label: str,
    per_day: int = 0,
) -> list[str]:
    """The verdict, what ships, what its buys came to and earned, what it is, the rule and every contender.

    Parameters
    ----------
    choice : metrics/choice.json
    chosen, tested : what ships in data/selected.json and metrics/train.json; None if nothing ships, the last also where
        the test role is closed
    judged : metrics/selection.json
    told : the verdict, of metrics/train.json
    why : the test role is closed; empty if it is not
    label : what is predicted, in words
    per_day : of many symbols, how many are bought a day
    """
    said = Verdict.model_construct(**told)
    first = f"**Verdict: {said.word}**: {said.because}"
    rows = {row["name"]: row for row in judged}
    if chosen is None or choice["shipped"] not in rows:
        reasons = "the reasons are under *Threshold role*"
        return [first, f"**Nothing ships**: no contender has an operating point; {reasons}."]
    came = _closed(rows[choice["shipped"]], why) if tested is None else _opened(tested)
    return [first, what_ships(choice, chosen["card"]), *came, _is(chosen, label, per_day), *_chosen(choice, rows)]


def what_ships(choice: Row, card: Row) -> str:
    """The first sentences of the page."""
    reason = choice["reason"].removeprefix(f"{choice['shipped']} ships: ")
    return f"**{choice['shipped']} ships: {family(card)}.** On the threshold role {reason}."


def _closed(row: Row, why: str) -> list[str]:
    return [
        f"**Not examined**: this run is not registered ({why}), so the test role stayed closed. On the threshold role, "
        f"on which it was chosen, it bought on {row['n_buys']} of {row['n']} days. Precision {row['precision']:.3f} "
        f"(one-sided at least {row['precision_low']:.3f}; buying always gives {row['base_rate']:.3f}), recall "
        f"{row['recall']:.3f}: expect less of other days. {HOW}.",
        f"On the threshold role: {earned(Money.model_construct(**row['money']), row['n'])}",
    ]


def _opened(row: Row) -> list[str]:
    """What its buys came to; then what others reach, and when it bought."""
    always = f"buying always gives {row['base_rate']:.3f}"
    if row["one_class"]:
        which = "every one" if row["base_rate"] else "none"
        return [f"**The test role can judge nothing**: of its {row['n']} days {which} is labelled 1."]
    if row["no_buys"]:
        bought = f"On the test role it bought on none of {row['n']} days, so its precision is undefined; {always}."
        return [" ".join([bought, *beside(row)])]
    low, high = row["precision_interval"]
    rlow, rhigh = row["recall_interval"]
    bought = (
        f"On the test role it bought on {row['n_buys']} of {row['n']} days. Precision {row['precision']:.3f} "
        f"(95 % interval {low:.3f} to {high:.3f}, one-sided at least {row['precision_low']:.3f}; {always}), recall "
        f"{row['recall']:.3f} ({rlow:.3f} to {rhigh:.3f})."
    )
    money = earned(Money.model_construct(**row["money"]), row["n"])
    return [" ".join([bought, *beside(row)]), money, " ".join([*_rivals(row), _when(row)])]


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


def _rivals(row: Row) -> list[str]:
    """What every baseline of the tier but itself reaches with as many buys."""
    rivals = {name: found for name, found in row["at_as_many_buys"].items() if name != row["name"]}
    said = ", ".join(f"{name} has {precision:.3f}" for name, precision in rivals.items())
    return [f"Buying on as many days, {said}."] if rivals else []


def _when(row: Row) -> str:
    """When it bought: neighbouring buys may be one event, however little their hits depend on each other."""
    years = ", ".join(f"{count} in {year}" for year, count in row["by_year"].items())
    return (
        f"The buys fell in {row['episodes']} episodes more than five trading days apart ({years}); judged by how their "
        f"hits vary they are worth {row['n_eff']:.0f} independent ones."
    )


def _is(chosen: Row, label: str, per_day: int) -> str:
    """Where what ships lies and what it is."""
    return (
        "It lies in data/models/shipped, which `python -m buysignal predict` uses, and buys "
        f"{rule_in_words(chosen['point']['threshold'], per_day)}. {settings(chosen['card'])}. Predicted: {label}."
    )


def _chosen(choice: Row, judged: Mapping[str, Row]) -> list[str]:
    """The rule, and all to whom it was applied; what a trade earned decides nothing here."""
    rows = [
        [
            one["name"],
            one["family"],
            three(one["precision"]),
            three(one["precision_low"]),
            three(one["recall"]),
            str(one["n_buys"]),
            percent(judged[one["name"]]["money"]["mean"]),
            one["outcome"],
        ]
        for one in choice["standings"]
    ]
    return [
        f"The rule: {choice['rule']}; that error is {three(choice['best_error'])} here. What looks best on a few dozen "
        "buys is mostly luck, and what is simpler has less of it: proof that it is better can come of the test role "
        "alone.",
        table(HEADER, rows),
    ]
