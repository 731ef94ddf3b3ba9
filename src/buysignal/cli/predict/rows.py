"""Answers as rows of a table, in the forms that others read: printed, or written whole to a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError
from buysignal.core.files import DIGITS, stable, write_parquet, write_text


def flat(predictor: Predictor, rows: pd.DataFrame) -> pd.DataFrame:
    """Answers with their index as columns, the verdict on the model and the threshold in use."""
    rows = rows.reset_index()
    rows["verdict"] = predictor.seen.verdict.word
    rows.insert(list(rows).index("volatility"), "threshold", predictor.threshold)
    return rows


def as_csv(rows: pd.DataFrame) -> str:
    """Dates, numbers of six decimals and plain words only, so that no cell is a formula."""
    whole = rows.assign(**{key: rows[key].astype(int) for key in ("above", "buy")})
    whole = whole.round(dict.fromkeys(whole.select_dtypes("floating"), DIGITS))
    return whole.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n").rstrip("\n")


def as_jsonl(rows: pd.DataFrame) -> str:
    """An object a row, each in a line of its own; what is not known is null."""
    plain = rows.assign(date=rows["date"].dt.strftime("%Y-%m-%d"), warnings=rows["warnings"].str.split())
    plain = plain.astype(object).where(rows.notna(), None)
    return "\n".join(json.dumps(stable(row), ensure_ascii=True) for row in plain.to_dict("records"))


def put(form: str, out: Path | None, text: Callable[[], str], rows: Callable[[], pd.DataFrame]) -> None:
    """Print answers, or write them to a file that is whole or absent.

    Parameters
    ----------
    form : one of `buysignal.cli.told.FORMATS`, csv, jsonl or parquet; parquet, which keeps every bit, needs ``out``
    text : gives them in any other form
    rows : gives them as `flat`
    """
    written = {"csv": lambda: as_csv(rows()), "jsonl": lambda: as_jsonl(rows())}.get(form, text)
    if out is None:
        print(written())
        return
    try:
        if form == "parquet":
            write_parquet(out, rows())
        else:
            write_text(out, written() + "\n")
    except UserError as error:
        raise UserError(str(error).removesuffix(", then run `dvc repro`")) from None
