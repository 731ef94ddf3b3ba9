"""What the buys of what ships earned on the test role, as Markdown: beside others, by year, by volatility and worst."""

from collections.abc import Sequence
from dataclasses import dataclass

from buysignal.judge.verdict import percent
from buysignal.report.markdown import table
from buysignal.report.words import Row, three

TITLE, FAILS = "What does it earn?", "When does it fail?"
COUNTED = "How the money is counted"
CAPITALS = ("capital of", "buys", "a trade", "in all", "a year", "deepest fall", "in trades")
BOUGHT = ("base rate", "buys", "hits", "misses", "precision", "recall", "a trade")
TRADES = ("bought at the Close of", "after costs", "before costs", "label", "deviation of the market")
DAYS = ("day", "buys", "hits", "its part brought")


@dataclass(frozen=True)
class Words:
    """What a page says otherwise where a row is a symbol on a day.

    Attributes
    ----------
    units : columns that say how many days or rows there are
    any, any_is : column of what any of them earns, and what that is
    random : what is drawn at random, in a table
    volatility : the volatility contender's buys
    moved : what the market's movement is measured by
    anew, same : what buying always buys, and what a contender does that buys alike
    trades : header of the worst trades
    """

    units: tuple[str, ...]
    any: str
    any_is: str
    random: str
    volatility: str
    moved: str
    anew: str
    same: str
    trades: tuple[str, ...]


ONE = Words(
    units=("days",),
    any="any day",
    any_is="that of all days",
    random="random days",
    volatility="volatility, as many buys",
    moved="daily deviation",
    anew="anew every day",
    same="these very days",
    trades=TRADES,
)
MANY = Words(
    units=("days", "rows"),
    any="any row",
    any_is="that of all rows",
    random="random buys",
    volatility="volatility, as many buys a day",
    moved="mean over the symbols of the daily deviation",
    anew="every symbol anew every day",
    same="these very symbols on these days",
    trades=(TRADES[0], "symbol", *TRADES[1:-1], "its deviation"),
)


def earns_section(tear: Row | None, shipped: str, why: str, money: str) -> list[str]:
    """Heading and blocks; one sentence where there is no tear sheet.

    Parameters
    ----------
    tear : metrics/tear.json
    shipped : name of what ships; empty if nothing does
    why : the test role is closed; empty if it is not
    money : what a trade earned, in words; empty if nothing was bought
    """
    told = [money] if money else []
    if tear is None:
        return [f"## {TITLE}", _nothing(shipped, why), *told]
    return [
        f"## {TITLE}",
        _result(tear, shipped),
        table(CAPITALS, _capitals(tear, shipped)),
        *told,
        f"### {COUNTED}",
        _meaning(tear),
    ]


def fails_section(tear: Row | None, tested: Row | None) -> list[str]:
    """Heading, when it bought, years and kinds of market; the worst trades are a part of their own.

    Parameters
    ----------
    tear : metrics/tear.json; None if there was no trade, of which nothing is said
    tested : what ships in metrics/train.json
    """
    if tear is None or tested is None:
        return []
    many, words = tear.get("many"), _words(tear)
    bought = (*words.units, *BOUGHT, words.any)
    return [
        f"## {FAILS}",
        _bought_when(tested),
        f"By year. *A trade* is the mean of the buys after costs, *{words.any}* {words.any_is}.",
        table(("year", *bought), [[one["name"], *_bought(one)] for one in tear["years"]]),
        f"By how much the market moved: a third of the days each, by the {words.moved} known at the Close.",
        table(("market", "its deviation", *bought), [_bucket(one) for one in tear["buckets"]]),
        "### Its worst trades",
        f"The {len(tear['worst'])} trades that brought least:" if len(tear["worst"]) > 1 else "The only trade:",
        table(words.trades, [_trade(one) for one in tear["worst"]]),
        *([] if many is None else _worst_days(many["worst_days"])),
    ]


def _bought_when(row: Row) -> str:
    """When it bought: neighbouring buys may be one event, however little their hits depend on each other."""
    years = row["by_year"]
    told = ", ".join(f"{count:,} in {year}" for year, count in years.items())
    first = f"Its buys fell in {len(years)} years ({told})"
    if len(years) == 1:
        first = f"**It bought in one year alone** ({told}), so nothing is known of it in others. Its buys fell"
    joined = " and in" if len(years) > 1 else " in"
    return (
        f"{first}{joined} {row['episodes']} episodes more than five trading days apart. Judged by how their hits vary "
        f"they are worth {row['n_eff']:.0f} independent ones."
    )


def _words(tear: Row) -> Words:
    return MANY if "many" in tear else ONE


def _worst_days(days: Sequence[Row]) -> list[str]:
    if len(days) == 1:
        return []
    rows = [[one["date"], str(one["buys"]), str(one["hits"]), percent(one["net"])] for one in days]
    return [f"The {len(days)} days whose buys brought least, together and after costs:", table(DAYS, rows)]


