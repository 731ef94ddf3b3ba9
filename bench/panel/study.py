"""What contenders of a built project of many symbols came to on its test role: leads over rivals, by year, after costs.

    python -m bench.panel.study --project FOLDER [--out bench/results/panel_study.json]

The project is run, registered and opened as any other; this reads its scores of the test role and judges nothing anew
but what the report does not show: every contender against the volatility logistic and against boosting on as many
buys of each day, in all and by year. Intervals resample dates, in blocks.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from bench.panel.picture import draw_study

from buysignal.bars.manifest import read_bars
from buysignal.cli.params import Params
from buysignal.core.files import read_json, write_json
from buysignal.judge.best_of_day import best_of_day
from buysignal.judge.daily_auc import daily_auc_interval
from buysignal.judge.dates import Dates
from buysignal.judge.evidence import evidence
from buysignal.judge.money import Trades, money
from buysignal.judge.paired import choice_difference
from buysignal.models import scores
from buysignal.models.scores import Scored
from buysignal.ship.selected import buying

CONFIDENCE, TEST = 0.95, "test"
RIVALS = ("volatility", "boosting")


class Opened:
    """The test role of a built project: its rows, labels and what a trade of each returned."""

    def __init__(self, project: Path) -> None:
        self.params = Params.load(project / "params.yaml")
        self.models = {one.card.name: one for one in scores.read(project / "data/tested")}
        self.tier, self.seed = self.params.candidate.tier, self.params.seed
        first = next(iter(self.models.values()))
        self.index = first.index[first.role == TEST]
        self.dates, self.label = Dates.of(self.index), first.of(TEST)[0]
        p = self.params
        trades = Trades.of(read_bars(project / "data/bars/bars.parquet"), p.label, p.costs, p.exit)
        self.gross, self.cost = trades.on(self.index), trades.cost
        chosen = read_json(project / "data/selected.json")
        self.bought = {name: self._bought(one) for name, one in self.models.items()}
        self.configurations = {row["card"]["name"]: row["configurations"] for row in buying(chosen)}

    def _bought(self, model: Scored) -> np.ndarray:
        """The best of each day."""
        return best_of_day(model.of(TEST)[1], self.dates, self.params.select.per_day)

    def part(self, year: int | None) -> tuple[np.ndarray, Dates]:
        """Rows (n,) of a year, None of all, and their dates."""
        rows = np.ones(len(self.index), bool) if year is None else self.index.get_level_values("date").year == year
        return rows, Dates.of(self.index[rows])

    def row(self, model: Scored, rivals: dict[str, Scored], year: int | None) -> dict[str, Any]:
        """What one contender came to, in all or in a year."""
        horizon, seed = self.params.label.horizon, self.seed
        rows, dates = self.part(year)
        alert, label = self.bought[model.card.name][rows], self.label[rows]
        count = (len(model.card.seeds), self.configurations.get(model.card.name, 1))
        seen = evidence(label, alert, horizon, CONFIDENCE, *count, dates).to_dict()
        earned = money(self.gross[rows], label, alert, horizon, self.cost, CONFIDENCE, seed, dates=dates)
        told = (horizon, CONFIDENCE, seed)
        leads = {
            name: asdict(
                choice_difference(label, alert, self.bought[rival.card.name][rows].astype(float), *told, dates=dates)
            )
            for name, rival in rivals.items()
            if rival is not model
        }
        area = daily_auc_interval(label, model.of(TEST)[1][rows], dates, *told)
        return {
            "name": model.card.name,
            "family": model.card.family,
            "year": year,
            **seen,
            "money": earned.to_dict(),
            "lead": leads,
            "daily_auc": [area.point, area.low, area.high],
        }


def study(project: Path) -> dict[str, Any]:
    """Every contender that buys, in all and by year; the most precise first."""
    opened = Opened(project)
    names = {name: f"{opened.tier}-{name}" for name in RIVALS}
    rivals = {name: opened.models[full] for name, full in names.items() if full in opened.models}
    years = sorted({int(year) for year in opened.index.get_level_values("date").year})
    rows = [opened.row(one, rivals, year) for one in opened.models.values() for year in (None, *years)]
    rows.sort(key=lambda row: (row["year"] or 0, -row["precision"]))
    dates = opened.index.get_level_values("date")
    return {
        "rows": rows,
        "shipped": read_json(project / "metrics/choice.json")["shipped"],
        "symbols": len(opened.index.unique("symbol")),
        "first": f"{dates.min():%Y-%m-%d}",
        "last": f"{dates.max():%Y-%m-%d}",
        "per_day": opened.params.select.per_day,
        "cost": opened.cost,
    }


def table(found: dict[str, Any], year: int | None = None) -> list[str]:
    """The rows of one year, None of all, as a Markdown table."""
    head = "| contender | precision | recall | over volatility | over boosting | a trade earns, bp | AUC within a day |"
    lines = [head, "| --- " * 7 + "|"]
    for row in found["rows"]:
        if row["year"] == year:
            low, high = row["precision_interval"]
            earned, (least, most) = row["money"]["mean"] * 1e4, row["money"]["mean_interval"]
            cells = [
                row["name"],
                f"{row['precision']:.3f} ({low:.3f} to {high:.3f})",
                f"{row['recall']:.4f}",
                *(_lead(row["lead"].get(name)) for name in RIVALS),
                f"{earned:.1f} ({least * 1e4:.1f} to {most * 1e4:.1f})",
                f"{row['daily_auc'][0]:.3f}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def _lead(lead: dict[str, Any] | None) -> str:
    return "" if lead is None else f"{lead['difference']:+.3f} ({lead['low']:+.3f} to {lead['high']:+.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("bench/results/panel_study.json"))
    asked = parser.parse_args()
    found = study(asked.project)
    write_json(asked.out, found)
    draw_study(found, asked.out.with_suffix(".svg"))
    for year in (None, *sorted({row["year"] for row in found["rows"]} - {None})):
        print("\n".join([f"\n{year or 'all'}", *table(found, year)]))


if __name__ == "__main__":
    main()
