"""Momentum: speed and exhaustion of moves."""

from functools import partial

from buysignal.features.feature import Feature, ta
from buysignal.features.rolling import lag

feature = partial(Feature, "momentum")
direct = partial(Feature.direct, "momentum")
scaled = partial(Feature.scaled, "momentum")
HLC = ("high", "low", "close")


def _rsi(days: int) -> Feature:
    formula = "relative strength index (Wilder 1978), 0 to 100; 0 before the price first moves"
    return direct(f"rsi_{days}", ta("RSI", "close", days), formula)


def _roc(days: int) -> Feature:
    return direct(f"roc_{days}", ta("ROC", "close", days), f"change of close in {days} days, in percent")


def _stochastic(name: str, output: int, formula: str) -> Feature:
    return direct(name, ta("STOCH", *HLC, 14, 3, 0, 3, 0, output=output), f"{formula}; 0 on flat bars")


def _williams(days: int) -> Feature:
    formula = "close below the highest high, in percent of the range, -100 to 0; 0 on flat bars"
    return direct(f"williams_r_{days}", ta("WILLR", *HLC, days), formula)


def _cci(days: int) -> Feature:
    formula = "typical price less its mean, over 0.015 mean absolute deviations (Lambert 1980); 0 on flat bars"
    return direct(f"cci_{days}", ta("CCI", *HLC, days), formula)


def _acceleration(days: int) -> Feature:
    roc = ta("ROC", "close", days)
    formula = f"change in {days} days less that of the {days} days before, in percent"
    return feature(f"acceleration_{days}", 2 * days, str(roc), formula, lambda x: roc(x) - lag(roc(x), days))


FEATURES = (
    *map(_rsi, (2, 7, 14, 21)),
    *map(_roc, (10, 21, 63, 126, 252)),
    _acceleration(10),
    _acceleration(21),
    _stochastic("stochastic_k", 0, "mean over 3 days of the close's place in the 14-day range, 0 to 100"),
    _stochastic("stochastic_d", 1, "mean over 3 days of stochastic_k"),
    direct("stochastic_fast_5", ta("STOCHF", *HLC, 5, 3, 0), "close's place in the 5-day range; 0 on flat bars"),
    direct("stochastic_rsi_14", ta("STOCHRSI", "close", 14, 14, 3, 0), "RSI 14's place in its 14-day range"),
    direct("kdj_j", ta("KDJ", *HLC, 9, 3, 13, 3, 13, output=2), "3 K less 2 D of the stochastic 9, 3, 3"),
    *map(_williams, (14, 28)),
    *map(_cci, (10, 20, 50)),
    direct("chande_14", ta("CMOU", "close", 14), "rises less falls over their sum (Chande 1994); 0 on flat closes"),
    direct("ultimate_oscillator", ta("ULTOSC", *HLC, 7, 14, 28), "buying pressure over true range (Williams 1985)"),
    direct("balance_of_power", ta("BOP", "open", *HLC), "close less open over high less low; 0 on a flat bar"),
    *(
        direct(f"trix_{days}", ta("TRIX", "close", days), "daily change of a triple EMA, in percent (Hutson 1983)")
        for days in (15, 30)
    ),
    direct("tsi_25_13", ta("TSI", "close", 25, 13), "doubly smoothed change over absolute change (Blau 1991)"),
    direct("coppock", ta("COPPOCK", "close", 10, 11, 14), "weighted average of ROC 11 plus ROC 14 (Coppock 1962)"),
    scaled("awesome_oscillator", ta("AO", "high", "low", 5, 34), "mid price averages 5 less 34 (Williams 1998)"),
    scaled("accelerator", ta("AC", "high", "low", 5, 34, 5), "awesome oscillator less its 5-day mean (Williams 1998)"),
    scaled("bull_power_13", ta("ERI", *HLC, 13), "high less EMA 13 (Elder 1993)"),
    scaled("bear_power_13", ta("ERI", *HLC, 13, output=1), "low less EMA 13 (Elder 1993)"),
    scaled("detrended_price_20", ta("DPO", "close", 20), "close 11 days ago less today's 20-day average"),
)
