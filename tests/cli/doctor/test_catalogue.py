"""Every self-deception is caught by name where it is committed, and nobody is accused where none is."""

from collections.abc import Sequence

import pandas as pd
import pytest

from buysignal.cli.doctor.catalogue import CATALOGUE, diagnose
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import CANNOT_JUDGE, DECEPTION, OK, WARNING
from buysignal.features import extra
from tests.cli.doctor import claims, deceptions, forgeries

CHECKS = {check.name: check for check in CATALOGUE}

CASES = [
    ("threshold-near-zero", DECEPTION, "buying always", deceptions.threshold_of_a_hundredth),
    ("threshold-near-zero", DECEPTION, "0.01 (train.json)", deceptions.threshold_of_a_hundredth_on_test_only),
    ("always-buy", DECEPTION, "is the base rate", deceptions.always_buy),
    ("always-buy", WARNING, "days of role test", deceptions.always_buy_on_test),
    ("constant-score", DECEPTION, "one score and is selected", deceptions.constant_score),
    ("constant-score", DECEPTION, "every day of role threshold", deceptions.constant_on_the_judging_role),
    ("probability-collapse", DECEPTION, "one probability for every day", deceptions.collapse),
    ("precision-not-rising", WARNING, "does not rise", deceptions.score_upside_down),
    ("precision-not-rising", WARNING, "does not rise", deceptions.score_of_noise),
    ("single-seed", DECEPTION, "claims 2 seeds, its scores are those of 1", deceptions.copied_seed),
    ("single-seed", DECEPTION, "1 sets of weights for 2 seeds", deceptions.copied_weights),
    ("single-seed", WARNING, "trained with one seed", deceptions.one_seed),
    ("label-leak", DECEPTION, "macd alone has AUC", deceptions.feature_is_the_label),
    ("label-leak", DECEPTION, "roc_10 follows the next day's Low", deceptions.feature_is_tomorrows_low),
    ("label-leak", DECEPTION, "the score of", deceptions.score_is_the_label),
    ("look-ahead-feature", DECEPTION, "rsi_14 is not what the bars up to its day give", deceptions.feature_of_tomorrow),
    ("look-ahead-feature", DECEPTION, "natr_14 is not", deceptions.feature_of_tomorrow_on_one_day),
    ("look-ahead-feature", DECEPTION, "no feature secret", deceptions.unknown_feature),
    ("shuffled-time", DECEPTION, "not increasing", deceptions.shuffled_rows),
    ("shuffled-time", DECEPTION, "not in the order", deceptions.shuffled_roles),
    ("shuffled-time", DECEPTION, "labels of role train reach into role stop", deceptions.no_purged_days),
    ("shuffled-time", DECEPTION, "another role than params give", deceptions.scores_of_the_stop_role_judged),
    ("label-differs", DECEPTION, "values of label are not those of the bars", deceptions.label_of_today),
    ("label-differs", DECEPTION, "another label than the bars give", deceptions.easier_label_under_the_scores),
    ("duplicated-rows", DECEPTION, "100 rows repeat the features of another day", deceptions.features_twice),
    ("duplicated-rows", DECEPTION, "50 days are in the table twice", deceptions.days_twice),
    ("role-without-positives", DECEPTION, "role test has no days labelled 1", deceptions.no_positives_on_test),
    ("role-without-positives", DECEPTION, "role stop has only days labelled 1", deceptions.no_negatives_on_stop),
    ("scaler-on-all-data", DECEPTION, "all days, test among them", deceptions.scaler_of_all_days),
    ("early-stop-on-test", DECEPTION, "are those of days of the test role", deceptions.stop_rows_are_test_rows),
    ("early-stop-on-test", DECEPTION, "days of role stop are days of the test role", deceptions.stop_role_on_test_days),
    ("early-stop-on-test", DECEPTION, "epoch 1 has AUC 0.9900 on role stop", deceptions.epoch_that_stop_would_not_keep),
    ("early-stop-on-test", DECEPTION, "best epoch 1 of 8 run does not agree", deceptions.epoch_against_patience),
    ("too-few-buys", DECEPTION, "buys 4 times on test", claims.three_of_four_buys),
    ("too-few-buys", DECEPTION, "select.min_buys is 400", claims.fewer_buys_than_the_rule),
    ("calibration-gain", DECEPTION, "turns the order of days round", claims.calibration_turned_round),
    ("calibration-gain", DECEPTION, "fitted on role calibrate it has", claims.calibration_fitted_where_it_is_judged),
    ("calibration-gain", DECEPTION, "by log loss it is", claims.calibration_chosen_otherwise),
    ("threshold-chosen-on-test", DECEPTION, "is tested at 0.31", claims.threshold_better_on_test),
    ("threshold-chosen-on-test", DECEPTION, "has 0.310000, roles", claims.threshold_better_on_test_everywhere),
    ("headline-chosen-on-test", DECEPTION, "the headline on test is", claims.the_first_ships),
    ("headline-chosen-on-test", DECEPTION, "rank 1 is", claims.other_order_of_the_search),
    ("choice-altered", DECEPTION, "by the rule it is a20-boosting", claims.other_choice_everywhere),
    ("choice-altered", DECEPTION, "reason is said to be it looked best, the scores", claims.reason_of_the_choice),
    ("choice-altered", DECEPTION, "precision is said to be 0.987, the scores give", claims.precision_of_the_choice),
    ("choice-altered", DECEPTION, "name is said to be None", claims.loser_left_out_of_the_choice),
    ("single-configuration", WARNING, "candidate is the only configuration", claims.one_configuration),
    ("best-of-many", DECEPTION, "within luck", claims.best_of_many_without_skill),
    ("best-of-many", WARNING, "within luck", claims.best_of_many_beside_what_ships),
    ("best-of-many", DECEPTION, "one of 1, 3 that were searched are judged", claims.looks_not_told),
    ("volatility-in-disguise", WARNING, "is not better than a20-volatility", claims.no_better_than_volatility),
    ("volatility-in-disguise", WARNING, "direction is not shown", claims.falls_learned_alike),
    ("volatility-in-disguise", DECEPTION, "(-0.050 to", claims.called_direction_without_evidence),
    ("mirror-altered", DECEPTION, "auc_fall is said to be 0.51, its scores give", claims.falls_said_to_be_hidden),
    ("mirror-altered", DECEPTION, "excess is said to be 0.3, its scores give", claims.rises_said_to_be_ranked),
    ("mirror-altered", DECEPTION, "which is selected", claims.left_out_of_the_mirror),
    ("volatility-in-disguise", DECEPTION, "is called better in auc", claims.called_better_without_evidence),
    ("numbers-altered", DECEPTION, "was opened for what registered.yaml does not name", forgeries.not_registered),
    ("numbers-altered", CANNOT_JUDGE, "registered.yaml", forgeries.registration_edited),
    ("numbers-altered", DECEPTION, "said to be closed to this run", forgeries.opened_and_said_to_be_closed),
    ("numbers-altered", DECEPTION, "lead is said to be 0.2, its scores give 0", forgeries.lead_over_the_registered),
    ("test-reopened", WARNING, "these test days were looked at 2 times", claims.second_look),
    ("test-reopened", DECEPTION, "line 2, does not follow", claims.removed_look),
    ("test-reopened", DECEPTION, "line 1, was edited", claims.changed_look),
    ("test-reopened", DECEPTION, "none of 1 looks", claims.look_not_recorded),
    ("numbers-altered", DECEPTION, "precision is said to be 0.9", claims.precision_raised),
    ("numbers-altered", DECEPTION, "does not agree with its counts", claims.precision_on_test_raised),
    ("numbers-altered", DECEPTION, "headline.json", claims.headline_file_raised),
    ("numbers-altered", DECEPTION, "its scores give", forgeries.hits_added_on_test),
    ("numbers-altered", DECEPTION, "auc is said to be 0.1, its scores give", forgeries.worse_baseline_on_test),
    (
        "numbers-altered",
        DECEPTION,
        "the verdict is said to be cannot tell, its money",
        forgeries.verdict_of_what_ships_changed,
    ),
    ("numbers-altered", DECEPTION, "the verdict of train.json is not that of", forgeries.verdict_on_top_changed),
    ("numbers-altered", DECEPTION, "money: mean is said to be 0.01, its scores give", forgeries.more_earned),
    ("numbers-altered", DECEPTION, "money, mean_interval: low is said", forgeries.money_interval_moved_above_0),
    ("numbers-altered", DECEPTION, "money, ahead_interval: low is said", forgeries.money_interval_of_a_rival_moved),
    ("numbers-altered", DECEPTION, "money is said to be none, its buys say otherwise", forgeries.money_of_no_buy),
    ("numbers-altered", DECEPTION, "is not what look 1 saw", forgeries.auc_raised_on_test_and_in_the_scores),
    ("numbers-altered", WARNING, "is not what look 1 saw", forgeries.trained_on_another_machine),
    ("numbers-altered", DECEPTION, "not those that its fit gives", forgeries.baseline_spoiled_in_the_scores),
    ("numbers-altered", DECEPTION, "against volatility, precision: difference", forgeries.ahead_of_volatility_by_more),
    ("numbers-altered", DECEPTION, "against volatility, auc: low", forgeries.interval_moved_above_0),
    ("numbers-altered", DECEPTION, "a look that metrics/ledger.jsonl has not", forgeries.another_look),
    ("weights-altered", DECEPTION, "weights.safetensors has SHA-256 ", forgeries.noise_for_weights),
    ("weights-altered", DECEPTION, "of tier a20: number 4 is 'secret'", deceptions.unknown_feature_shipped),
    ("weights-altered", DECEPTION, "theta is float32 (2, ", claims.larger_as_shipped),
    ("weights-altered", DECEPTION, "of data/models/shipped is not that of", forgeries.another_model_in_its_place),
    ("weights-altered", DECEPTION, "model.json of data/models/shipped is not", forgeries.threshold_of_what_ships),
    ("weights-altered", DECEPTION, "holds another fit than data/baseline", forgeries.another_fit_of_a_baseline),
    ("weights-altered", DECEPTION, "ships other models", forgeries.models_not_shipped),
    ("snooping-altered", DECEPTION, "spa_pvalue is said to be 0.77", forgeries.superiority_forged),
    ("snooping-altered", DECEPTION, "luck: precision_low is said", forgeries.luck_forged),
    ("report-differs", DECEPTION, "metrics/report.md, line 3: the metrics give", forgeries.report_turned_round),
    ("report-differs", DECEPTION, "metrics/report.html, line ", forgeries.chart_made_better),
    ("report-differs", DECEPTION, "metrics/pages/selection.md, line ", forgeries.page_made_better),
    ("calibration-gain", DECEPTION, "its scores allow no such map", forgeries.calibrated_scores_made_constant),
    ("test-reopened", WARNING, "looks at these test days by experiments", forgeries.look_of_an_experiment),
    (
        "test-reopened",
        WARNING,
        "lacks: 1, by lucky-draw",
        forgeries.looks_of_an_experiment_torn,
    ),
    ("bare-precision", WARNING, "lacks n_eff", claims.count_left_out),
    ("stale-results", DECEPTION, "which params.yaml has not", claims.other_tier_in_params),
    ("stale-results", DECEPTION, "another label", claims.other_label_in_params),
    ("stale-results", DECEPTION, "other models than selected.json", claims.models_of_another_selection),
    ("cap-exceeded", DECEPTION, "the cap of 2M is 1,000", claims.cap_lowered),
    ("cap-exceeded", DECEPTION, "said to have 900 parameters", claims.smaller_on_paper),
    ("dvc-state", CANNOT_JUDGE, "dvc.lock is empty: `git checkout HEAD -- dvc.lock`", forgeries.lock_of_dvc_emptied),
]


