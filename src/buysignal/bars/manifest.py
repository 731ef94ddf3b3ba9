"""Validated bars on disk, with a manifest that says what they are and proves they did not change."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from buysignal.bars.counted import BarReport
from buysignal.core import files
from buysignal.core.errors import UserError, shown


def write(
    bars: pd.DataFrame,
    report: BarReport,
    source: str,
    path_parquet: str | Path,
    path_json: str | Path,
    *,
    symbol: str | None = None,
    symbols: Sequence[str] = (),
) -> dict[str, Any]:
    """Write bars as Parquet and the manifest beside them; both depend on the content alone.

    Parameters
    ----------
    bars, report : as `buysignal.bars.validate.validate` returns them
    source : name of the source
    path_parquet, path_json : `read_bars` expects the same name with the suffix ``.json``
    symbol : ticker, where one is known
    symbols : those of bars of many, which the manifest then names

    Returns
    -------
    The manifest: source, symbol, every field of the report, the columns, and ``sha256`` of the
    Parquet file. It holds no time of writing and no path.
    """
    files.write_parquet(path_parquet, bars)
    manifest = {
        "source": source,
        "symbol": symbol,
        **({"symbols": list(symbols)} if symbols else {}),
        "columns": list(bars.columns),
        **asdict(report),
        "sha256": files.sha256(path_parquet),
    }
    files.write_json(path_json, manifest)
    return manifest


def read_bars(path_parquet: str | Path) -> pd.DataFrame:
    """Read bars and check them against the manifest beside them (same name, ``.json``).

    Raises
    ------
    UserError
        If either file is missing or unreadable, or the SHA-256 of the Parquet file is not the
        manifest's.
    """
    path = Path(path_parquet)
    path_json = path.with_suffix(".json")
    manifest = files.read_json(path_json)
    expected = manifest.get("sha256") if isinstance(manifest, dict) else None
    if not isinstance(expected, str):
        raise UserError(f"{path_json} has no sha256: delete it and run `dvc repro`")
    if not path.is_file():
        raise UserError(f"{path} is missing: run `dvc repro`, or `dvc pull` if it was cached")
    found = files.sha256(path)  # before parsing: the parser need not survive a damaged file
    if found != expected:
        raise UserError(
            f"{path} has sha256 {found[:12]}, {path_json} says {shown(expected[:12])[1:-1]}: "
            "one of them was changed, run `dvc checkout` or `dvc repro`"
        )
    return files.read_parquet(path)