def _nothing(shipped: str, why: str) -> str:
    if not shipped:
        return "No trades: nothing ships."
    return f"Closed: {why}. What its buys earn is not known." if why else f"No trades: {shipped} bought on no test day."


def _result(tear: Row, shipped: str) -> str:
    model = tear["model"]
    many = f"{model['buys']} trades" if model["buys"] > 1 else "one trade"
    gained = "gained" if model["total_return"] >= 0 else "lost"
    mean = "on average " if model["buys"] > 1 else ""
    return (
        f"**{many[0].upper()}{many[1:]} of {shipped} {_when(tear)} {gained} "
        f"{100 * abs(model['total_return']):.1f} % of the capital after costs** of {100 * tear['cost']:g} % a trade. A "
        f"trade earned {mean}{percent(model['mean'])}; at its worst the capital was "
        f"{-100 * model['max_drawdown']:.1f} % below its highest."
    )


def _when(tear: Row) -> str:
    many = tear.get("many")
    if many is None:
        return f"in {tear['days']} test days"
    return f"on {many['days_bought']} of {tear['days']} test days of {many['symbols']} symbols ({many['rows']:,} rows)"


def _capitals(tear: Row, shipped: str) -> list[list[str]]:
    always, model, volatility, words = tear["always"], tear["model"], tear["volatility"], _words(tear)
    rows = [_capital(shipped, model)]
    rows += [] if tear["same"] else [_capital(words.volatility, volatility)]
    total, fall = tear["random"]["total_return"], tear["random"]["max_drawdown"]
    drawn = [_range(total), "–", _range(fall), f"{100 * model['exposure']:.0f} %"]
    mean = tear["many"]["random"] if "many" in tear else always["mean"]
    rows.append([f"{words.random}, 9 of 10 draws", str(model["buys"]), percent(mean), *drawn])
    return [*rows, _capital("buying always", always)]


def _capital(who: str, found: Row) -> list[str]:
    shares = [percent(found["mean"]), percent(found["total_return"], 1), percent(found["annualised"], 1)]
    return [who, str(found["buys"]), *shares, percent(found["max_drawdown"], 1), f"{100 * found['exposure']:.0f} %"]


def _range(found: Row) -> str:
    return f"{percent(found['low'], 1)} to {percent(found['high'], 1)}"


def _meaning(tear: Row) -> str:
    h = tear["horizon"]
    parts, words = "the whole capital" if h == 1 else f"one of {h} equal parts of the capital", _words(tear)
    same = (
        f" The volatility contender of its tier buys {words.same}, so it has no row of its own." if tear["same"] else ""
    )
    return (
        f"{_each(tear, parts)}, from the Close to {_leaves(h)}; all it brings is written to the day of its buy. "
        f"*In trades* is the share of the capital at work on an average day. Buying always is not buying once and "
        f"holding: it buys {words.anew} and pays the costs {tear['always']['buys']} times.{same} Definitions are in "
        f"docs/methodology.md."
    )


def _each(tear: Row, parts: str) -> str:
    """What a buy takes of the capital."""
    if "many" not in tear:
        return f"Each buy is a trade of {parts}"
    return (
        "Here a day is a date with all its symbols, and a row is one of them on it. The buys of a day share "
        f"{parts} evenly, so a day with one buy puts all of that into one symbol, as {tear['many']['alone']} of "
        f"{tear['many']['days_bought']} did: each is a trade"
    )


def _leaves(horizon: int) -> str:
    last = "the next Close" if horizon == 1 else f"the Close {horizon} days later"
    return f"the level, if it is reached, or {last}"


def _bought(one: Row) -> list[str]:
    """The cells of `BOUGHT`, the days (and rows of many symbols) before and what any earns after them."""
    units = [str(one["days"]), *([f"{one['rows']:,}"] if "rows" in one else [])]
    counts = [str(one[name]) for name in ("buys", "hits", "misses")]
    shares = [three(one["hits"] / one[of] if one[of] else None) for of in ("buys", "positives")]  # precision, recall
    return [*units, three(one["base_rate"]), *counts, *shares, percent(one["mean"]), percent(one["mean_all"])]


def _bucket(one: Row) -> list[str]:
    spread = "–" if one["low"] is None else f"{100 * one['low']:.2f}–{100 * one['high']:.2f} %"
    return [one["name"], spread, *_bought(one)]


def _trade(one: Row) -> list[str]:
    label = "hit" if one["hit"] else "miss"
    what = [one["date"], *([one["symbol"]] if "symbol" in one else [])]
    return [*what, percent(one["net"]), percent(one["gross"]), label, f"{100 * one['deviation']:.2f} %"]
