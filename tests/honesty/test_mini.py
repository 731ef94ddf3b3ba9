"""The pipeline claims no skill in a market that has none, finds what was planted, and always has a verdict."""

from __future__ import annotations

import math

import pytest
from bench.honesty.markets import Design, Regimes, Signal, simulate
from bench.honesty.mini import NO_CLAIM, Outcome, naive_claim, run_once
from bench.honesty.study import span_of, study

VERDICTS = {"better", "worse", "cannot tell", "no buys", "nothing ships", NO_CLAIM}
DAYS = 3000  # fewer than the study's, for speed


KINDS = {"close": {"kind": "close", "threshold": 0.0005}, "triple": {"kind": "triple", "stop": -0.01}}


def outcome(design: Design, seed: int, folder, **label) -> Outcome:
    found = run_once(simulate(design, seed).bars, seed, folder, label)
    numbers = [value for value in found.to_dict().values() if isinstance(value, (int, float))]
    assert all(map(math.isfinite, numbers))
    assert found.verdict in VERDICTS and found.verdict_auc in VERDICTS
    assert found.claim == (found.verdict == "better")
    return found


def test_no_skill_is_claimed_in_a_market_without_direction(tmp_path):
    """A regression test, decided by its seed, like the next; the study asks how often."""
    found = outcome(Design(DAYS), 1, tmp_path)
    assert found.selected and not found.claim and not found.claim_auc
    assert found.claim_naive  # who compares with the base rate is fooled by volatility


@pytest.mark.full
def test_the_planted_signal_is_found(tmp_path):
    found = outcome(Design(DAYS, Signal()), 2, tmp_path)
    assert found.claim and found.precision > found.volatility_precision and found.family != "logistic"


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_label_finds_what_was_planted_and_claims_nothing_without_it(kind, tmp_path):
    """Regression tests, decided by their seeds."""
    for design, seed, claim in ((Design(DAYS), 1, False), (Design(DAYS, Signal()), 2, True)):
        (tmp_path / f"{seed}").mkdir()
        assert outcome(design, seed, tmp_path / f"{seed}", **KINDS[kind]).claim is claim


@pytest.mark.full
def test_a_role_without_positives_gives_a_verdict_in_words(tmp_path):
    design = Design(DAYS, regimes=Regimes(still=span_of("threshold"), stillness=0.02))
    found = outcome(design, 3, tmp_path)
    assert found.verdict == "nothing ships" and found.n_buys == 0 and not found.claim
    assert found.note == "nothing ships: no contender has an operating point" and found.family == ""


@pytest.mark.parametrize(
    "hits, n_buys, base_rate, expected",
    [(8, 10, 0.2, True), (3, 10, 0.2, False), (0, 0, 0.2, False), (0, 10, 0.0, False)],
)
def test_the_naive_claim_by_hand(hits, n_buys, base_rate, expected):
    """Wilson: 8 of 10 reaches down to 0.490, 3 of 10 to 0.108."""
    assert naive_claim(hits, n_buys, base_rate) is expected


@pytest.mark.full
def test_the_full_study_keeps_its_promises(tmp_path):
    """Half an hour: skill beyond volatility in at most 5 of 100 null markets, in 80 % of the planted ones."""
    found = study({"null": 100, "planted": 50, "regimes": 20}, tmp_path / "honesty.json", 2)["summary"]
    assert found["null"]["claims"]["beyond_volatility"]["claimed"] <= 5
    assert found["planted"]["claims"]["beyond_volatility"]["share"] >= 0.8
