"""Spoilt files are refused in one line, or every row that was left as it was is read as it was written."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from buysignal.bars.forms.read import read_file
from buysignal.core.errors import UserError
from tests.bars.forms.mutations import Spoilt, spoilt
from tests.bars.forms.samples import BARS, SAMPLES, Sample

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
    names = list(SAMPLES)
    for seed in seeds:
        rng = random.Random(seed)
        name = rng.choice(names)
        file = spoilt(rng, SAMPLES[name])
        try:
            told = wrong(file, SAMPLES[name], folder / "bars.csv")
        except Exception as error:
            raise AssertionError(f"seed {seed} of {name!r} gave a traceback") from error
        assert not told, f"seed {seed} of {name!r}: {told}"


def test_a_few_hundred_spoilt_files(tmp_path):
    run(range(400), tmp_path)


@pytest.mark.full
def test_ten_thousand_spoilt_files(tmp_path):
    run(range(400, 10_400), tmp_path)