def test_nobody_is_accused_in_a_clean_run_with_a_planted_signal(clean):
    verdicts = diagnose(Run(clean))
    assert [(v.name, v.level, v.text) for v in verdicts if v.level != OK] == []
    assert [v.name for v in verdicts] == [check.name for check in CATALOGUE]


@pytest.mark.parametrize(("name", "level", "words", "commit"), CASES, ids=[f"{c[0]}:{c[3].__name__}" for c in CASES])
def test_a_deception_is_caught_by_name(copy, name, level, words, commit):
    commit(copy)
    verdict = CHECKS[name](Run(copy))
    assert (verdict.name, verdict.level) == (name, level), verdict.text
    assert words in verdict.text


def test_a_look_that_the_ledger_has_is_not_told_of_again(copy):
    forgeries.experiment(copy, lambda root: None)
    assert CHECKS["test-reopened"](Run(copy)).level == OK


def test_every_check_of_the_catalogue_has_a_deception_that_it_catches():
    assert {case[0] for case in CASES} == set(CHECKS)
    assert len(CHECKS) == len(CATALOGUE) >= 15


def test_a_feature_whose_own_code_looks_ahead_is_caught_though_the_table_is_what_the_code_gives(copy, monkeypatch):
    honest = extra.table

    def centred(bars: pd.DataFrame, tier: str, own: Sequence[str] = ()) -> pd.DataFrame:
        table = honest(bars, tier, own)
        around = bars["close"].rolling(11, center=True, min_periods=1).mean()
        return table.assign(sma_distance_20=(bars["close"] / around - 1).reindex(table.index))

    monkeypatch.setattr(extra, "table", centred)
    deceptions.edit_table(
        copy,
        lambda table: table.assign(**{"sma_distance_20": centred(Run(copy).bars, deceptions.TIER)["sma_distance_20"]}),
    )
    verdict = CHECKS["look-ahead-feature"](Run(copy))
    assert verdict.level == DECEPTION and "sma_distance_20 is not what the bars up to its day give" in verdict.text
