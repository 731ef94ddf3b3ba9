"""The forms that are known by name, tried in this order; the general ones last.

A new form is one declaration here and one sample in tests/bars/forms/samples.py. Its columns need no word if their
names are in `buysignal.bars.forms.columns`; most forms are here only so that a person is told what was recognised.
"""

from buysignal.bars.forms.form import Form

OHLC = ("open", "high", "low", "close")
DAY = (  # a first cell that is a day
    r"\d{4}[-/.]?\d\d?[-/.]?\d\d?|\d\d?[-/.]\d\d?[-/.](\d{4}|\d\d)(?!\d)"
    r"|\d\d?[-/. ]*[^\W\d]{3,9}[-/. ]*(\d{4}|\d\d)(?!\d)"
)
PRICE = r"\d[\d.,]*"

FORMS = (
    Form("yfinance", r"^(Price|Ticker|Attributes|Date)?,", levels=True),
    Form("yfinance", r"^(Date|Datetime)?,Open,High,Low,Close,(Adj Close,)?Volume,Dividends,Stock Splits"),
    Form("Alpha Vantage", r"^(date|timestamp|),1\. open,2\. high,3\. low,4\. close"),
    Form("Alpha Vantage", r"^timestamp,open,high,low,close,adjusted_close,volume"),
    Form(
        "Investing.com",
        r"^\w+,(Price|Zuletzt|Dernier|[ÚU]ltimo|Laatste|Ostatnio|Senaste|終値|收盘|Цена),"
        r"(Open|Er(ö|oe)ffn\.|Ouv\.|Apertura|Abertura|Otwarcie|Öppen|始値|开盘|Откр\.),",
    ),
    Form("Nasdaq.com", r"^Date,Close/Last,Volume,Open,High,Low$", dates="month-first", decimal="point"),
    Form("TradingView", r"^time,open,high,low,close\b", decimal="point"),
    Form("MetaTrader", r"^<DATE>,(<TIME>,)?<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>", decimal="point"),
    Form("Stooq", r"^<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>", decimal="point"),
    Form("Stooq", r"^Data,Otwarcie,Najwy[zż]szy,Najni[zż]szy,Zamkni[eę]cie"),
    Form("NSE", r"^Date,series,OPEN,HIGH,LOW,PREV\. CLOSE,ltp,close", decimal="point"),
    Form("tushare", r"^ts_code,trade_date,open,high,low,close"),
    Form("Quandl WIKI", r"Ex-Dividend,Split Ratio,Adj\. Open,Adj\. High,Adj\. Low,Adj\. Close,Adj\. Volume$"),
    Form("Polygon", r"^ticker,volume,open,close,high,low,window_start", decimal="point"),
    Form("Tiingo", r"close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor$"),
    Form("EOD Historical Data", r"^Date,Open,High,Low,Close,Adjusted_close,Volume$"),
    Form("Sharadar", r"^ticker,date,open,high,low,close,volume,closeadj,closeunadj"),
    Form(
        "CryptoDataDownload",
        r"^(unix|date|timestamp),(date,)?symbol,open,high,low,close,volume",
        columns={"date": "date", "volume": r"volume [A-Z0-9]+"},  # the first volume is of the coin, not of the money
    ),
    Form("Dukascopy", r"^(Gmt|Local) time,Open,High,Low,Close", dates="day-first", decimal="point"),
    Form(
        "CoinMarketCap",
        r"^timeOpen,timeClose,timeHigh,timeLow,name,open,high,low,close",
        columns={"date": "timeOpen", "symbol": "name"},
        decimal="point",
    ),
    Form("Ariva", r"^Datum,Erster,Hoch,Tief,Schlusskurs,St(ue|ü)cke,Volumen$", dates="day-first", decimal="comma"),
    Form("Euronext", r"^Date,Open,High,Low,Last,Close,Number of Shares", dates="day-first"),
    Form("AkShare", r"^日期,(股票代码,)?开盘,收盘,最高,最低,成交量"),
    Form("Yahoo Japan", r"^日付,始値,高値,安値,終値"),
    Form("Refinitiv", r"^Exchange Date,Close,Net,%Chg,Open,Low,High,Volume", columns={"close": "Close"}),
    Form("Barchart", r"^(Symbol,)?(Time|Date Time),Open,High,Low,(Last|Latest),Change,%Ch(an)?ge?,Volume"),
    Form("Bloomberg", r"^Date,.*\bPX_LAST\b"),
    Form("Yahoo", r"^Date,Open,High,Low,Close,Adj Close,Volume$"),
    Form(
        "Binance",
        rf"^\d{{13,16}},({PRICE},){{5}}\d{{13,16}},",
        positions=("date", *OHLC, "volume", *[""] * 6),
        decimal="point",
    ),
    Form("Kraken", rf"^\d{{10}},({PRICE},){{5}}\d+$", positions=("date", *OHLC, "volume", ""), decimal="point"),
    Form("HistData", r"^\d{8} \d{6},", positions=("date", *OHLC, "volume"), decimal="point"),
    Form("MetaTrader", r"^\d{4}\.\d\d\.\d\d,\d\d:\d\d,", positions=("date", "time", *OHLC, "volume"), decimal="point"),
    Form("plain headerless", rf"^({DAY}|\d{{9,19}})[^,]*,", positions=("date", *OHLC, "volume")),
    Form("plain headerless", rf"^({DAY}|\d{{9,19}})[^,]*,", positions=("date", *OHLC)),
    Form("plain", ""),
)
"""Tried from the first on."""
