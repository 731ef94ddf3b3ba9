"""The days of bars: how a file writes them is decided from all of them, once, and never guessed."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from buysignal.bars.forms.cells import Cells, Days, quoted
from buysignal.bars.forms.columns import role
from buysignal.bars.forms.moments import Moments, days_of
from buysignal.core.errors import UserError

YEAR, DAY, MONTH = "year-first", "day-first", "month-first"
ORDERS = {YEAR: (0, 1, 2), DAY: (2, 1, 0), MONTH: (2, 0, 1)}  # where year, month and day stand
WORDS = {YEAR: "year/month/day", DAY: "day/month/year", MONTH: "month/day/year"}
EPOCHS = {"s": (9, 10), "ms": (12, 13), "us": (15, 16), "ns": (18, 19)}  # digits, from 1973 to 2286
UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
OUT_OF_ORDER = 0.05  # of the steps: more are no slips
LEAST = 2  # dates that only one order can read: a single one may be a slip of the pen
SERIAL = (15_000, 60_000)  # days since 1900 as spreadsheets count them: 1941 to 2064
NOT_SO = "write it as 2018-12-31"
THAI, TAIWAN = (543, 2400), 1911  # years that a calendar is ahead, and behind; from which year on it is that one

MONTHS = {
    name: at
    for at, names in enumerate(
        (
            "jan januar january janvier janv enero gennaio janeiro januari ene gen styczen sty янв январь января",
            "feb februar february fevrier fevr fev febrero febbraio fevereiro februari luty lut "
            "фев февр февраль февраля",
            "mar marz maerz mrz march mars marzo marco maart mrt marzec мар март марта",
            "apr april avril avr abril aprile abr kwiecien kwi апр апрель апреля",
            "may mai mayo maggio maio mei mag maj маи мая",
            "jun juni june juin junio giugno junho giu czerwiec cze июн июнь июня",
            "jul juli july juillet juil julio luglio julho lug lipiec lip июл июль июля",
            "aug august aout agosto augustus ago augusti sierpien sie авг август августа",
            "sep sept september septembre septiembre settembre setembro set wrzesien wrz сен сент сентябрь сентября",
            "oct okt oktober october octobre octubre ottobre outubro out ott pazdziernik paz окт октябрь октября",
            "nov november novembre noviembre novembro listopad lis ноя нояб ноябрь ноября",
            "dec dez dezember december decembre diciembre dicembre dezembro dic grudzien gru дек декабрь декабря",
        ),
        1,
    )
    for name in names.split()
}
TIME = (
    r"(?:[T ,]\s*(?:klo )?(?P<h>\d{1,2}):(?P<mi>\d\d)(?::(?P<s>\d\d)(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"|[ T](?P<hms>\d{4}(?:\d\d)?))?"
    r"\s*(?P<zone>Z|(?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?|[A-Z]{3,4})?(?:\[[\w/+-]+\])?"
)
NUMERIC = re.compile(r"(?P<a>\d{1,4})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{1,4})\.?" + TIME)
COMPACT = re.compile(r"(?P<a>\d{4})(?P<b>\d\d)(?P<c>\d\d)(?:\.0+)?" + TIME)
NAMED = re.compile(
    r"(?:[^\W\d]+,\s+)?(?:(?P<m1>[^\W\d]+)\.?[-/ ]+(?P<d1>\d{1,2})|(?P<d2>\d{1,2})\.?[-/ ]*(?:de )?(?P<m2>[^\W\d]+)\.?)"
    r"[-/, ]*(?:de )?(?P<y>\d{4}|\d\d)(?: г\.?)?" + TIME
)
CJK = re.compile(r"(\d{2,4})[年년]\s?(\d{1,2})[月월]\s?(\d{1,2})[日일]")


def days(cells: Cells) -> Days:
    """Read the days of bars.

    Raises
    ------
    UserError
        If a text is no day (its line is named), or all can be read in more than one way; the message names what
        settles it.
    """
    fast = _iso(cells.texts)
    if fast is not None:
        if cells.wanted.dates not in ("auto", YEAR):
            raise cells.refuse(0, f"which is year-first: {cells.wanted.key('dates', 'auto')}")
        _require_meant(cells, fast)
        return Days(fast, None, ())
    texts = [CJK.sub(r"\1-\2-\3", text).strip() for text in cells.texts]
    if texts and all(re.fullmatch(r"\d+(\.\d+)?", text) for text in texts) and len(texts[0].split(".")[0]) > 8:
        return days_of(_epochs(cells, texts), cells, ())
    fields, kinds, times = _split(cells, texts)
    order, said = _order(cells, fields, kinds)
    found = _dates(fields, kinds, order)
    wrong = np.flatnonzero(np.isnat(found))
    if len(wrong):
        raise cells.refuse(int(wrong[0]), _why(cells, kinds[int(wrong[0])], order))
    _require_meant(cells, found)
    if not any(times):
        return Days(found, None, said)
    return days_of(_timed(cells, found, times), cells, said)


def _require_meant(cells: Cells, found: np.ndarray) -> None:
    """Refuse days of another calendar, and those of which a spreadsheet has exchanged day and month of a part."""
    years, months = found.astype("datetime64[Y]"), found.astype("datetime64[M]")
    year = int(np.median(years.astype(int))) + 1970
    if year > THAI[1]:
        raise cells.refuse(0, f"the year {year} is {year - THAI[0]} in the calendar of most: write that one")
    against = _against(found)
    if against <= max(LEAST, OUT_OF_ORDER * len(found)):
        return
    month, day = (
        (months - years.astype("datetime64[M]")).astype(int),
        (found - months.astype("datetime64[D]")).astype(int),
    )
    other = (years.astype("datetime64[M]") + day.astype("timedelta64[M]")).astype("datetime64[D]") + month
    if _against(np.where(day < 12, other, found)) >= against / 10:
        return
    asked = cells.wanted.dates
    if (day >= 12).any() or asked not in (DAY, MONTH):
        mend = "export them anew as texts such as 2018-12-31; no key mends a part of the dates"
    else:
        mend = f"say {cells.wanted.key('dates', MONTH if asked == DAY else DAY)}"
    raise UserError(
        f"{cells.place.name}: its dates run in order only if day and month of those up to the 12th of a month are "
        f"exchanged, as a spreadsheet leaves them that reads them in the other order: {mend}"
    )


def _against(found: np.ndarray) -> int:
    """Steps against the direction of most."""
    steps = np.diff(found).astype(int)
    return int(min((steps < 0).sum(), (steps > 0).sum()))


def _iso(texts: Sequence[str]) -> np.ndarray | None:
    """The days of texts that are all like 2018-12-31, the form that needs no care; else None."""
    if not texts or any(len(text) != 10 or text[4] != "-" or text[7] != "-" for text in texts):
        return None
    try:
        return np.array(texts, dtype="datetime64[D]")
    except ValueError:
        return None


def _epochs(cells: Cells, texts: Sequence[str]) -> Moments:
    """Seconds or parts of them since 1970, all in one unit."""
    whole = [text.split(".")[0] for text in texts]
    unit = next((unit for unit, digits in EPOCHS.items() if len(whole[0]) in digits), None)
    for at, text in enumerate(whole):
        if unit is None or len(text) not in EPOCHS[unit]:
            raise cells.refuse(at, NOT_SO if at == 0 else f"while {quoted(texts[0])} is in {UNITS[unit or 's']}")
    wall = np.array([int(text) for text in whole]).astype(f"datetime64[{unit}]").astype("datetime64[s]")
    return Moments(wall, np.zeros(len(wall)), f"unix {UNITS[unit]}")


def _split(cells: Cells, texts: Sequence[str]) -> tuple[np.ndarray, list[str], list[re.Match | None]]:
    """The three numbers of each date (n, 3), how it is written, and its time of day where it has one."""
    fields, kinds, times = np.zeros((len(texts), 3), dtype=int), [], []
    for at, text in enumerate(texts):
        match = NUMERIC.fullmatch(text) or COMPACT.fullmatch(text)
        if match:
            parts = match["a"], match["b"], match["c"]
            if 3 in (len(parts[0]), len(parts[2])):
                year = int(max(parts[0], parts[2], key=len))
                raise cells.refuse(at, f"in Taiwan's calendar the year {year} is {year + TAIWAN}: {NOT_SO}")
            year = len(parts[0]) == 4 or "sep" not in match.groupdict()
            kinds.append(YEAR if year else f"{match['sep']}{len(parts[2])}")
            fields[at] = [int(part) for part in parts]
        elif (match := NAMED.fullmatch(text)) and (month := MONTHS.get(_bare(match["m1"] or match["m2"]))):
            kinds.append("named")
            year = int(match["y"])
            fields[at] = (
                year if len(match["y"]) > 2 else int(_century(np.array(year))),
                month,
                int(match["d1"] or match["d2"]),
            )
        else:
            raise cells.refuse(at, _no_date(text, at))
        times.append(match if (match["h"] or match["hms"]) else None)
    return fields, kinds, times


def _bare(month: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", month.casefold()) if not unicodedata.combining(sign))


def _no_date(text: str, at: int) -> str:
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and SERIAL[0] <= float(text) <= SERIAL[1]:
        return "a spreadsheet's count of days: give the column a date format and export again"
    if re.fullmatch("#+", text):
        return "as the column was too narrow: widen it and export again"
    if role(text) == "date":
        return "a header once more: delete that line"
    sign = next((sign for sign in text if not sign.isprintable() or sign in "“”„‘’\"'"), None)
    if sign:
        return f"with the sign {sign!r} in it: take it out"
    return f"{NOT_SO}, or delete the line if it is no bar" if at and re.match(r"\W*[^\W\d]", text) else NOT_SO


def _century(year: np.ndarray) -> np.ndarray:
    """Years of two digits from 1969 on, or, where that day is still to come, a century before."""
    full = np.where(year > 68, year + 1900, year + 2000)
    return np.where(full > (date.today() + timedelta(1)).year, full - 100, full)


def _order(cells: Cells, fields: np.ndarray, kinds: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """In which order all dates are written, and the words for it where it was not plain."""
    loose = [at for at, kind in enumerate(kinds) if kind not in (YEAR, "named")]
    wanted = cells.wanted.dates
    if not loose:
        if wanted not in ("auto", YEAR) and YEAR in kinds:
            raise cells.refuse(kinds.index(YEAR), f"which is year-first: {cells.wanted.key('dates', 'auto')}")
        return YEAR, (("months by name",) if kinds[0] == "named" else ())
    usual = max(set(kinds), key=kinds.count)
    odd = next((at for at, kind in enumerate(kinds) if kind != usual), None)
    if odd is not None:  # a spreadsheet that understood half of the dates writes them so, day and month exchanged
        other = quoted(cells.texts[kinds.index(usual)])
        raise cells.refuse(odd, f"while {other} is written in another way: {NOT_SO}")
    if wanted != "auto":
        return wanted, (f"{WORDS[wanted]} as was asked for",)
    if cells.known:
        return cells.known, (WORDS[cells.known],)
    orders = list(ORDERS) if kinds[0].endswith("2") else [DAY, MONTH]
    read = {order: ~np.isnat(_dates(fields, kinds, order)) for order in orders}
    best = max(read, key=lambda order: read[order].sum())
    against = {order: int((read[best] & ~legible).sum()) for order, legible in read.items() if order != best}
    unsure = [order for order, count in against.items() if count < LEAST]
    if unsure:
        raise _both_ways(cells, fields, kinds, [best, *unsure], against)
    return best, (WORDS[best],)


def _both_ways(
    cells: Cells, fields: np.ndarray, kinds: Sequence[str], orders: Sequence[str], against: dict[str, int]
) -> UserError:
    ways = []
    for order in orders:
        found = _dates(fields, kinds, order)
        steps = np.abs(np.diff(found[~np.isnat(found)])) // np.timedelta64(1, "D")
        step = int(np.median(steps)) if len(steps) else 0
        apart = f", mostly {step} day{'s' * (step > 1)} apart" if step else ""
        ways.append(f"{WORDS[order]} ({cells.wanted.key('dates', order)}{apart})")
    rest = " but for one, which may be a slip" if any(against.get(order) for order in orders) else ""
    return UserError(
        f"{cells.place.name}: its dates, such as {quoted(cells.texts[0])}, can be read in more than one way{rest}: "
        f"{' or '.join(ways)}; say which"
    )


def _dates(fields: np.ndarray, kinds: Sequence[str], order: str) -> np.ndarray:
    """Days (n,) in an order; NaT where there is no such day. A date that begins with four digits is year-first."""
    loose = np.array([kind not in (YEAR, "named") for kind in kinds])
    picked = fields[:, list(ORDERS[order])]
    year, month, day = np.where(loose[:, None], picked, fields).T
    short = loose & np.array([kind.endswith("2") for kind in kinds]) & (year < 100)
    year = np.where(short, _century(year), year)
    legal = (year >= 1000) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    year, month, day = (np.where(legal, part, 1970 if at == 0 else 1) for at, part in enumerate((year, month, day)))
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    found = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    return np.where(legal & (found.astype("datetime64[M]") == months), found, np.datetime64("NaT", "D"))


def _why(cells: Cells, kind: str, order: str) -> str:
    """Why a date is no day."""
    if kind in (YEAR, "named"):
        return "there is no such day"
    if cells.wanted.dates != "auto":
        return f"which is not {order} ({cells.wanted.key('dates', order)})"
    if cells.known:
        other = next(order for order in (DAY, MONTH) if order != cells.known)
        return f"which is not {order}, as the source is known to write: say {cells.wanted.key('dates', other)}"
    return f"there is no such day in {WORDS[order]}, as the others are written"


def _timed(cells: Cells, found: np.ndarray, times: Sequence[re.Match | None]) -> Moments:
    """Days with their times of day, as the file's clock shows them."""
    wall, offset = found.astype("datetime64[s]").copy(), np.full(len(found), np.nan)
    for at, match in enumerate(times):
        if match is None:
            continue
        hour, minute, second = _clock(match)
        if hour > 24 or minute > 59 or second > 60:
            raise cells.refuse(at, "there is no such time of day")
        wall[at] += np.timedelta64(3600 * hour + 60 * minute + second, "s")
        offset[at] = _offset(match["zone"])
    return Moments(wall, offset, "")


def _clock(match: re.Match) -> tuple[int, int, int]:
    if match["hms"]:
        text = match["hms"].ljust(6, "0")
        return int(text[:2]), int(text[2:4]), int(text[4:])
    hour, half = int(match["h"]), (match["half"] or "").lower()[:1]
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return hour, int(match["mi"]), int(match["s"] or 0)


def _offset(zone: str | None) -> float:
    """Minutes ahead of UTC; NaN where the text does not tell."""
    if zone in ("Z", "UTC", "GMT"):
        return 0.0
    match = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d\d?):?(\d\d)?", zone or "")
    if match is None:
        return np.nan
    minutes = 60 * int(match[2]) + int(match[3] or 0)
    return float(-minutes if match[1] == "-" else minutes)
