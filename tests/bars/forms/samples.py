"""One sample of every form, made from the same 300 days: header and rows in the source's own words and figures."""

from __future__ import annotations

from tests.bars.forms.written import Sample, berlin_in_utc, rows, yfinance

OHLCV = "{o},{h},{l},{c},{v}"
ISO = "{d:%Y-%m-%d}," + OHLCV
EUROPE = "{d:%d.%m.%Y};{o};{h};{l};{c};{v}"
NASDAQ = "{d:%m/%d/%Y},${c},{v},${o},${h},${l}"
INVESTING = '"{d:%m/%d/%Y}","{c}","{o}","{h}","{l}","{m}","0.10%"'

SAMPLES: dict[str, Sample] = {
    "plain, as Stooq has it": Sample("plain", "Date,Open,High,Low,Close,Volume\n" + rows(ISO)),
    "yfinance, three header lines": Sample("yfinance", yfinance(("ABC",)), ("symbol ABC",), symbol="ABC"),
    "yfinance, symbols on top": Sample("yfinance", yfinance(("^GSPC",), True), ("symbol ^GSPC",), symbol="^GSPC"),
    "yfinance, Ticker.history": Sample(
        "yfinance",
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n"
        + rows("{d:%Y-%m-%d} 00:00:00-05:00," + OHLCV + ",0.0,0.0"),
    ),
    "pandas, index without a name": Sample("plain", ",Open,High,Low,Close,Volume\n" + rows(ISO)),
    "pandas, row number": Sample("plain", ",Date,Open,High,Low,Close,Volume\n" + rows("{n}," + ISO)),
    "Yahoo": Sample(
        "Yahoo",
        "Date,Open,High,Low,Close,Adj Close,Volume\n" + rows("{d:%Y-%m-%d},{o},{h},{l},{c},{c},{v}"),
        adjusted=True,
    ),
    "Stooq, Polish": Sample("Stooq", "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n" + rows(ISO)),
    # Stooq's archives: <TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
    "Stooq, archive": Sample(
        "Stooq",
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        + rows("AAA.US,D,{d:%Y%m%d},000000," + OHLCV + ",0"),
        symbol="AAA.US",
    ),
    "Investing.com": Sample(
        "Investing.com",
        '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n' + rows(INVESTING, True),
        ("month/day/year", "volume in M", "newest first"),
        rough=0.01,
    ),
    "Investing.com, old dates": Sample(
        "Investing.com",
        "Date,Price,Open,High,Low,Vol.,Change %\n" + rows('"{d:%b %d, %Y}",{c},{o},{h},{l},{m},0.10%', True),
        ("months by name",),
        rough=0.01,
    ),
    "Investing.com, German": Sample(
        "Investing.com",
        '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"\n'
        + rows('"{d:%d.%m.%Y}","{c}","{o}","{h}","{l}","{v}","0,10%"', True, comma=True),
        ("day/month/year", "decimal comma"),
    ),
    "Nasdaq.com": Sample(
        "Nasdaq.com", "Date,Close/Last,Volume,Open,High,Low\n" + rows(NASDAQ, True), ("month/day/year", "prices in $")
    ),
    "TradingView": Sample(
        "TradingView",
        "time,open,high,low,close,Volume\n" + rows("{u}," + OHLCV, hours=14, minutes=30),
        ("unix seconds",),
    ),
    "MetaTrader": Sample(
        "MetaTrader",
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
        + rows("{d:%Y.%m.%d}\t{o}\t{h}\t{l}\t{c}\t{v}\t0\t2"),
        ("volume from <TICKVOL>, as <VOL> is 0",),
    ),
    "MetaTrader 4, no header": Sample("MetaTrader", rows("{d:%Y.%m.%d},00:00," + OHLCV)),
    "Binance, milliseconds": Sample(
        "Binance", rows("{u}000," + OHLCV + ",1609804799999,1.0,100,1.0,1.0,0"), ("unix milliseconds",)
    ),
    "Binance, microseconds": Sample(
        "Binance", rows("{u}000000," + OHLCV + ",1609804799999999,1.0,100,1.0,1.0,0"), ("unix microseconds",)
    ),
    "milliseconds with a header": Sample("plain", "timestamp,open,high,low,close,volume\n" + rows("{u}000," + OHLCV)),
    "Alpha Vantage": Sample(
        "Alpha Vantage",
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n"
        + rows("{d:%Y-%m-%d},{o},{h},{l},{c},{c},{v},0.0000,1.0", True),
        adjusted=True,
    ),
    "Alpha Vantage, numbered": Sample(
        "Alpha Vantage", "date,1. open,2. high,3. low,4. close,5. volume\n" + rows(ISO, True)
    ),
    "Kaggle, day first": Sample(
        "plain",
        "date,open,high,low,close,volume,Name\n" + rows("{d:%d-%m-%Y}," + OHLCV + ",AAL"),
        ("day/month/year",),
        symbol="AAL",
    ),
    "NSE": Sample(
        "NSE",
        '"Date ","series ","OPEN ","HIGH ","LOW ","PREV. CLOSE ","ltp ","close ","vwap ","52W H ","52W L ","VOLUME "\n'
        + rows('"{d:%d-%b-%Y}","EQ","{o}","{h}","{l}","1","{c}","{c}","1","1","1","{v:,}"', True),
        ("thousands ','",),
    ),
    "tushare": Sample(
        "tushare",
        "ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount\n"
        + rows("000001.SZ,{d:%Y%m%d},{o},{h},{l},{c},1,0.0,0.0,{v},1.0", True),
        symbol="000001.SZ",
    ),
    "Quandl WIKI": Sample(
        "Quandl WIKI",
        "Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. High,Adj. Low,Adj. Close,Adj. Volume\n"
        + rows(ISO + ",0.0,1.0,1,1,1,{c},1"),
        adjusted=True,
    ),
    "Excel, German": Sample(
        "plain",
        "Datum;Erster;Hoch;Tief;Schlusskurs;Volumen\n" + rows(EUROPE, comma=True),
        ("day/month/year", "decimal comma"),
    ),
    "Excel, its own first line": Sample(
        "plain", "sep=;\nDate;Open;High;Low;Close;Volume\n" + rows("{d:%Y-%m-%d};{o};{h};{l};{c};{v}")
    ),
    "headerless": Sample("plain headerless", rows("{d:%Y%m%d}," + OHLCV)),
    "yyyymmdd": Sample("plain", "date,open,high,low,close,volume\n" + rows("{d:%Y%m%d}," + OHLCV)),
    "midnight of Berlin in UTC": Sample(
        "plain",
        "Date,Open,High,Low,Close,Volume\n" + berlin_in_utc("MOMENT," + OHLCV),
        ("22:00 or 23:00 is midnight at the exchange: the day after is meant",),
    ),
    # --- ten more
    # Polygon's flat files, day_aggs_v1: ticker,volume,open,close,high,low,window_start,transactions; midnight in ns
    "Polygon": Sample(
        "Polygon",
        "ticker,volume,open,close,high,low,window_start,transactions\n"
        + rows("ABC,{v},{o},{c},{h},{l},{u}000000000,57", hours=5),
        ("unix nanoseconds",),
        symbol="ABC",
    ),
    # Tiingo: date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor
    "Tiingo": Sample(
        "Tiingo",
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor\n"
        + rows("{d:%Y-%m-%d}T00:00:00.000Z,{c},{h},{l},{o},{v},{c},1,1,1,1,0.0,1.0"),
        adjusted=True,
    ),
    # EOD Historical Data's api/eod: Date,Open,High,Low,Close,Adjusted_close,Volume
    "EOD Historical Data": Sample(
        "EOD Historical Data",
        "Date,Open,High,Low,Close,Adjusted_close,Volume\n" + rows("{d:%Y-%m-%d},{o},{h},{l},{c},{c},{v}"),
        adjusted=True,
    ),
    # Sharadar's SEP: ticker,date,open,high,low,close,volume,closeadj,closeunadj,lastupdated
    "Sharadar": Sample(
        "Sharadar",
        "ticker,date,open,high,low,close,volume,closeadj,closeunadj,lastupdated\n"
        + rows("ABC," + ISO + ",{c},{c},2022-03-01", True),
        adjusted=True,
        symbol="ABC",
    ),
    # CryptoDataDownload: a line with its address, then unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT
    "CryptoDataDownload": Sample(
        "CryptoDataDownload",
        "https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount\n"
        + rows("{u}000,{d:%Y-%m-%d} 00:00:00,BTC/USDT," + OHLCV + ",9.9,3", True),
        ("1 line above the header not read",),
        symbol="BTC/USDT",
    ),
    # Dukascopy's historical data export: Gmt time,Open,High,Low,Close,Volume with 04.01.2021 00:00:00.000
    "Dukascopy": Sample(
        "Dukascopy",
        "Gmt time,Open,High,Low,Close,Volume\n" + rows("{d:%d.%m.%Y} 00:00:00.000," + OHLCV),
        ("day/month/year",),
    ),
    # CoinMarketCap: timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp
    "CoinMarketCap": Sample(
        "CoinMarketCap",
        "timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp\n"
        + rows(
            '"{d:%Y-%m-%d}T00:00:00.000Z";"x";"x";"x";"2781";{o};{h};{l};{c};{v};1;"{d:%Y-%m-%d}T23:59:59.999Z"', True
        ),
        symbol="2781",
    ),
    # Ariva: Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen, where Volumen is money
    "Ariva": Sample(
        "Ariva",
        "Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen\n"
        + rows("{d:%d.%m.%y};{o};{h};{l};{c};{v};9.999", True, comma=True),
        ("day/month/year", "decimal comma"),
    ),
    # Euronext's historical data: three lines of title, then Date;Open;High;Low;Last;Close;"Number of Shares";...
    "Euronext": Sample(
        "Euronext",
        '"Historical Data"\n"From 2021-01-04 to 2022-02-25"\nNL0000000000\n'
        'Date;Open;High;Low;Last;Close;"Number of Shares";"Number of Trades";Turnover;vwap\n'
        + rows("{d:%d/%m/%Y};{o};{h};{l};{c};{c};{v};1;1;1", True),
        ("3 lines above the header not read", "day/month/year"),
    ),
    # AkShare's stock_zh_a_hist: 日期,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率
    "AkShare": Sample(
        "AkShare",
        "日期,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率\n"
        + rows("{d:%Y-%m-%d},{o},{c},{h},{l},{v},1,1,1,1,1"),
    ),
    # Yahoo Japan: 日付,始値,高値,安値,終値,出来高,調整後終値 with 2021年1月4日
    "Yahoo Japan": Sample(
        "Yahoo Japan",
        "日付,始値,高値,安値,終値,出来高,調整後終値\n"
        + rows("{d.year}年{d.month}月{d.day}日,{o},{h},{l},{c},{v},{c}", True),
        adjusted=True,
    ),
    # Refinitiv: lines of title, then Exchange Date,Close,Net,%Chg,Open,Low,High,Volume,Turnover - USD,Flow
    "Refinitiv": Sample(
        "Refinitiv",
        "ABC.N\nInterval,Daily\nExchange Date,Close,Net,%Chg,Open,Low,High,Volume,Turnover - USD,Flow,,\n"
        + rows("{d:%d-%b-%Y},{c},1,0.1%,{o},{l},{h},{v},1,1,,", True),
        ("2 lines above the header not read",),
    ),
    # Barchart's historical data: Time,Open,High,Low,Latest,Change,%Change,Volume, and a last line about itself
    "Barchart": Sample(
        "Barchart",
        "Time,Open,High,Low,Latest,Change,%Change,Volume\n"
        + rows("{d:%m/%d/%Y},{o},{h},{l},{c},0.1,0.1%,{v}", True)
        + '"Downloaded from Barchart.com as of 02-25-2022 05:11pm CST"\n',
        ("month/day/year", "1 line below the bars not read"),
    ),
    # Bloomberg's fields: PX_OPEN, PX_HIGH, PX_LOW, PX_LAST, PX_VOLUME
    "Bloomberg": Sample(
        "Bloomberg", "Date,PX_LAST,PX_OPEN,PX_HIGH,PX_LOW,PX_VOLUME\n" + rows("{d:%Y-%m-%d},{c},{o},{h},{l},{v}")
    ),
    # Kraken's OHLCVT archive has no header: unix seconds, open, high, low, close, volume, trades
    "Kraken": Sample("Kraken", rows("{u}," + OHLCV + ",57"), ("unix seconds",)),
    # HistData.com has no header: 20210104 000000;o;h;l;c;v
    "HistData": Sample("HistData", rows("{d:%Y%m%d} 000000;{o};{h};{l};{c};{v}"), ("separated by ';'",)),
}
"""Name -> what is read as `BARS`."""
