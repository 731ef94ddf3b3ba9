"""Spoils a sample as people and programs do; says which rows no longer tell what they told."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.bars.forms.written import DAYS, Sample

DELIMITERS = ",;\t|"
SIGNS = "\"',;.\t|$-0 9x\x00é\n"


@dataclass(frozen=True)
class Spoilt:
    """A file on its way to ruin.

    Attributes
    ----------
    head, body : its lines; the last 300 are rows of bars, newest first or last
    touched : rows of the body, as they were numbered at first, whose own text was changed or that were lost
    numbers : of each line of the body its row at first; None for a line that was none
    encode : from text to bytes
    newline : what ends a line
    """

    head: tuple[str, ...]
    body: tuple[str, ...]
    numbers: tuple[int | None, ...]
    touched: frozenset[int] = frozenset()
    encode: Callable[[str], bytes] = field(default=lambda text: text.encode())
    newline: str = "\n"

    @property
    def content(self) -> bytes:
        return self.encode(self.newline.join((*self.head, *self.body)) + self.newline)

    def rows(self, change: Callable[[str], str], whole: bool = False) -> Spoilt:
        """Every line of the body changed, and of the head too if ``whole``."""
        head = tuple(map(change, self.head)) if whole else self.head
        return replace(self, head=head, body=tuple(map(change, self.body)))

    def row(self, at: int, text: str | None) -> Spoilt:
        """One line of the body replaced, or lost."""
        gone = () if self.numbers[at] is None else (self.numbers[at],)
        lines, numbers = list(self.body), list(self.numbers)
        lines[at : at + 1], numbers[at : at + 1] = ([], []) if text is None else ([text], [self.numbers[at]])
        return replace(self, body=tuple(lines), numbers=tuple(numbers), touched=self.touched | set(gone))


def whole(sample: Sample) -> Spoilt:
    lines = sample.text.removeprefix("\ufeff").splitlines()
    days = len(DAYS)
    return Spoilt(tuple(lines[:-days]), tuple(lines[-days:]), tuple(range(days)))


def _delimiter(rng: random.Random, file: Spoilt) -> Spoilt:
    old = max(DELIMITERS, key=file.body[0].count)
    new = rng.choice(DELIMITERS)
    return file.rows(lambda line: line.replace(old, new), whole=True)


def _delimiter_of_one(rng: random.Random, file: Spoilt) -> Spoilt:
    at, old = rng.randrange(len(file.body)), max(DELIMITERS, key=file.body[0].count)
    return file.row(at, file.body[at].replace(old, rng.choice(DELIMITERS)))


def _encoding(rng: random.Random, file: Spoilt) -> Spoilt:
    name = rng.choice(["utf-16", "utf-16-le", "utf-8-sig", "cp1252", "cp932", "gb18030", "gzip"])
    if name == "gzip":
        return replace(file, encode=lambda text: gzip.compress(text.encode()))
    return replace(file, encode=lambda text: text.encode(name, errors="replace"))


def _newline(rng: random.Random, file: Spoilt) -> Spoilt:
    return replace(file, newline=rng.choice(["\r\n", "\r", "\n\n", " \n"]))


def _decimal(_: random.Random, file: Spoilt) -> Spoilt:
    return file.rows(lambda line: line.translate(str.maketrans(",.", ".,")))


def _decimal_of_one(rng: random.Random, file: Spoilt) -> Spoilt:
    at = rng.randrange(len(file.body))
    return file.row(at, file.body[at].translate(str.maketrans(",.", ".,")))


def _columns(rng: random.Random, file: Spoilt) -> Spoilt:
    """Another order, one column less or one twice, where cells can be told without a parser."""
    sign = max(DELIMITERS, key=file.body[0].count)
    width = file.body[0].count(sign) + 1
    lines = (*file.head[-1:], *file.body)
    if not file.head or any(line.count(sign) + 1 != width or '"' in line for line in lines):
        return file
    order = list(range(width))
    match rng.randrange(3):
        case 0:
            rng.shuffle(order)
        case 1 if "TICKVOL" not in file.head[-1]:  # without it, the other volume is what the file says: 0
            order.pop(rng.randrange(width))
        case 2:
            order.insert(rng.randrange(width), rng.randrange(width))
    if len(file.head) > 1 and file.head[-2].count(sign) + 1 == width:  # a header of several lines
        return file

    def moved(line: str) -> str:
        cells = line.split(sign)
        return sign.join(cells[at] for at in order)

    return replace(file.rows(moved), head=(*file.head[:-1], moved(file.head[-1])))


def _truncated(rng: random.Random, file: Spoilt) -> Spoilt:
    at = rng.randrange(2, len(file.body))
    part = file.body[at][: rng.randrange(len(file.body[at]))]
    lost = {number for number in file.numbers[at:] if number is not None}
    body, numbers = (*file.body[:at], part), (*file.numbers[:at], file.numbers[at])
    return replace(file, body=body, numbers=numbers, touched=file.touched | lost)


def _twice(rng: random.Random, file: Spoilt) -> Spoilt:
    at, much = rng.randrange(len(file.body)), rng.choice([1, 1, 5, 100, 300])
    block, numbers = file.body[at : at + much], file.numbers[at : at + much]
    to = rng.choice([at, len(file.body)])
    return replace(
        file,
        body=(*file.body[:to], *block, *file.body[to:]),
        numbers=(*file.numbers[:to], *numbers, *file.numbers[to:]),
    )


def _header(rng: random.Random, file: Spoilt) -> Spoilt:
    """Without one of its lines, with one twice, or once more among the rows."""
    if not file.head:
        return file
    at, to = rng.randrange(len(file.head)), rng.randrange(len(file.body))
    match rng.randrange(3):
        case 0:
            return replace(file, head=(*file.head[:at], *file.head[at + 1 :]))
        case 1:
            return replace(file, head=(*file.head[: at + 1], *file.head[at:]))
    body, numbers = (*file.body[:to], file.head[at], *file.body[to:]), (*file.numbers[:to], None, *file.numbers[to:])
    return replace(file, body=body, numbers=numbers)


def _sign(rng: random.Random, file: Spoilt) -> Spoilt:
    """One sign more, less or other in one row."""
    at = rng.randrange(len(file.body))
    line = file.body[at]
    place = rng.randrange(len(line)) if line else 0
    sign = rng.choice(["", rng.choice(SIGNS)])
    return file.row(at, line[:place] + sign + line[place + rng.randrange(2) :])


def _day_and_month(_: random.Random, file: Spoilt) -> Spoilt:
    """Exchanged in every date that begins with two numbers of two digits."""

    def turned(line: str) -> str:
        quote = line.startswith('"')
        text = line[quote:]
        first, second = text[:2], text[3:5]
        if not (first.isdigit() and second.isdigit() and text[2:3] == text[5:6] and text[2:3] in "-/."):
            return line
        return '"' * quote + second + text[2] + first + text[5:]

    return file.rows(turned)


def _blank(rng: random.Random, file: Spoilt) -> Spoilt:
    at, line = rng.randrange(len(file.body)), rng.choice(["", ",,,,,", ";;;;;", "   "])
    body, numbers = (*file.body[:at], line, *file.body[at:]), (*file.numbers[:at], None, *file.numbers[at:])
    return replace(file, body=body, numbers=numbers)


def _lost(rng: random.Random, file: Spoilt) -> Spoilt:
    return file.row(rng.randrange(len(file.body)), None)


def _trailing(rng: random.Random, file: Spoilt) -> Spoilt:
    sign = max(DELIMITERS, key=file.body[0].count)
    return file.rows(lambda line: line + sign, whole=rng.random() < 0.5)


KINDS = (
    *(_delimiter, _delimiter_of_one, _encoding, _newline, _decimal, _decimal_of_one, _columns, _truncated, _twice),
    *(_header, _sign, _sign, _day_and_month, _blank, _lost, _trailing),
)


def spoilt(rng: random.Random, sample: Sample) -> Spoilt:
    """One to three of them, one after the other."""
    file = whole(sample)
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        if file.body:
            file = rng.choice(KINDS)(rng, file)
    return file
