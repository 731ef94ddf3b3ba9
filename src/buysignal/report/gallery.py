"""Which charts stand in which section of the report, and the files they are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from buysignal.bars.manifest import read_bars
from buysignal.bars.symbols import is_many
from buysignal.core.errors import UserError
from buysignal.core.files import read_json, read_parquet
from buysignal.models import scores
from buysignal.report.card import ALWAYS, BUYS, Card, Line
from buysignal.report.charts import earnings, months, points, results, roles, trials
from buysignal.report.charts.chart import Chart
from buysignal.report.page import Findings
from buysignal.report.pages import data, doubts, earns, symbols, ten
from buysignal.report.words import Row, metric

CURVES = {"headline": results.SHIPS, "candidate": "candidate", "volatility": "volatility"}  # file -> what it is called
TEST = "test"


@dataclass(frozen=True)
class Drawable:
    """What is drawn and not said.

    Attributes
    ----------
    curves : of `CURVES` -> rows of plots/curves, those of one contender once
    trials : plots/trials.csv
    reliability : ``score`` and ``map`` -> rows of plots/calibration
    tiers, scaling : of metrics/analyze.json
    equity : plots/tear/equity.csv
    days : see `buysignal.report.charts.results.buys`
    months : data/symbols.parquet
    """

    curves: Mapping[str, pd.DataFrame]
    trials: pd.DataFrame
    reliability: Mapping[str, pd.DataFrame]
    tiers: Mapping[str, Row]
    scaling: list[Row]
    equity: pd.DataFrame
    days: pd.DataFrame | None
    months: pd.DataFrame


def load_drawable(root: Path, found: Findings) -> Drawable:
    """What the run under ``root`` has to draw.

    Raises
    ------
    UserError
        If a file is missing or torn.
    """
    plots, analyzed = root / "plots", read_json(root / "metrics" / "analyze.json")
    # Where nothing ships, the first curve is of the candidate.
    kept = [name for name in CURVES if found.shipped or name != "headline"]
    row = found.of(found.tested)
    return Drawable(
        curves=_once({CURVES[name]: read_table(plots / "curves" / f"{name}.csv") for name in kept}),
        trials=read_table(plots / "trials.csv") if found.searches else pd.DataFrame(),
        reliability={name: read_table(plots / "calibration" / f"{name}.csv") for name in ("score", "map")},
        tiers=analyzed.get("tiers", {}),
        scaling=analyzed.get("scaling", []),
        equity=read_table(plots / "tear" / "equity.csv"),
        days=None if row is None else _days(root / "data", row),
        months=read_parquet(root / "data" / "symbols.parquet"),
    )


def _once(curves: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Each curve once: what ships may be the candidate or the volatility logistic, whose curves say the same again."""
    found: dict[str, pd.DataFrame] = {}
    for name, curve in curves.items():
        if not any(curve.equals(other) for other in found.values()):
            found[name] = curve
    return found


def read_table(path: Path) -> pd.DataFrame:
    """A CSV file of a stage; one without a header has no rows.

    Raises
    ------
    UserError
        If it is missing or torn.
    """
    try:
        if not path.read_bytes().endswith(b"\n"):
            raise ValueError("it is cut")
        return pd.read_csv(path)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `dvc repro`, or `dvc pull` if it was cached") from None
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{path} cannot be read as CSV ({reason}): delete it and run `dvc repro`") from None


def _days(data: Path, row: Row) -> pd.DataFrame | None:
    """Close, score, buy and label of every test day of one row of metrics/train.json; None of many symbols."""
    model = next((one for one in scores.read(data / "tested") if one.card.name == row["name"]), None)
    if model is None:
        raise UserError(f"{data / 'tested'} has no scores of {row['name']}: run `dvc repro`")
    if is_many(model.index):
        return None
    chosen = model.role == TEST
    close = read_bars(data / "bars" / "bars.parquet")["close"].reindex(model.dates[chosen])
    if close.isna().any():
        raise UserError(f"{data / 'bars'} has no bar of {close.index[close.isna()][0]:%Y-%m-%d}: run `dvc repro`")
    label, score, _ = model.of(TEST)
    columns = {"close": close.to_numpy(), "score": score, "bought": score >= row["threshold"], "hit": label == 1}
    return pd.DataFrame(columns, index=close.index)


def gallery(found: Findings, shown: Drawable) -> dict[str, list[Chart]]:
    """Title of a section or part -> its charts."""
    tested = found.of(found.tested)
    judged = found.judged
    if found.per_day:  # what is bought lies on no curve of thresholds
        judged = [row | {"threshold": None} for row in judged]
    point = found.of(judged)
    objective = next((row["objective"] for row in found.supplements if "objective" in row), "objective")
    spots = trials.sweet_spots(shown.tiers, found.learned, metric(objective))
    capital, *falls = earnings.earnings(found.tear, shown.equity) or [None]
    return {
        doubts.TITLE: points.lead(tested),
        earns.TITLE: [capital] if capital else [],
        earns.COUNTED: falls,
        earns.FAILS: [results.buys(shown.days, found.shipped)] if found.tear else [],
        data.TITLE: roles.roles(found.tiers[0]["roles"]),
        **({symbols.TITLE: months.months(found.symbols, shown.months)} if found.symbols else {}),
        "Does precision rise with the threshold?": results.against_threshold(shown.curves, point),
        "Threshold role": [results.ranges(judged)],
        "Scores as probabilities": [results.reliability(shown.reliability)],
        ten.TITLE: [points.luck(found.board["luck"])],
        "Search": [
            *trials.history(shown.trials),
            *spots,
            *trials.importance(shown.tiers, found.learned),
            *trials.scaling(shown.scaling, found.learned),
        ],
        "After the search": [chart for row in found.transfers for chart in trials.transfer(row)],
    }


def drawn(said: Card, tear: Row | None, equity: pd.DataFrame) -> Card:
    """The card with the capital drawn; metrics/tear.json and plots/tear/equity.csv."""
    if tear is None or equity.empty:
        return said
    lines = [Line(BUYS, equity["model"].to_numpy()), Line(ALWAYS, equity["always"].to_numpy())]
    luck, days = (equity["random_low"].to_numpy(), equity["random_high"].to_numpy()), equity["date"]
    return replace(said, capital=lines, luck=luck, days=(str(days.iloc[0])[:10], str(days.iloc[-1])[:10]))
