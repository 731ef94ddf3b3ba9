"""Scores of any model on many symbols, held against their bars: all that is said of one market, doubted by date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from buysignal.bars.quality.prepare import Judged
from buysignal.cli.judge.again import Again
from buysignal.cli.judge.asked import Asked
from buysignal.cli.judge.cautions import Caution, cautions
from buysignal.cli.judge.many_cut import Rows, cut
from buysignal.cli.judge.many_rivals import RivalOfMany, rivals
from buysignal.cli.judge.plain import FIRST, plain
from buysignal.cli.usable import left_out
from buysignal.judge.ahead import ABOVE, KNOWS, next_day, rank_correlation, separation
from buysignal.judge.concentration import Lump, concentration
from buysignal.judge.daily_auc import daily_auc_interval
from buysignal.judge.equity import Curve
from buysignal.judge.evidence import Evidence, evidence
from buysignal.judge.luck import Bar
from buysignal.judge.money import BASIS_POINT, Money, money
from buysignal.judge.paired import AucInterval
from buysignal.judge.parts import CONFIDENCE, Bought, Part, by_symbol, by_year, extremes, with_evidence
from buysignal.judge.unskilled import best_unskilled
from buysignal.judge.verdict import Verdict, cannot_tell, verdict

SEED = 1


@dataclass(frozen=True)
class JudgementOfMany:
    """What is to be said of outside scores of many symbols; as `buysignal.cli.judge.outside.Judgement`, and:

    Attributes
    ----------
    symbols, rows, days_bought : symbols, rows and dates judged, and those of the dates on which something is bought
    threshold, per_day : the rule that buys: a score, or how many of each day; the other is None
    daily_auc : how well the scores order the symbols of a day
    worst, best : the symbols whose buys earned least and most, of those with ten buys or more
    lumps : the month and the symbol with most buys
    capital : (days,) as there, a date's part split evenly over its buys
    """

    scores: str
    bars: str
    asked: Asked
    first: str
    last: str
    days: int
    symbols: int
    rows: int
    days_bought: int
    threshold: float | None
    per_day: int | None
    chosen: str
    verdict: Verdict
    cautions: tuple[Caution, ...]
    evidence: Evidence
    daily_auc: AucInterval
    rivals: tuple[RivalOfMany, ...]
    lucky_precision: Bar | None
    lucky_return: Bar | None
    money: Money | None
    years: tuple[Part, ...]
    worst: tuple[Part, ...]
    best: tuple[Part, ...]
    lumps: tuple[Lump, ...]
    notes: tuple[str, ...]
    capital: tuple[np.ndarray, np.ndarray] = field(compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; the keys are the same whatever was found."""
        parts = {key: [part.to_dict() for part in getattr(self, key)] for key in ("worst", "best", "lumps")}
        return plain(self, KEYS_OF_MANY, asked=self.asked.model_dump(), daily_auc=asdict(self.daily_auc), **parts)

    def __str__(self) -> str:
        """The verdict with its reason."""
        return str(self.verdict)


KEYS_OF_MANY = (
    *FIRST,
    *(f.name for f in fields(JudgementOfMany) if f.name not in (*FIRST, "capital")),
)
"""Of a judgement as JSON."""


