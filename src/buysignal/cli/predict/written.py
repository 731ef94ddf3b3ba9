"""A ranking of symbols, written for a person, for a program and for a spreadsheet."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from buysignal.bars.panel import Panel
from buysignal.bars.standard import INDEX
from buysignal.bars.symbols import SYMBOL
from buysignal.cli.predict.answer import (
    ANSWERED,
    answered,
    evidence_told,
    headed,
    iso,
    model_told,
    printable,
    why,
    worth,
)
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.predict.ranking import MARKET, OfMany, Ranking, summed
from buysignal.cli.told import plain, table
from buysignal.core.files import stable
from buysignal.judge.best_of_day import the_best


def as_json(ranking: Ranking, file: str, asked: date | None, ships: str | None) -> str:
    """One object with stable keys; ``symbols`` is a list, the most probable first."""
    content = {
        **model_told(ranking.predictor, ships),
        **bars_told(ranking.panel, file),
        "since": None,
        "as_of": None if asked is None else asked.isoformat(),
        **evidence_told(ranking.predictor),
        "symbols": [
            {"symbol": symbol, **row, "date": iso(row["date"]), "warnings": row["warnings"].split()}
            for symbol, row in ranking.rows.to_dict("index").items()
        ],
        "left_out": dict(ranking.left_out),
        "warnings": warnings_told(ranking),
    }
    return json.dumps(stable(content), indent=2, ensure_ascii=True)


def bars_told(panel: Panel, file: str) -> dict[str, Any]:
    """For JSON: where the bars are from, how many there are and from when to when."""
    days = panel.bars.index.get_level_values(INDEX)
    of = {"file": file, "symbols": len(panel.symbols), "n": len(days)}
    return {"bars": of | {"first": iso(days.min()), "last": iso(days.max())}}


def warnings_told(found: OfMany) -> list[dict[str, Any]]:
    """For JSON: the reasons to doubt, those of all before those of some symbols."""
    of_some = [{"kind": kind, "text": text, "symbols": symbols} for kind, symbols, text in summed(found)]
    return [{**asdict(caution), "symbols": None} for caution in found.general] + of_some


def blocks(ranking: Ranking, file: str, ships: str | None) -> list[str]:
    """The verdict, the symbols as a table, what the answers are worth and reasons to doubt."""
    predictor, rows = ranking.predictor, ranking.rows
    cells = [[plain(symbol), iso(row["date"]), *answered(row)] for symbol, row in rows.iterrows()]
    lines = [*begun(ranking, file, ships), table((SYMBOL, "last bar", *ANSWERED), cells), bought(ranking)]
    lines += [*why(predictor, rows["above"].any(), *reached(predictor)), *worth(predictor)]
    return [*lines, *ended(ranking)]


def begun(found: OfMany, file: str, ships: str | None) -> list[str]:
    """What stands above a table: the verdict, the model, the bars, and whether it knows these symbols."""
    bars = bars_told(found.panel, printable(file))["bars"]
    count = f"{bars['symbols']:,} symbol{'s' * (bars['symbols'] > 1)}"
    lines = headed(
        found.predictor, ships, f"{count}, {bars['n']:,} bars of {bars['file']}, {bars['first']} to {bars['last']}"
    )
    return lines + [plain(caution.text) for caution in found.general if caution.kind == MARKET]


def ended(found: OfMany) -> list[str]:
    """What stands below a table: who is left out, and warnings."""
    told = [f"- left out: {plain(symbol)}: {plain(reason)}" for symbol, reason in found.left_out.items()]
    told += [f"- warning: {plain(caution.text)}" for caution in found.general if caution.kind != MARKET]
    return ["\n".join([*told, *(f"- warning: {plain(text)}" for _, _, text in summed(found))])]


def reached(predictor: Predictor) -> list[str]:
    """What a symbol has done that is held, where it is more than to reach the threshold."""
    per_day = predictor.model.per_day
    return [f"it is {'' if per_day == 1 else 'one of '}{the_best(per_day)} of the day"] if per_day else []


def bought(ranking: Ranking) -> str:
    """How many symbols are above the threshold, or of how many the best were taken."""
    model, above = ranking.predictor.model, int(ranking.rows["above"].sum())
    if not model.per_day:
        return f"above the threshold: {above:,} of {len(ranking.rows):,} symbols"
    day = f"{ranking.rows['date'].max():%Y-%m-%d}"
    reach = f", of which {above:,} reach the threshold" if ranking.predictor.certified else ""
    which = f"{the_best(min(model.per_day, len(ranking.among)))} of {len(ranking.among):,} symbols on {day}"
    return f"{which}{reach}; the model was trained on {len(model.regime.symbols):,}"
