"""Settings as frozen classes: each room declares its section, and this reads one and refuses it in one line.

A section is a `Section` whose fields have one of the types below; a type knows its range and says it in words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema

from buysignal.core.errors import UserError, shown
from buysignal.core.textfile import read_yaml

PATH = "params.yaml"
MOST_VALUES = 32  # of a list: what is built from a few lists is their product
MOST_CHARACTERS = 1000  # of a text; paths are far shorter
MOST_WHOLE = 2**31 - 1
ADD = "add it (see the file in git)"


class Section(BaseModel):
    """Frozen values that belong together; an int is a legal float, a bool is no number, nothing is converted.

    ``key``, given beside the base class, is its name in its file; empty: it is the whole file; None: its keys stand
    at the top, beside others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    KEY: ClassVar[str | None] = ""

    def __init_subclass__(cls, key: str | None = "", **config: Any) -> None:
        cls.KEY = key
        super().__init_subclass__(**config)

    def fault(self) -> str:
        """What is wrong between keys, each of which is legal by itself; empty if nothing is."""
        return ""

    @model_validator(mode="after")
    def _agree(self) -> "Section":
        if told := self.fault():
            raise PydanticCustomError("fault", "{told}", {"told": told})
        return self


S = TypeVar("S", bound=Section)


def of(kind: type[S], *values: Any) -> S:
    """A section of all its values, in their order."""
    return kind(**dict(zip(kind.model_fields, values, strict=True)))


