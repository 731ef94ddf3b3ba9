"""An answer, written for a person, for a program and for a spreadsheet."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from buysignal.cli.predict.cautions import Caution
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.predict.rows import flat
from buysignal.core.files import stable
from buysignal.days.labels import in_words
from buysignal.judge.best_of_day import rule_in_words
from buysignal.judge.params import USE
from buysignal.report.words import earned
from buysignal.ship.package import Shipped

WIDTH = 80
NOT_EXAMINED = "test role       not examined: it was not opened for this model, which registered.yaml did not name"
HELD = "held"  # of a day above the threshold of a model that is not to be used
GREEN, YELLOW = "32", "33"  # ANSI


@dataclass(frozen=True)
class Answer:
    """What a model says of some bars.

    Attributes
    ----------
    predictor : who says it
    days : as `Predictor.predict` returns it
    file : name of the file the bars come from
    bars : days of the bars that were looked at
    asked : the day asked for, or the last of them, if one was
    cautions : reasons to doubt it
    said : how the file was understood, in one line
    ships : name of what ships, which may be another contender; None where none lies beside the model
    since : the first day asked for, if one was
    """

    predictor: Predictor
    days: pd.DataFrame
    file: str
    bars: pd.DatetimeIndex
    asked: date | None
    cautions: tuple[Caution, ...]
    said: str
    ships: str | None = None
    since: date | None = None


def as_json(answer: Answer) -> str:
    """One object with stable keys and finite numbers of six decimals."""
    content = {
        **model_told(answer.predictor, answer.ships),
        "bars": {
            "file": answer.file,
            "n": len(answer.bars),
            "first": iso(answer.bars[0]),
            "last": iso(answer.bars[-1]),
        },
        "since": None if answer.since is None else answer.since.isoformat(),
        "as_of": None if answer.asked is None else answer.asked.isoformat(),
        **evidence_told(answer.predictor),
        "days": [
            {"date": iso(day), **row, "warnings": row["warnings"].split()}
            for day, row in answer.days.to_dict("index").items()
        ],
        "warnings": [asdict(caution) for caution in answer.cautions],
    }
    return json.dumps(stable(content), indent=2, ensure_ascii=True)


def model_told(predictor: Predictor, ships: str | None) -> dict[str, Any]:
    """For JSON: the verdict on a model, which it is, and what it predicts."""
    model = predictor.model
    return {
        "verdict": {**predictor.seen.verdict.to_dict(), "anyway": predictor.anyway},
        "model": {
            **{key: getattr(model.card, key) for key in ("name", "tier", "family")},
            "seeds": len(model.card.seeds),
            "ships": None if ships is None else ships == model.card.name,
        },
        "predicts": in_words(model.label),
    }


def evidence_told(predictor: Predictor) -> dict[str, Any]:
    """For JSON: the threshold in use, what to expect of it, and the days the model was trained on."""
    model, seen, promise, kept = predictor.model, predictor.seen, predictor.model.certified, predictor.certified
    return {
        "threshold": {
            "value": predictor.threshold,
            "kind": "certified" if kept else "chosen",
            "target": promise.target if kept else None,
            "delta": promise.delta if kept else None,
            "per_day": model.per_day or None,
        },
        "expected": {
            **model.expected.model_dump(include={"confidence", "log_loss", "score_log_loss"}),
            "test": _tested(predictor),
            "threshold": {**seen.threshold, "precision_shrunk": _shrunk(predictor)},
            "money": None if seen.money is None else seen.money.to_dict(),
        },
        "regime": dict(model.regime),
    }


def _tested(predictor: Predictor) -> dict[str, Any] | None:
    """What its buys came to on the test role, and the days of it; None of a model that was not examined."""
    seen, expected = predictor.seen.test, predictor.model.expected
    return seen and {**seen, **{key: getattr(expected, key) for key in ("first", "last", "n")}}


def _shrunk(predictor: Predictor) -> float | None:
    """The shrunken precision, which is known at the chosen threshold only."""
    model = predictor.model
    return model.expected.precision_shrunk if predictor.threshold == model.threshold else None


def as_rows(answer: Answer) -> pd.DataFrame:
    """A row per day, as `buysignal.cli.predict.rows` writes them.

    What the buys came to is that of the test role: nothing of a model that was not examined.
    """
    seen, rows = answer.predictor.seen.test, flat(answer.predictor, answer.days.rename_axis("date"))
    for key in ("precision", "recall"):
        rows[key] = seen and seen[key]
        rows[f"{key}_interval_low"], rows[f"{key}_interval_high"] = seen[f"{key}_interval"] if seen else (None, None)
    rows["n_buys"] = seen and seen["n_buys"]
    return rows


def as_table(answer: Answer, colour: bool = False) -> str:
    """Lines for a terminal of `WIDTH` columns; ``colour`` marks buys and warnings."""
    of = f"{len(answer.bars):,} bars of {printable(answer.file)}, {iso(answer.bars[0])} to {iso(answer.bars[-1])}"
    lines = [*headed(answer.predictor, answer.ships, of), ""]
    lines.append(f"{'date':10}  {'score':>5}  {'probability':>11}  buy  warnings")
    for day, row in answer.days.iterrows():
        lines.append(f"{iso(day)}  {answered(row, colour)}".rstrip())
    single = answer.predictor.model.per_day and not answer.predictor.anyway  # a caution says why there is no buy
    told = [] if single else why(answer.predictor, answer.days["above"].any())
    lines += ["", *told, *worth(answer.predictor)]
    for caution in answer.cautions:
        lines += ["", warned(caution.text, colour)]
    return "\n".join(lines)


def headed(predictor: Predictor, ships: str | None, of: str) -> list[str]:
    """The verdict first, then the model, the bars it looked at, what it predicts and what it was trained on."""
    model, regime = predictor.model, predictor.model.regime
    lines = [wrapped("verdict: ", predictor.seen.verdict.told), ""]
    lines.append(wrapped("", f"{model.card.name} ({model.card.family}) on {of}"))
    if ships not in (None, model.card.name):
        lines.append(f"this is not what ships, which is {ships}")
    lines.append(wrapped("", f"predicts: {in_words(model.label)}"))
    market = f"{len(regime.symbols):,} symbols" if regime.symbols else regime.market
    return [*lines, f"trained on {market}, {regime.first} to {regime.last}; seen until {regime.seen}"]


def answered(row: pd.Series, colour: bool) -> str:
    """One answer in a row of a table: score, probability, buy or not, and the kinds of warnings."""
    buy = _coloured("yes", GREEN, colour) if row["buy"] else HELD if row["above"] else "no "
    return f"{row['score']:5.3f}  {row['probability']:11.3f}  {buy}  {row['warnings']}"


def warned(text: str, colour: bool) -> str:
    """A warning in lines of a terminal."""
    head = "warning: "
    return _coloured(wrapped(head, text), YELLOW, colour, len(head))


def why(predictor: Predictor, above: bool, reached: str = "the score reaches the threshold") -> list[str]:
    """Why what is above the threshold is no buy, or is one all the same."""
    word = predictor.seen.verdict.word
    if not above or word == USE:
        return []
    if predictor.anyway:
        return [wrapped("", f"--anyway: a buy is said though the verdict is '{word}'"), ""]
    return [wrapped("", f"{HELD}: {reached}; no buy is said, as the verdict is '{word}'"), ""]


def worth(predictor: Predictor) -> list[str]:
    """The threshold in use, and what buying at it came to: precision first, recall second."""
    expected, promise = predictor.model.expected, predictor.model.certified
    sort = "chosen on the threshold role; none is certified"
    if predictor.certified:
        sort = (
            f"certified: {promise.words}, while the market "
            "stays as it was, and as if this model had been fixed beforehand: that it was chosen is not covered"
        )
    rule, chosen = f"from score {predictor.threshold:.6f}", "The threshold"
    if per_day := predictor.model.per_day:
        rule, chosen = rule_in_words(predictor.threshold, per_day), "The model"
        sort = sort if predictor.certified else "whatever their scores; no threshold is certified"
    lines = [wrapped("", f"buy {rule}, {sort}"), ""]
    lines.append(f"{'what it came to':16}{'precision':24}{'recall':24}{'buys':>5}{'base rate':>11}")
    seen = predictor.seen
    if not expected.examined:
        lines += [wrapped("", NOT_EXAMINED), _row("threshold role", seen.threshold)]
        told = f"{100 * expected.confidence:.4g} % intervals. {chosen} was chosen on the threshold role"
        return [*lines, wrapped("", f"{told}: expect less{_luck(predictor)}.")]
    lines += [_row("test role", seen.test), _row("threshold role", seen.threshold)]
    told = (
        f"{100 * expected.confidence:.4g} % intervals. The test role, {expected.n:,} days from {expected.first} to "
        f"{expected.last}, is what to expect: nothing was chosen on it. {chosen} was chosen on the threshold role"
    )
    lines += [wrapped("", f"{told}{_luck(predictor)}."), ""]
    return [*lines, wrapped("", f"On the test role: {earned(seen.money, expected.n)}"), *_calibrated(predictor.model)]


def _luck(predictor: Predictor) -> str:
    shrunk = _shrunk(predictor)
    return "" if shrunk is None else f"; with the luck of that choice taken out, the precision there is {shrunk:.3f}"


def _calibrated(model: Shipped) -> list[str]:
    """A word where the probability was worth no more than the score on days that nothing was chosen on."""
    seen = model.expected
    if seen.log_loss <= seen.score_log_loss:  # equal where there is no map
        return []
    why = f"log loss {seen.log_loss:.3f} there, {seen.score_log_loss:.3f} of the score itself"
    return [wrapped("", f"Read the probability as a rank: its map did not help on the test role ({why}).")]


def _row(name: str, seen: Mapping[str, Any]) -> str:
    shares = ""
    for key in ("precision", "recall"):
        low, high = seen[f"{key}_interval"]
        shares += f"{f'{seen[key]:.3f} ({low:.3f} to {high:.3f})':24}"
    return f"{name:16}{shares}{seen['n_buys']:5,}{seen['base_rate']:11.3f}"


def wrapped(head: str, text: str) -> str:
    """Lines of `WIDTH` columns at most, those after the first as far in as the text begins."""
    return textwrap.fill(head + text, WIDTH, subsequent_indent=" " * len(head), break_on_hyphens=False)


def _coloured(text: str, code: str, colour: bool, length: int | None = None) -> str:
    """The first ``length`` characters in colour; all of them without one."""
    end = len(text) if length is None else length
    return f"\x1b[{code}m{text[:end]}\x1b[0m{text[end:]}" if colour else text


def printable(name: str) -> str:
    """A file's name that leaves a terminal as it is."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in name)
    return plain if len(plain) <= 40 else plain[:39] + "…"


def iso(day: pd.Timestamp) -> str:
    """A day as 2018-12-31."""
    return day.strftime("%Y-%m-%d")
