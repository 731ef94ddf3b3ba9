"""What the buys of what ships earned on the test role, as Markdown: beside others, by year, by volatility and worst."""

from collections.abc import Sequence

from buysignal.judge.verdict import percent
from buysignal.report.tables import table
from buysignal.report.words import Row, three

TITLE = "What it earns"
CAPITALS = ("capital of", "buys", "a trade", "in all", "a year", "deepest fall", "in trades")
BOUGHT = ("days", "base rate", "buys", "hits", "misses", "precision", "recall", "a trade", "any day")
TRADES = ("bought at the Close of", "after costs", "before costs", "label", "deviation of the market")


def earns_section(tear: Row | None, shipped: str, why: str, symbols: Sequence[str] = ()) -> list[str]:
    """Heading and blocks; one sentence where there is no tear sheet.

    Parameters
    ----------
    tear : metrics/tear.json
    shipped : name of what ships; empty if nothing does
    why : the test role is closed; empty if it is not
    symbols : of bars of many
    """
    if tear is None:
        drawn = "No capital is followed where the bars are of many symbols: what a trade earned stands above."
        return [f"## {TITLE}", drawn if symbols and shipped and not why else _nothing(shipped, why)]
    return [
        f"## {TITLE}",
        f"{_result(tear, shipped)} {_beside(tear)}",
        table(CAPITALS, _capitals(tear, shipped)),
        _meaning(tear),
        "By year; *a trade* is the mean of the buys after costs, *any day* that of all days, which is what as many "
        "days drawn at random earn on average; a dash is where nothing was traded:",
        table(("year", *BOUGHT), [[one["name"], *_bought(one)] for one in tear["years"]]),
        "By how much the market moved: a third of the days each, by the daily deviation known at the Close.",
        table(("market", "its deviation", *BOUGHT), [_bucket(one) for one in tear["buckets"]]),
        f"The {len(tear['worst'])} trades that brought least:" if len(tear["worst"]) > 1 else "The only trade:",
        table(TRADES, [_trade(one) for one in tear["worst"]]),
    ]


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
        f"**{many[0].upper()}{many[1:]} of {shipped} in {tear['days']} test days {gained} "
        f"{100 * abs(model['total_return']):.1f} % of the capital after costs** of {100 * tear['cost']:g} % a trade. A "
        f"trade earned {mean}{percent(model['mean'])}; at its worst the capital was "
        f"{-100 * model['max_drawdown']:.1f} % below its highest."
    )


def _beside(tear: Row) -> str:
    band, total = tear["random"]["total_return"], tear["model"]["total_return"]
    place = "above" if total > band["high"] else "below" if total < band["low"] else "within"
    return (
        f"As many days drawn at random came to between {percent(band['low'], 1)} and {percent(band['high'], 1)} in "
        f"nine of ten draws, so it is {place} what luck often brings; {100 * tear['ahead']:.1f} % of them ended lower."
    )


def _capitals(tear: Row, shipped: str) -> list[list[str]]:
    always, model, volatility = tear["always"], tear["model"], tear["volatility"]
    rows = [_capital(shipped, model)]
    rows += [] if tear["same"] else [_capital("volatility, as many buys", volatility)]
    total, fall = tear["random"]["total_return"], tear["random"]["max_drawdown"]
    drawn = [_range(total), "–", _range(fall), f"{100 * model['exposure']:.0f} %"]
    rows.append(["random days, 9 of 10 draws", str(model["buys"]), percent(always["mean"]), *drawn])
    return [*rows, _capital("buying always", always)]


def _capital(who: str, found: Row) -> list[str]:
    shares = [percent(found["mean"]), percent(found["total_return"], 1), percent(found["annualised"], 1)]
    return [who, str(found["buys"]), *shares, percent(found["max_drawdown"], 1), f"{100 * found['exposure']:.0f} %"]


def _range(found: Row) -> str:
    return f"{percent(found['low'], 1)} to {percent(found['high'], 1)}"


def _meaning(tear: Row) -> str:
    h = tear["horizon"]
    parts = "the whole capital" if h == 1 else f"one of {h} equal parts of the capital"
    same = (
        " The volatility contender of its tier buys these very days, so it has no row of its own."
        if tear["same"]
        else ""
    )
    return (
        f"Each buy is a trade of {parts}, from the Close to {_leaves(h)}; all it brings is written to the day of its "
        f"buy. *In trades* is the share of the capital at work on an average day. Buying always is not buying once and "
        f"holding: it buys anew every day and pays the costs {tear['always']['buys']} times.{same} Definitions are in "
        f"docs/methodology.md."
    )


def _leaves(horizon: int) -> str:
    last = "the next Close" if horizon == 1 else f"the Close {horizon} days later"
    return f"the level, if it is reached, or {last}"


def _bought(one: Row) -> list[str]:
    """The cells of `BOUGHT`."""
    counts = [str(one[name]) for name in ("buys", "hits", "misses")]
    shares = [three(one["hits"] / one[of] if one[of] else None) for of in ("buys", "positives")]  # precision, recall
    return [str(one["days"]), three(one["base_rate"]), *counts, *shares, percent(one["mean"]), percent(one["mean_all"])]


def _bucket(one: Row) -> list[str]:
    spread = "–" if one["low"] is None else f"{100 * one['low']:.2f}–{100 * one['high']:.2f} %"
    return [one["name"], spread, *_bought(one)]


def _trade(one: Row) -> list[str]:
    label = "hit" if one["hit"] else "miss"
    return [one["date"], percent(one["net"]), percent(one["gross"]), label, f"{100 * one['deviation']:.2f} %"]
