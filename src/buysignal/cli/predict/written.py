"""A ranking of symbols, written for a person, for a program and for a spreadsheet."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

import pandas as pd

from buysignal.cli.predict.answer import (
    answered,
    evidence_told,
    headed,
    iso,
    model_told,
    printable,
    warned,
    why,
    worth,
    wrapped,
)
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.predict.ranking import MARKET, Ranking, summed
from buysignal.core.files import DIGITS, stable
from buysignal.judge.best_of_day import the_best


def as_json(ranking: Ranking, file: str, asked: date | None, ships: str | None) -> str:
    """One object with stable keys; ``symbols`` is a list, the most probable first."""
    days = ranking.panel.bars.index.get_level_values("date")
    content = {
        **model_told(ranking.predictor, ships),
        "bars": {"file": file, "symbols": len(ranking.panel.symbols), "n": len(days)}
        | {"first": iso(days.min()), "last": iso(days.max())},
        "as_of": None if asked is None else asked.isoformat(),
        **evidence_told(ranking.predictor),
        "symbols": [
            {"symbol": symbol, **row, "date": iso(row["date"]), "warnings": row["warnings"].split()}
            for symbol, row in ranking.rows.to_dict("index").items()
        ],
        "left_out": dict(ranking.left_out),
        "warnings": [{**asdict(caution), "symbols": None} for caution in ranking.general]
        + [{"kind": kind, "text": text, "symbols": symbols} for kind, symbols, text in summed(ranking)],
    }
    return json.dumps(stable(content), indent=2, ensure_ascii=True)


def as_csv(ranking: Ranking) -> str:
    """A row a symbol, the most probable first: names, dates, numbers and plain words, so that no cell is a formula."""
    rows = ranking.rows.assign(date=ranking.rows["date"].dt.strftime("%Y-%m-%d"))
    rows = rows.assign(**{key: rows[key].astype(int) for key in ("above", "buy")})
    rows["verdict"] = ranking.predictor.seen.verdict.word
    rows.insert(list(rows).index("volatility"), "threshold", ranking.predictor.threshold)
    return rows.round(DIGITS).to_csv(lineterminator="\n").rstrip("\n")


def as_table(ranking: Ranking, file: str, ships: str | None, colour: bool = False) -> str:
    """Lines for a terminal of 80 columns; ``colour`` marks buys and warnings."""
    predictor, rows = ranking.predictor, ranking.rows
    days = ranking.panel.bars.index.get_level_values("date")
    count = f"{len(ranking.panel.symbols):,} symbol{'s' * (len(ranking.panel.symbols) > 1)}"
    of = f"{count}, {len(days):,} bars of {printable(file)}, {iso(days.min())} to {iso(days.max())}"
    general = {caution.kind: caution.text for caution in ranking.general}
    lines = headed(predictor, ships, of)
    if MARKET in general:
        lines.append(wrapped("", general.pop(MARKET)))
    width = max(len("symbol"), *map(len, rows.index))
    lines += ["", f"{'symbol':{width}}  {'last bar':10}  {'score':>5}  {'probability':>11}  buy  warnings"]
    lines += [_row(symbol, row, width, colour) for symbol, row in rows.iterrows()]
    lines += ["", wrapped("", bought(ranking)), ""]
    lines += [*why(predictor, rows["above"].any(), *reached(predictor)), *worth(predictor)]
    for symbol, reason in ranking.left_out.items():
        lines += ["", wrapped("left out: ", f"{symbol}: {reason}")]
    for text in (*general.values(), *(text for _, _, text in summed(ranking))):
        lines += ["", warned(text, colour)]
    return "\n".join(lines)


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


def _row(symbol: str, row: pd.Series, width: int, colour: bool) -> str:
    return f"{symbol:{width}}  {iso(row['date'])}  {answered(row, colour)}".rstrip()