def judge_many(
    scores: pd.Series,
    panel: Mapping[str, Judged],
    asked: Asked,
    names: tuple[str, str],
    again: Again | None,
    spelled: Callable[[str], str],
) -> JudgementOfMany:
    """Judge scores (index ``symbol``, ``date``) on the bars of each symbol; ``spelled`` names what helps with these.

    Raises
    ------
    UserError
        If they do not fit, or there is nothing to tell by; in one line.
    """
    gone = [(symbol, day) for symbol, one in panel.items() for day in left_out(one)]
    without = scores.index.isin(gone) if gone else np.zeros(len(scores), bool)
    horizon, cost = asked.horizon, asked.cost_bps * BASIS_POINT
    with threadpool_limits(1):  # sums of floats depend on how threads share them
        rows = cut(scores[~without], {symbol: judged.bars for symbol, judged in panel.items()}, asked, names)
        by, label, alert, net = rows.dates, rows.label, rows.alert, rows.gross - cost
        earned = money(rows.gross, label, alert, horizon, cost, CONFIDENCE, SEED, dates=by)
        lucky = [best_unskilled(value, alert, horizon, asked.tried, by) for value in (label, net)]
        found, notes = rivals(rows, asked.label, CONFIDENCE, SEED)
        area = daily_auc_interval(label, rows.score, by, horizon, CONFIDENCE, SEED)
        bought = int(np.count_nonzero(by.sums(alert)))
        ahead = (again.unlike(scores) if again else "") or _ahead(
            rows, area.point, max(rival.daily_auc for rival in found)
        )
        told = cannot_tell(ahead) if ahead else verdict(earned, len(by), lucky[1], asked.tried, bought)
        seen = evidence(label, alert, horizon, CONFIDENCE, 0, asked.tried, by)
        parts, doubt = Bought(rows.index, label, alert, net), (horizon, CONFIDENCE, 0, asked.tried)
        worst, best = (with_evidence(ends, parts, *doubt) for ends in extremes(by_symbol(parts)))
        return JudgementOfMany(
            *names,
            asked,
            *(f"{day:%Y-%m-%d}" for day in (rows.days[0], rows.days[-1])),
            len(by),
            len(np.unique(by.symbol)),
            len(label),
            bought,
            rows.threshold,
            rows.per_day,
            rows.chosen,
            told,
            tuple(cautions(told, seen, again is not None, "row")),
            seen,
            area,
            found,
            *lucky,
            earned,
            by_year(parts, *doubt),
            worst,
            best,
            concentration(pd.Series(alert, rows.index)),
            (
                *rows.notes,
                *unbarred(int(without.sum())),
                *notes,
                *(again.said() if again and not ahead else ()),
                *map(spelled, _warnings(rows, panel)),
            ),
            tuple(Curve.of(net, which, horizon, by).equity for which in (alert, np.ones_like(alert))),
        )


def unbarred(count: int) -> Iterator[str]:
    """That some scores have no bar, by the rule for bad rows."""
    if count:
        yield f"{count:,} score{'s are' if count > 1 else ' is'} not judged: the bar was bad and is left out"


def _ahead(rows: Rows, area: float, best: float) -> str:
    """Why the scores must have seen the days they are judged on; empty if nothing says so."""
    if area >= KNOWS and area > best + ABOVE:
        return (
            f"the scores look ahead: within a day their AUC is {area:.3f} where volatility has {best:.3f}, as no "
            "honest one has"
        )
    own = pd.Series(rows.score).groupby(rows.dates.day).rank(pct=True).to_numpy()
    for name in ("return", "High", "Low", "gap"):
        after = rows.laid(lambda one, of=name: next_day(one.bars)[of].to_numpy()[one.rows])
        signals = rows.chosen == "signals" and name == "return"
        if signals and (apart := separation(rows.alert, after)) >= KNOWS:
            return f"the scores look ahead: their buys come before what rises (AUC {apart:.3f} for the next return)"
        ranks = pd.Series(after).groupby(rows.dates.day).rank(pct=True).to_numpy()
        rho = max(rank_correlation(own, ranks), rank_correlation(rows.score, after))
        if rho >= KNOWS:
            return f"the scores look ahead: they follow the next day's {name} (rank correlation {rho:.3f})"
    return ""


def _warnings(rows: Rows, panel: Mapping[str, Judged]) -> list[str]:
    """What the bars of the scored symbols must be looked at for: the first of each kind, and how many more."""
    told: dict[str, list[tuple[str, str]]] = {}
    for one in rows.symbols:
        for finding in panel[one.symbol].of("warning"):
            told.setdefault(finding.kind, []).append((one.symbol, finding.said))
    return [
        f"bars of {each[0][0]}: {each[0][1]}" + f"; like {len(each) - 1:,} of the others" * (len(each) > 1)
        for each in told.values()
    ]
