"""Scores of any model, held against the bars they are of: precision, rivals, luck, money, years, one verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import Wanted
from buysignal.cli.judge.again import Again
from buysignal.cli.judge.asked import Asked
from buysignal.cli.judge.cautions import Caution, cautions
from buysignal.cli.judge.cut import Cut, cut
from buysignal.cli.judge.many import JudgementOfMany, judge_many, unbarred
from buysignal.cli.judge.plain import FIRST, plain
from buysignal.cli.judge.rivals import Rival, rivals
from buysignal.cli.judge.scores import read_scores, scores_of
from buysignal.cli.reading_flags import spelled
from buysignal.cli.usable import NAME, Bars, are_of_many, left_out, of_many, of_one
from buysignal.core.errors import UserError
from buysignal.judge.ahead import ABOVE, KNOWS, next_day, rank_correlation, separation
from buysignal.judge.equity import Curve
from buysignal.judge.evidence import Evidence, evidence
from buysignal.judge.luck import Bar
from buysignal.judge.money import BASIS_POINT, Money, exits, money, trade_returns
from buysignal.judge.unskilled import best_unskilled
from buysignal.judge.verdict import Verdict, cannot_tell, verdict

CONFIDENCE, SEED = 0.95, 1


@dataclass(frozen=True)
class Year:
    """A calendar year: the evidence of its alerts, and the mean return of its trades after costs; None without one."""

    year: int
    evidence: Evidence
    mean_return: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {"year": self.year, **self.evidence.to_dict(), "mean_return": self.mean_return}


@dataclass(frozen=True)
class Judgement:
    """What is to be said of outside scores.

    Attributes
    ----------
    scores, bars : their names
    asked : what was asked
    first, last, days : the days judged
    threshold, chosen : a day is a buy at this score or above, and where that comes from
    verdict : what to do
    cautions : what to mind beside it
    evidence : precision and recall
    rivals : the touch formula and, where it could be fitted, the volatility logistic, on as many buys
    lucky_precision, lucky_return : what the best of the models tried shows without skill; None where nobody can know
    money : what the buys earned; None without one
    years : each by its own
    notes : what else is to be said, a sentence each
    capital : (days,) what a capital of 1 came to that took the buys, and one that always bought, after each day; a
        page draws it
    """

    scores: str
    bars: str
    asked: Asked
    first: str
    last: str
    days: int
    threshold: float
    chosen: str
    verdict: Verdict
    cautions: tuple[Caution, ...]
    evidence: Evidence
    rivals: tuple[Rival, ...]
    lucky_precision: Bar | None
    lucky_return: Bar | None
    money: Money | None
    years: tuple[Year, ...]
    notes: tuple[str, ...]
    capital: tuple[np.ndarray, np.ndarray] = field(compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; the keys are the same whatever was found."""
        return plain(self, KEYS, asked=self.asked.model_dump(exclude={"per_day"}))

    def __str__(self) -> str:
        """The verdict with its reason."""
        return str(self.verdict)


KEYS = (*FIRST, *(f.name for f in fields(Judgement) if f.name not in (*FIRST, "capital")))
"""Of a judgement as JSON."""


def judged(
    scores: pd.Series | pd.DataFrame | str | Path,
    bars: Bars,
    asked: Asked,
    wanted: Wanted,
    rules: Rules,
    cut_scores: pd.Series | pd.DataFrame | str | Path | None = None,
    cut_day: str | None = None,
) -> Judgement | JudgementOfMany:
    """Judge scores on bars: of files, or of pandas objects indexed by day, or by symbol and date.

    Parameters
    ----------
    wanted, rules : how the files are read, and what is done about bad bars
    cut_scores, cut_day : the scores again, computed from bars that end on that day; None: not tested

    Raises
    ------
    UserError
        If one cannot be read, they do not fit, or there is nothing to tell by; in one line.
    """
    in_files = [isinstance(given, str | Path) for given in (scores, bars)]
    names = tuple(Path(given).name if named else what for given, named, what in zip((scores, bars), in_files, ORAL))
    of_many_bars = are_of_many(bars, wanted)
    seen = read_scores(Path(scores), wanted) if in_files[0] else scores_of(scores, names[0])
    again = Again.of(cut_scores, cut_day, wanted)
    if not of_many_bars or (seen.index.nlevels == 1 and in_files[1] and not Path(bars).is_dir()):
        return _judged(seen, bars, asked, wanted, rules, names, again)
    if seen.index.nlevels == 1:
        raise UserError(f"no symbol is named in {names[0]}, and there are many in {names[1]}: it takes a column symbol "
                        "beside date and score")  # fmt: skip
    panel = of_many(bars, wanted, rules, seen.index.unique("symbol"))
    return judge_many(seen, panel.judged, asked, names, again, lambda text: spelled(text, wanted))


