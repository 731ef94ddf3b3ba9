"""What the columns of bars are called, in the words of many sources and languages."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

STRONG = {
    "date": "date tradedate tradingdate exchangedate businessdate pricedate quotedate day datum fecha data dia "
    "jour datadopregao dato tarih дата 日期 交易日期 日付 日付け 年月日 날짜 일자",
    "open": "open pxopen openprice openingprice opening eroffnung eroffnungskurs eroffn eroeffnung erster anfang "
    "anfangskurs ouverture ouv apertura abertura openen openingskoers otwarcie kursotwarcia oppning oppningskurs oppen "
    "acilis открытие откр 开盘 开盘价 開盤 開盤價 今开 始値 시가",
    "high": "high pxhigh highprice dayhigh hoch tageshoch hochst hochstkurs hoechst haut plushaut maximo massimo "
    "maxima alto hoogste hoog najwyzszy max kursmax hogsta hogst hogstakurs yuksek максимум макс 最高 最高价 最高價 高 "
    "高値 고가",
    "low": "low pxlow lowprice daylow tief tagestief tiefst tiefstkurs bas plusbas minimo minima bajo basso "
    "baixo laagste laag najnizszy min kursmin lagsta lagst lagstakurs dusuk минимум мин 最低 最低价 "
    "最低價 低 安値 저가",
    "close": "close closeclosepriceadjustedforsplits closeprice closingprice closing closelast schluss schlusskurs "
    "cloture clot cierre chiusura fechamento slot slotkoers zamkniecie kurszamkniecia stangning stangningskurs "
    "slutkurs kapanis закрытие закр 收盘 收盘价 收盤 收盤價 終値 종가",
    "volume": "volume vol pxvolume noofshares tradedvolume totaltradequantity totaltradedquantity numberofshares "
    "stuck stucke stueck stuecke shares volym wolumen wolumenobrotu wol hacim объем totalvolume 成交量 成交股數 "
    "成交股数 交易量 出来高 売買高 거래량",
    "adj_close": "adjclose adjustedclose adjcloseprice closeadj adjustedclosingprice bereinigterschlusskurs "
    "clotureajustee cierreajustado cierreaj chiusurarettificata fechamentoajustado aangepasteslotkoers "
    "скорректированнаяценазакрытия 复权收盘价 調整後終値 수정종가",
    "symbol": "symbol ticker tscode stockcode tic ric isin instrument 股票代码 代码 証券コード コード 종목코드",
    "split": "stocksplits splitratio splitfactor splitcoefficient splits",
    "dividend": "dividends dividend exdividend divcash dividendamount",
}
WEAK = {  # read only where no strong name is there
    "date": "time timestamp datetime opentime gmttime localtime unix unixtime epoch windowstart timeopen "
    "snappedat t ts zeit heure hora 时间 時間",
    "open": "o first primo premier",
    "high": "h",
    "low": "l",
    "close": "c price last latest pxlast lastprice ltp settle settlementprice zuletzt letzter kurs dernier ultimo "
    "ultima laatste ostatnio senaste senast prix precio prezzo preco koers cena цена 价格 現値",
    "volume": "v volumen tickvol tickvolume volumefrom quantity qty umsatz volumi volumes omzet tradingvolume",
    "adj_close": "adjusted",
    "symbol": "name code security asset secid",
}
LETTERS = re.compile(r"[^\w%]|_")
OF = re.compile(
    r"[A-Z0-9^.]+\.(?=(Open|High|Low|Close|Volume|Adjusted)$)"
)  # a symbol before the name, as quantmod does
MONEY = "usd|eur|gbp|chf|jpy|cad|aud|sek|nok|dkk|pln|inr|cny|hkd|brl|krw|zar"
IN = re.compile(rf"(?:(?<=open)|(?<=high)|(?<=low)|(?<=close)) (?:{MONEY})$")
UNACCENTED = str.maketrans("ıłø", "ilo")  # letters that no accent makes


@lru_cache(4096)
def plain(header: str) -> str:
    """A header without case, accents, spaces, signs, numbering and units.

    >>> plain(" Adj. Close"), plain("<TICKVOL>"), plain("2. high"), plain("Eröffnung"), plain("売買高(株)")
    ('adjclose', 'tickvol', 'high', 'eroffnung', '売買高')
    """
    text = header[:200].strip()
    text = (OF.sub("", text) if "." in text else text).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold().translate(UNACCENTED).strip()
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = re.sub(r"^\d+[a-z]?\.\s+|\([^)]*\)", "", text)
    text = unicodedata.normalize("NFC", IN.sub("", text) if " " in text else text)
    return LETTERS.sub("", text)


def _by_name(words: Mapping[str, str]) -> dict[str, str]:
    return {plain(word): role for role, names in words.items() for word in names.split()}


NAMES = (_by_name(STRONG), _by_name(WEAK))


def role(header: str) -> str | None:
    """What a header means, or None.

    >>> role("Zuletzt"), role("Vol."), role("Change %")
    ('close', 'volume', None)
    """
    return next((names[plain(header)] for names in NAMES if plain(header) in names), None)


def known(names: Sequence[str]) -> int:
    """How many different roles of prices and days a row of cells names."""
    return len({role(name) for name in names} - {None, "symbol", "split", "dividend"})


def known_in(text: str) -> int:
    """The most in a line of a text, whatever separates its cells."""
    return max((known(re.split(r"[,;\t|]", line.replace('"', ""))) for line in text.splitlines()[:20]), default=0)


def assigned(names: Sequence[str], settled: Mapping[str, str]) -> dict[str, list[int]]:
    """Positions of each role: of those that a form settles by name, else of the strong names, else of the weak."""
    found: dict[str, list[int]] = {}
    for wanted, name in settled.items():
        found[wanted] = [at for at, text in enumerate(names) if re.fullmatch(name, text.strip(), re.I)][:1]
    for meaning in NAMES:
        layer: dict[str, list[int]] = {}
        for at, text in enumerate(names):
            if (wanted := meaning.get(plain(text))) is not None:
                layer.setdefault(wanted, []).append(at)
        found = layer | {wanted: places for wanted, places in found.items() if places}
    return found
