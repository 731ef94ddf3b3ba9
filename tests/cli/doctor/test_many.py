"""A run of many symbols, of which the best of each day are bought, is judged as one of one symbol is."""

import shutil

import pandas as pd
import pytest

from buysignal.bars.symbols import each
from buysignal.cli.doctor.catalogue import CATALOGUE, diagnose
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import CANNOT_JUDGE, DECEPTION, WARNING
from buysignal.core.files import write_parquet
from buysignal.features import extra
from buysignal.judge.intervals import precision_lower
from buysignal.judge.operating import JUDGE, alerts
from tests.cli.doctor import claims, deceptions, forgeries
from tests.cli.doctor.planted import TIER, set_params

CHECKS = {check.name: check for check in CATALOGUE}


def nearly_every_symbol_is_bought(root):
    set_params(root, **{"select.per_day": 5})


def more_buys_than_the_best_of_each_day(root):
    set_params(root, **{"select.min_buys": 200})


def a_symbol_keeps_its_days_before_a_role(root):
    def change(table):
        own = table.index.get_level_values("symbol") == "S2"
        before = (table["role"] == "purged") & (table["role"].shift(-1) == "stop")
        return table.assign(role=table["role"].mask(before & own, "train"))

    deceptions.edit_table(root, change)


def scores_that_stand_by_symbol(root):
    path = root / "data/candidate/scores.parquet"
    table = pd.read_parquet(path)
    write_parquet(path, table.sort_values(["model", "member", "symbol", "date"], ignore_index=True))


def rows_of_a_day_taken_for_days(root):
    """The lower bound as if the symbols of a date knew nothing of each other."""
    run = Run(root)
    model, name = run.chosen[0][1], run.names[0]
    label, alert = model.of(JUDGE)[0], alerts(model, JUDGE, 0.0, run.rules.per_day)
    low, _ = precision_lower(label, alert, run.params.label.horizon, run.rules.confidence)
    change = dict(precision_low=round(float(low), 6))
    deceptions.edit_json(root, "metrics/selection.json", lambda rows: claims.row_of(rows, name).update(change))


def one_a_day_is_shipped(root):
    deceptions.forge_shipped(root, lambda manifest: manifest.update(per_day=1))


CASES = [
    ("threshold-near-zero", DECEPTION, "buys the 5 best of each day (train.json)", nearly_every_symbol_is_bought),
    ("always-buy", WARNING, "rows of role test", deceptions.always_buy_on_test),
    ("too-few-buys", DECEPTION, "select.min_buys is 200", more_buys_than_the_best_of_each_day),
    ("label-leak", DECEPTION, "roc_10 follows the next day's Low", deceptions.feature_is_tomorrows_low),
    ("look-ahead-feature", DECEPTION, "rsi_14 is not what the bars up to its day", deceptions.feature_of_tomorrow),
    ("look-ahead-feature", DECEPTION, "on S1 20", deceptions.feature_of_tomorrow_on_one_day),
    ("look-ahead-feature", DECEPTION, "no feature secret", deceptions.unknown_feature),
    ("shuffled-time", DECEPTION, "not increasing", deceptions.shuffled_rows),
    ("shuffled-time", DECEPTION, "not in the order", deceptions.shuffled_roles),
    ("shuffled-time", DECEPTION, "train reach into role stop", a_symbol_keeps_its_days_before_a_role),
    ("shuffled-time", DECEPTION, "the days under the scores are not in order", scores_that_stand_by_symbol),
    ("shuffled-time", DECEPTION, "rows have another role than", deceptions.scores_of_the_stop_role_judged),
    ("label-differs", DECEPTION, "values of label are not those of the bars", deceptions.label_of_today),
    ("label-differs", DECEPTION, "rows have another label than", deceptions.easier_label_under_the_scores),
    ("role-without-positives", DECEPTION, "no rows labelled 1", deceptions.no_positives_on_test),
    ("early-stop-on-test", DECEPTION, "rows of role stop are", deceptions.stop_role_on_test_days),
    ("numbers-altered", DECEPTION, "precision is said to be 0.9", claims.precision_raised),
    ("numbers-altered", DECEPTION, "precision_low is said to be", rows_of_a_day_taken_for_days),
    ("numbers-altered", DECEPTION, "does not agree with its counts", claims.precision_on_test_raised),
    ("numbers-altered", DECEPTION, "not those that its fit gives", forgeries.baseline_spoiled_in_the_scores),
    ("numbers-altered", DECEPTION, "against volatility, precision: difference", forgeries.ahead_of_volatility_by_more),
    ("numbers-altered", DECEPTION, "against volatility, auc: low", forgeries.interval_moved_above_0),
    ("numbers-altered", DECEPTION, "money, mean_interval: low is", forgeries.money_interval_moved_above_0),
    ("stale-results", DECEPTION, "with another select.per_day", one_a_day_is_shipped),
]


@pytest.fixture
def copy(many, tmp_path):
    return shutil.copytree(many, tmp_path / "run")


def test_a_clean_run_is_accused_of_nothing_but_that_its_scores_show_no_skill(many):
    """The signal lies in the volume, and the raw bar is no feature of many symbols."""
    found = diagnose(Run(many))
    bad = [(one.name, one.text) for one in found if one.level in (DECEPTION, CANNOT_JUDGE)]
    assert [text for name, text in bad if name != "precision-not-rising"] == []
    assert len(found) == len(CATALOGUE)


@pytest.mark.parametrize(("name", "level", "words", "commit"), CASES, ids=[f"{c[0]}:{c[3].__name__}" for c in CASES])
def test_a_deception_is_caught_by_name(copy, name, level, words, commit):
    commit(copy)
    verdict = CHECKS[name](Run(copy))
    assert (verdict.level, words in verdict.text) == (level, True), verdict.text


def test_a_feature_whose_own_code_looks_ahead_is_caught(copy, monkeypatch):
    honest = extra.table

    def centred(bars, tier, own=()):
        table = honest(bars, tier, own)
        around = each(bars["close"], lambda close: close.rolling(11, center=True, min_periods=1).mean())
        return table.assign(sma_distance_20=(bars["close"] / around - 1).reindex(table.index))

    monkeypatch.setattr(extra, "table", centred)
    ahead = centred(Run(copy).bars, TIER)["sma_distance_20"]
    deceptions.edit_table(copy, lambda table: table.assign(sma_distance_20=ahead))
    verdict = CHECKS["look-ahead-feature"](Run(copy))
    assert verdict.level == DECEPTION and "sma_distance_20 is not what the bars up to its day give" in verdict.text