ORAL = ("the scores", NAME)
"""What a message calls those that are no files."""


def _judged(
    scores: pd.Series,
    given: Bars,
    asked: Asked,
    wanted: Wanted,
    rules: Rules,
    names: tuple[str, str],
    again: Again | None,
) -> Judgement:
    if scores.index.nlevels == 2:
        symbols = f"{scores.index.unique('symbol').size:,} symbols"
        raise UserError(f"{symbols} are scored in {names[0]}, and there is one in {names[1]}: give the bars of each, "
                        "in a folder with one file a symbol or in a file with a column symbol")  # fmt: skip
    if asked.per_day is not None:
        raise UserError(f"per_day is {asked.per_day}, and there is one symbol in {names[1]}: give threshold")
    prepared = of_one(given, wanted, rules)
    bars, horizon = prepared.bars, asked.horizon
    without = scores.index.isin(left_out(prepared))
    with threadpool_limits(1):  # sums of floats depend on how threads share them
        days = cut(scores[~without], bars, asked, names)
        gross = trade_returns(bars, horizon, *exits(asked.label, days.move, asked.stop)).to_numpy()[days.rows]
        cost, label, alert = asked.cost_bps * BASIS_POINT, days.label, days.alert
        earned = money(gross, label, alert, horizon, cost, CONFIDENCE, SEED)
        lucky = [best_unskilled(value, alert, horizon, asked.tried) for value in (label, gross - cost)]
        found, notes = rivals(bars, days, CONFIDENCE, SEED)
        ahead = (again.unlike(scores) if again else "") or _ahead(bars, days, found)
    told = cannot_tell(ahead) if ahead else verdict(earned, len(label), lucky[1], asked.tried)
    seen = evidence(label, alert, horizon, CONFIDENCE, 0, asked.tried)
    return Judgement(
        *names,
        asked,
        *(f"{day:%Y-%m-%d}" for day in (days.dates[0], days.dates[-1])),
        len(label),
        days.threshold,
        days.chosen,
        told,
        tuple(cautions(told, seen, again is not None)),
        seen,
        found,
        *lucky,
        earned,
        tuple(_years(days, gross - cost, asked)),
        (
            *days.notes,
            *unbarred(int(without.sum())),
            *notes,
            *(again.said() if again and not ahead else ()),
            *_same_day(bars, days),
            *(f"bars: {spelled(one.said, wanted)}" for one in prepared.of("warning")),
        ),
        tuple(Curve.of(gross - cost, which, horizon).equity for which in (alert, np.ones_like(alert))),
    )


def _years(days: Cut, net: np.ndarray, asked: Asked) -> Iterator[Year]:
    for year in np.unique(days.dates.year):
        at = np.asarray(days.dates.year == year)
        alert = days.alert[at]
        found = evidence(days.label[at], alert, asked.horizon, CONFIDENCE, 0, asked.tried)
        yield Year(int(year), found, float(net[at][alert].mean()) if alert.any() else None)


def _ahead(bars: pd.DataFrame, days: Cut, found: tuple[Rival, ...]) -> str:
    """Why the scores must have seen the days they are judged on; empty if nothing says so."""
    best = max(rival.auc for rival in found)
    if days.auc >= KNOWS and days.auc > best + ABOVE:
        return (
            f"the scores look ahead: their AUC is {days.auc:.3f} where volatility has {best:.3f}, as no honest one has"
        )
    after = next_day(bars)
    if days.chosen == "signals":  # of scores the few highest may be as good
        apart = separation(days.alert, after["return"].to_numpy()[days.rows])
        if apart >= KNOWS:
            return f"the scores look ahead: their buys come before what rises (AUC {apart:.3f} for the next return)"
    for name, value in after.items():
        if (rho := rank_correlation(days.score, value.to_numpy()[days.rows])) >= KNOWS:
            return f"the scores look ahead: they follow the next day's {name} (rank correlation {rho:.3f})"
    return ""


def _same_day(bars: pd.DataFrame, days: Cut) -> Iterator[str]:
    """A score of the day's own return is honest, if it is known at the Close."""
    rho = rank_correlation(days.score, bars["close"].pct_change().to_numpy()[days.rows])
    if abs(rho) >= KNOWS:
        yield (
            f"the scores follow the day's own return (rank correlation {rho:.3f}): honest only if they are known at "
            "the Close of their day; a score that predicts a day belongs to the day before it"
        )
