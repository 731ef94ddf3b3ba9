"""An answer, written for a person, for a program and for a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from buysignal.cli.predict.cautions import Caution
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.predict.rows import flat
from buysignal.cli.told import plain, table
from buysignal.core.files import stable
from buysignal.days.labels import in_words
from buysignal.judge.best_of_day import rule_in_words
from buysignal.judge.params import USE
from buysignal.report.words import earned
from buysignal.ship.package import Shipped

NOT_EXAMINED = "The test role was not opened for this model, which registered.yaml did not name: not examined."
HELD = "held"  # of a day above the threshold of a model that is not to be used
ANSWERED = ("score", "probability", "buy", "warnings")
CAME = ("what it came to", "precision", "recall", "buys", "base rate")


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


def blocks(answer: Answer) -> list[str]:
    """The verdict, the answers as a table, what they are worth and reasons to doubt (`buysignal.cli.told`)."""
    of = f"{len(answer.bars):,} bars of {printable(answer.file)}, {iso(answer.bars[0])} to {iso(answer.bars[-1])}"
    rows = [[iso(day), *answered(row)] for day, row in answer.days.iterrows()]
    single = answer.predictor.model.per_day and not answer.predictor.anyway  # a caution says why there is no buy
    said = [] if single else why(answer.predictor, answer.days["above"].any())
    doubts = [f"- warning: {plain(caution.text)}" for caution in answer.cautions]
    head = headed(answer.predictor, answer.ships, of)
    return [*head, table(("date", *ANSWERED), rows), *said, *worth(answer.predictor), "\n".join(doubts)]


def headed(predictor: Predictor, ships: str | None, of: str) -> list[str]:
    """The verdict first, then the model, the bars it looked at, what it predicts and what it was trained on."""
    model, regime = predictor.model, predictor.model.regime
    lines = [f"{model.card.name} ({model.card.family}) on {of}"]
    if ships not in (None, model.card.name):
        lines.append(f"this is not what ships, which is {ships}")
    lines.append(f"predicts: {in_words(model.label)}")
    market = f"{len(regime.symbols):,} symbols" if regime.symbols else regime.market
    lines.append(f"trained on {market}, {regime.first} to {regime.last}; seen until {regime.seen}")
    return [f"**verdict**: {predictor.seen.verdict.told}", "\n".join(f"- {plain(line)}" for line in lines)]


def answered(row: pd.Series) -> list[str]:
    """One answer as cells under `ANSWERED`."""
    buy = "yes" if row["buy"] else HELD if row["above"] else "no"
    return [f"{row['score']:.3f}", f"{row['probability']:.3f}", buy, plain(row["warnings"])]


def why(predictor: Predictor, above: bool, reached: str = "the score reaches the threshold") -> list[str]:
    """Why what is above the threshold is no buy, or is one all the same."""
    word = predictor.seen.verdict.word
    if not above or word == USE:
        return []
    if predictor.anyway:
        return [f"--anyway: a buy is said though the verdict is '{word}'"]
    return [f"{HELD}: {reached}; no buy is said, as the verdict is '{word}'"]


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
    lines, seen = [f"buy {rule}, {sort}"], predictor.seen
    if not expected.examined:
        told = f"{100 * expected.confidence:.4g} % intervals. {chosen} was chosen on the threshold role"
        lines += [table(CAME, [_row("threshold role", seen.threshold)]), NOT_EXAMINED]
        return [*lines, f"{told}: expect less{_luck(predictor)}."]
    lines.append(table(CAME, [_row("test role", seen.test), _row("threshold role", seen.threshold)]))
    told = (
        f"{100 * expected.confidence:.4g} % intervals. The test role, {expected.n:,} days from {expected.first} to "
        f"{expected.last}, is what to expect: nothing was chosen on it. {chosen} was chosen on the threshold role"
    )
    lines.append(f"{told}{_luck(predictor)}.")
    return [*lines, f"On the test role: {earned(seen.money, expected.n)}", *_calibrated(predictor.model)]


def _luck(predictor: Predictor) -> str:
    shrunk = _shrunk(predictor)
    return "" if shrunk is None else f"; with the luck of that choice taken out, the precision there is {shrunk:.3f}"


def _calibrated(model: Shipped) -> list[str]:
    """A word where the probability was worth no more than the score on days that nothing was chosen on."""
    seen = model.expected
    if seen.log_loss <= seen.score_log_loss:  # equal where there is no map
        return []
    why = f"log loss {seen.log_loss:.3f} there, {seen.score_log_loss:.3f} of the score itself"
    return [f"Read the probability as a rank: its map did not help on the test role ({why})."]


def _row(name: str, seen: Mapping[str, Any]) -> list[str]:
    """Cells under `CAME`."""
    ends = {key: "{:.3f} to {:.3f}".format(*seen[f"{key}_interval"]) for key in ("precision", "recall")}
    shares = [f"{seen[key]:.3f} ({ends[key]})" for key in ends]
    return [name, *shares, f"{seen['n_buys']:,}", f"{seen['base_rate']:.3f}"]


def printable(name: str) -> str:
    """A file's name that leaves a terminal as it is."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in name)
    return plain if len(plain) <= 40 else plain[:39] + "…"


def iso(day: pd.Timestamp) -> str:
    """A day as 2018-12-31."""
    return day.strftime("%Y-%m-%d")
