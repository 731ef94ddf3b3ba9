"""A killed study goes on where it stopped, and its summary counts what its runs say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bench.honesty import study as module
from bench.honesty.mini import Outcome
from bench.honesty.study import span_of, study, summary

from buysignal.core.files import read_json

NOTHING = Outcome(
    claim=False, claim_auc=False, claim_naive=True, verdict="cannot tell", verdict_auc="worse", precision=0.5,
    recall=0.1, n_buys=40, base_rate=0.3, auc=0.6, volatility_precision=0.6, volatility_auc=0.7, difference=-0.1,
    low=-0.2, high=0.1, auc_difference=-0.1, auc_low=-0.2, auc_high=-0.01, spa_superior=False, spa_pvalue=1.0,
    selected=1, name="a20-mini-T1", family="transformer", note="a20-mini-T1 ships: it is the most precise",
)  # fmt: skip


@pytest.fixture
def ran(monkeypatch):
    """Seeds that were really run; seed 50_003 dies the first time."""
    seeds = []

    def run(kind: str, seed: int) -> Outcome:
        seeds.append(seed)
        if seed == 50_003 and seeds.count(seed) == 1:
            raise MemoryError("killed")
        return NOTHING

    monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(module, "POPULATION_DAYS", 500)
    return seeds


def test_a_killed_study_goes_on_where_it_stopped(ran, tmp_path):
    out, counts = tmp_path / "honesty.json", {"null": 4, "planted": 1}
    with pytest.raises(RuntimeError, match="null 50003"):
        study(counts, out, workers=1)
    assert set(read_json(out)["runs"]["null"]) == {"50001", "50002"}
    study(counts, out, workers=1)
    assert ran == [50_001, 50_002, 50_003, 50_003, 50_004, 40_001]
    assert read_json(out)["summary"]["null"]["runs"] == 4


def test_runs_of_other_code_are_not_kept(ran, tmp_path, monkeypatch):
    out = tmp_path / "honesty.json"
    study({"null": 1}, out, workers=1)
    monkeypatch.setitem(module.mini.SMALL, "d_model", 32)
    study({"null": 1}, out, workers=1)
    assert ran == [50_001, 50_001]


def test_the_summary_by_hand():
    found = replace(NOTHING, claim=True, verdict="better", difference=0.3)
    silent = replace(NOTHING, verdict="no buys", n_buys=0, claim_naive=False)
    result = summary([run.to_dict() for run in (NOTHING, found, silent)])
    assert result["claims"]["beyond_volatility"]["claimed"] == 1
    assert result["claims"]["naive_above_base_rate"]["claimed"] == 2
    assert result["verdicts"] == {"better": 1, "cannot tell": 1, "no buys": 1}
    assert result["shipped"] == {"transformer": 3}
    assert result["runs_with_buys"] == 2 and result["medians_with_buys"]["difference"] == pytest.approx(0.1)
    low, high = result["claims"]["beyond_volatility"]["interval"]
    assert (low, high) == pytest.approx((0.0084, 0.9057), abs=1e-4)  # Clopper and Pearson, 1 of 3


def test_spans_of_the_roles_by_hand():
    assert span_of("stop") == pytest.approx((0.40, 0.48))
    assert span_of("test") == pytest.approx((0.80, 1.00))