@dataclass(frozen=True)
class Must:
    """Says what a value must be, whichever rule of the annotated type it breaks."""

    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Pydantic's hook: the type's own checks, their errors in these words."""
        told = dict(custom_error_type="must", custom_error_message=self.words)
        return core_schema.custom_error_schema(handler(source), **told)


def whole(low: int, high: int = MOST_WHOLE) -> Any:
    """A whole number in [low, high]."""
    words = f"a whole number >= {low}" if high == MOST_WHOLE else f"a whole number from {low} to {high}"
    return Annotated[int, Field(ge=low, le=high), Must(words)]


def real(words: str, **bounds: float) -> Any:
    """A finite number within bounds (ge, gt, le, lt); ``words`` is the range, e.g. ``in [0, 1)``."""
    return Annotated[float, Field(**bounds), Must(f"a number {words}")]


def choice(*options: str) -> Any:
    """One of a few words."""
    return Annotated[Literal[options], Must(f"one of {', '.join(options)}")]


def matching(pattern: str, words: str) -> Any:
    """A text that is wholly of a form."""
    return Annotated[str, Field(pattern=f"^{pattern}$"), Must(words)]


def printable(most: int, words: str, least: int = 0) -> Any:
    """A text of one line that stands in messages."""
    return Annotated[str, Field(min_length=least, max_length=most), AfterValidator(_printable), Must(words)]


def _printable(text: str) -> str:
    if not text.isprintable() or (text and not text.strip()):
        raise ValueError
    return text


def several(one: Any, most: int | None = MOST_VALUES, distinct: bool = True, least: int = 1) -> Any:
    """A list with at least ``least`` values of the type ``one``, as a tuple; without repeats unless told otherwise."""

    def listed(value: Any) -> tuple:
        if not isinstance(value, (list, tuple)) or len(value) < least:
            raise ValueError(f"is {shown(value)}; it must be a list{' with at least one value' if least else ''}")
        if most is not None and len(value) > most:
            raise ValueError(f"has {len(value):,} values; it must have at most {most}")
        return tuple(value)

    def unlike(values: tuple) -> tuple:
        twice = next((v for at, v in enumerate(values) if v in values[:at]), None) if distinct else None
        if twice is not None:
            raise ValueError(f"has {shown(twice)} twice; each value once")
        return values

    length = Field(min_length=least, max_length=most, json_schema_extra={"uniqueItems": distinct})
    return Annotated[tuple[one, ...], length, BeforeValidator(listed), AfterValidator(unlike)]


def ends(one: Any, words: str) -> Any:
    """A low and a high end of the type ``one``, as a tuple; ``words`` is what they must be."""

    def rising(pair: tuple) -> tuple:
        if pair[0] > pair[1]:
            raise ValueError
        return pair

    listed = BeforeValidator(lambda pair: tuple(pair) if isinstance(pair, list) else pair)
    return Annotated[tuple[one, one], listed, AfterValidator(rising), Must(words)]


def by_name(names: Any, one: Any, words: str, least: int = 1) -> Any:
    """A mapping of free names of the type ``names`` to values; ``words`` is what it must do."""

    def mapping(value: Any) -> Any:
        if not isinstance(value, dict) or len(value) < least:
            raise ValueError(f"is {shown(value)}; it must {words}")
        return value

    return Annotated[dict[names, one], BeforeValidator(mapping)]


def or_null(one: Any) -> Any:
    """The type ``one``, or null."""
    return Annotated[one | None, Must(f"{words_of(one)}, or null")]


def words_of(kind: Any) -> str:
    """What a value of one of these types must be."""
    return next(part.words for part in reversed(kind.__metadata__) if isinstance(part, Must))


Switch = Annotated[bool, Must("true or false")]
Text = printable(MOST_CHARACTERS, f"a printable text of 1 to {MOST_CHARACTERS:,} characters", least=1)
Slug = matching("[A-Za-z0-9]{1,20}", "a name of at most 20 letters and digits")  # safe in names of files and stages
Share = real("in [0, 1]", ge=0, le=1)
Probability = real("in [0, 1)", ge=0, lt=1)
Confidence = real("above 0.5 and below 1", gt=0.5, lt=1)
Positive = real("above 0 and at most 1", gt=0, le=1)
Open = real("above 0 and below 1", gt=0, lt=1)
NotNegative = real(">= 0", ge=0)


def read(kind: type[S], path: str | Path = PATH) -> S:
    """One section of a settings file; the others are not looked at.

    Raises
    ------
    UserError
        If the file cannot be read, or a key of the section is unknown, missing, mistyped or out of range; the
        message names the key, what would be right and, for an unknown key, near matches.
    """
    return section(kind, read_yaml(path), Path(path).name)


def read_all(*kinds: type[Section], path: str | Path = PATH) -> tuple[Any, ...]:
    """Several sections of one file, in the order asked for; errors as for `read`."""
    content = read_yaml(path)
    return tuple(section(kind, content, Path(path).name) for kind in kinds)


def section(kind: type[S], content: Any, file: str = PATH) -> S:
    """The same from the values of a whole file, in whose name what is wrong is told."""
    if not isinstance(content, Mapping):
        raise UserError(f"{file}: it holds {shown(content)}; it must be a mapping of keys")
    if kind.KEY is None:
        content = {name: content[name] for name in kind.model_fields if name in content}
    if not kind.KEY:
        return parse(kind, content, f"{file}: ")
    if kind.KEY not in content:
        raise UserError(f"{file}: key {kind.KEY} is missing; {ADD}")
    return parse(kind, content[kind.KEY], f"{file}: ", (kind.KEY,))


def parse(kind: type[S], content: Any, where: str = "", above: Sequence[str] = (), missing: str = ADD) -> S:
    """Values as a section, or `UserError` with the first fault.

    Parameters
    ----------
    where : what the message starts with
    above : keys under which the values stand
    missing : what is to be done about a missing key, if it is not told elsewhere
    """
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = min(error.errors(include_url=False), key=_rank)
        raise UserError(where + _line(kind, first, tuple(above), missing)) from None


def one(kind: Any, value: Any, key: str, where: str = "") -> Any:
    """A value of one of the types above, or `UserError` in the name of ``key``."""
    try:
        return TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        raise UserError(f"{where}{key} is {shown(value)}; it must be {words_of(kind)}") from None


def _rank(error: Mapping[str, Any]) -> int:
    """Bad names first, then unknown and missing keys, then values: a typing error is seldom told as two."""
    order = {"extra_forbidden": 1, "invalid_key": 1, "missing": 2}
    return 0 if _is_name(error) else order.get(error["type"], 3)


def _is_name(error: Mapping[str, Any]) -> bool:
    """Whether a key of a mapping with free names is at fault."""
    return error["loc"][-1:] == ("[key]",) and error["type"] == "must"


def _line(kind: type[Section], error: Mapping[str, Any], above: tuple[str, ...], missing: str) -> str:
    loc = error["loc"][:-2] if _is_name(error) else error["loc"]
    key, value = _dotted((*above, *loc)), shown(error["input"])
    match error["type"]:
        case "extra_forbidden" | "invalid_key":
            return f"unknown key {key}; {near(str(loc[-1]), _known(kind, loc[:-1], above))}"
        case "missing":
            return f"key {key} is missing{missing and f'; {missing}'}"
        case "must":
            return f"{f'a name in {key}' if _is_name(error) else key} is {value}; it must be {error['msg']}"
        case "fault":
            return f"{key}: {error['msg']}" if key else error["msg"]
        case "value_error":
            return f"{key} {error['ctx']['error']}"
    return f"{key or 'it'} is {value}; it must be a section of keys"


def _dotted(parts: Iterable[str | int]) -> str:
    """``("a", "b", 0)`` as ``a.b[0]``, each name printable."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{shown(p)[1:-1]}" for p in parts).removeprefix(".")


def _known(kind: type[Section], loc: Sequence[str | int], above: tuple[str, ...]) -> list[str]:
    """Keys to look for near matches in: those beside the unknown one first, then every other one."""
    holder = kind
    for part in loc:
        field = holder.model_fields.get(part) if isinstance(part, str) else None
        holder = (field and inner(field.annotation)) or holder
    prefix = "".join(f"{part}." for part in [_dotted((*above, *loc))] if part)
    beside = [f"{prefix}{name}" for name in holder.model_fields]
    return beside + [key for key in _keys(kind, "".join(f"{part}." for part in above)) if key not in beside]


def _keys(kind: type[Section], prefix: str) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        found = inner(field.annotation)
        yield f"{prefix}{name}"
        if found is field.annotation:  # not one of many, whose names are free
            yield from _keys(found, f"{prefix}{name}.")


def inner(annotation: Any) -> type[Section] | None:
    """The section that a field holds, alone, in a mapping or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for part in get_args(annotation) if (found := inner(part))), None)


def near(word: str, options: Iterable[str]) -> str:
    """The options that a mistyped word may have meant, by their last part; else some that there are."""
    options = list(options)
    by_last = {option.rsplit(".", 1)[-1]: option for option in reversed(options)}
    found = [by_last[match] for match in get_close_matches(word, by_last, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(found)}?" if found else f"known are {', '.join(options[:12])}"
