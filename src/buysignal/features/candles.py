"""Candles: patterns of TA-Lib that fire on at least 20 of 5,031 days of both embedded indices."""

from buysignal.features.feature import Feature, ta


def _pattern(name: str, function: str, what: str) -> Feature:
    call = ta(function, "open", "high", "low", "close")
    formula = f"{what}; 1 bullish, -1 bearish, 0 none"
    return Feature("candles", f"candle_{name}", call.warmup, str(call), formula, lambda x: call(x) / 100)


FEATURES = (
    _pattern("doji", "CDLDOJI", "open and close nearly equal (fires as 1)"),
    _pattern("doji_star", "CDLDOJISTAR", "doji that gaps away from a long candle"),
    _pattern("dragonfly_doji", "CDLDRAGONFLYDOJI", "doji at the top of its range (fires as 1)"),
    _pattern("gravestone_doji", "CDLGRAVESTONEDOJI", "doji at the bottom of its range (fires as 1)"),
    _pattern("rickshaw_man", "CDLRICKSHAWMAN", "doji in the middle of a wide range (fires as 1)"),
    _pattern("spinning_top", "CDLSPINNINGTOP", "short body, longer shadows; the sign is the body's"),
    _pattern("high_wave", "CDLHIGHWAVE", "short body, very long shadows; the sign is the body's"),
    _pattern("long_line", "CDLLONGLINE", "long body, short shadows; the sign is the body's"),
    _pattern("short_line", "CDLSHORTLINE", "short body, short shadows; the sign is the body's"),
    _pattern("marubozu", "CDLMARUBOZU", "long body without shadows; the sign is the body's"),
    _pattern("closing_marubozu", "CDLCLOSINGMARUBOZU", "long body without shadow at the close"),
    _pattern("belt_hold", "CDLBELTHOLD", "long body without shadow at the open"),
    _pattern("hammer", "CDLHAMMER", "small body, long lower shadow, near the last low"),
    _pattern("hanging_man", "CDLHANGINGMAN", "small body, long lower shadow, near the last high"),
    _pattern("shooting_star", "CDLSHOOTINGSTAR", "small body, long upper shadow, gapping up"),
    _pattern("engulfing", "CDLENGULFING", "body covers the opposite body before it; 0.8 where an end coincides"),
    _pattern("harami", "CDLHARAMI", "body inside the long body before it; 0.8 where an end coincides"),
    _pattern("harami_cross", "CDLHARAMICROSS", "doji inside the long body before it; 0.8 where an end coincides"),
    _pattern("homing_pigeon", "CDLHOMINGPIGEON", "falling body inside a long falling body"),
    _pattern("matching_low", "CDLMATCHINGLOW", "two falling candles with the same close"),
    _pattern("separating_lines", "CDLSEPARATINGLINES", "two opposite candles with the same open"),
    _pattern("hikkake", "CDLHIKKAKE", "inside bar that breaks out falsely; 2 or -2 when it is confirmed"),
    _pattern("three_inside", "CDL3INSIDE", "harami confirmed by the next close"),
    _pattern("three_outside", "CDL3OUTSIDE", "engulfing confirmed by the next close"),
    _pattern("morning_star", "CDLMORNINGSTAR", "long fall, small body below it, rise into the fall"),
    _pattern("evening_star", "CDLEVENINGSTAR", "long rise, small body above it, fall into the rise"),
    _pattern("stalled", "CDLSTALLEDPATTERN", "two long rises, then a small body near the second close"),
    _pattern("advance_block", "CDLADVANCEBLOCK", "three rises that weaken"),
    _pattern("tasuki_gap", "CDLTASUKIGAP", "gap, and a candle that does not close it"),
    _pattern("gap_three_methods", "CDLXSIDEGAP3METHODS", "gap, and a candle that closes it"),
)
