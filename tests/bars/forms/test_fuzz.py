"""Spoilt files are refused in one line, or every row that was left as it was is read as it was written."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import re
import zipfile

import numpy as np
import pytest

from buysignal.bars.forms.read import read_file
from buysignal.core.errors import UserError
from tests.bars.forms.mutations import Spoilt, spoilt
from tests.bars.forms.samples import SAMPLES
from tests.bars.forms.written import BARS, Sample

PRICES = ["open", "high", "low", "close"]


def wrong(file: Spoilt, sample: Sample, path) -> str:
    """What is wrong with how a file is read; empty if it is refused in one line, or read rightly.

    Right is: each row that no mutation touched has its bar, with its own prices and volume, and there are no other
    days than those, but for as many as were touched; these may say anything.
    """
    path.write_bytes(file.content)
    try:
        bars = read_file(path).bars
    except UserError as error:
        return "" if len(str(error).splitlines()) == 1 else f"several lines: {error}"
    last = f"{BARS['close'].iloc[-1]:.2f}".replace(".", "[.,]")
    order = BARS.index if re.search(last, sample.text.splitlines()[-1]) else BARS.index[::-1]
    untouched = order[[at for at in range(len(order)) if at not in file.touched]]
    missing = untouched.difference(bars.index)
    other = bars.index.difference(untouched)
    if len(missing) or len(other) > len(file.touched):
        return f"{len(missing)} days missing, {len(other)} others, e.g. {[*missing[:2], *other[:2]]}"
    kept = bars[bars.index.isin(untouched) & ~bars.index.duplicated(keep=False)]
    known = BARS.loc[kept.index]
    near = np.isclose(kept["volume"], known["volume"], rtol=sample.rough or 1e-12)
    right = (kept[PRICES] == known[PRICES]).all(axis=1) & near
    return "" if right.all() else f"{(~right).sum()} bars wrong: {kept[~right].head(2).to_dict('index')}"


def run(seeds: range, folder) -> None:
    names = [name for name in SAMPLES if name != "Barchart"]  # whose last line is no row
    for seed in seeds:
        rng = random.Random(seed)
        name = rng.choice(names)
        file = spoilt(rng, SAMPLES[name])
        try:
            told = wrong(file, SAMPLES[name], folder / "bars.csv")
        except Exception as error:
            raise AssertionError(f"seed {seed} of {name!r} gave a traceback") from error
        assert not told, f"seed {seed} of {name!r}: {told}"


def packed() -> dict[str, bytes]:
    """A sample as parquet, and in every packing."""
    text, held, archive = SAMPLES["Yahoo"].text.encode(), io.BytesIO(), io.BytesIO()
    BARS.to_parquet(held)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bars.csv", text)
    found = {"parquet": held.getvalue(), "zip": archive.getvalue(), "utf-16": text.decode().encode("utf-16")}
    return found | {"gzip": gzip.compress(text), "bzip2": bz2.compress(text), "xz": lzma.compress(text), "plain": text}


@pytest.mark.parametrize("kind", packed())
def test_spoilt_bytes_give_no_traceback(tmp_path, kind):
    whole, path = packed()[kind], tmp_path / "bars.csv"
    for seed in range(60):
        rng = random.Random(seed)
        data = bytearray(whole)
        for _ in range(rng.choice([1, 2, 10, 50])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data[: rng.randrange(len(data))] if rng.random() < 0.3 else data)
        try:
            read_file(path)
        except UserError as error:
            assert len(str(error).splitlines()) == 1


def test_a_few_hundred_spoilt_files(tmp_path):
    run(range(400), tmp_path)


@pytest.mark.full
def test_ten_thousand_spoilt_files(tmp_path):
    run(range(400, 10_400), tmp_path)
