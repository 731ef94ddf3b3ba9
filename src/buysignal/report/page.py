"""The report as Markdown: every sentence and table is made from the metrics of this run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from buysignal.judge.best_of_day import the_best
from buysignal.judge.money import Money
from buysignal.judge.trials.findings import COUNTED
from buysignal.report.card import Card
from buysignal.report.pages import budgets, closed, rounds
from buysignal.report.pages.data import data_section, of_many
from buysignal.report.pages.doubts import real_section
from buysignal.report.pages.earns import FAILS, earns_section, fails_section
from buysignal.report.pages.failures import failed
from buysignal.report.pages.looks import ledger_section
from buysignal.report.pages.probabilities import calibration_section
from buysignal.report.pages.search import counted
from buysignal.report.pages.ships import found_section, lead, run_card
from buysignal.report.pages.symbols import symbols_section
from buysignal.report.pages.ten import ten_section
from buysignal.report.pages.walk import walk_section
from buysignal.report.tables import judged_table, table, tested_table
from buysignal.report.words import Row, earned
from buysignal.ship.selected import buying

FOUND = "How was it found?"
SHOWN = 8  # findings of the search


@dataclass(frozen=True)
class Findings:
    """What the stages found, as read from their JSON.

    Attributes
    ----------
    ingest : metrics/ingest.json
    tiers : metrics/featurize/<tier>.json per tier
    searches : study -> coverage, of metrics/analyze.json
    learned : findings of metrics/analyze.json, settled ones first
    supplements, transfers : of metrics/rounds.json, one per tier
    judged : metrics/selection.json, a row per contender on the threshold role
    selection : data/selected.json
    choice : metrics/choice.json
    train : metrics/train.json
    tear : metrics/tear.json
    sweep : metrics/sweep.json
    board, searched : metrics/snooping.json and metrics/overfitting.json
    calibrated, mirrored : metrics/calibration.json and metrics/mirror.json
    looks : `buysignal.ship.ledger.summary` of metrics/ledger.jsonl
    ledger : lines of metrics/ledger.jsonl
    compared : data/compared.json
    symbols : metrics/symbols.json
    walked : metrics/walk.json
    label : what is predicted, in words
    epochs : most epochs of a fit
    """

    ingest: Row
    tiers: Sequence[Row]
    searches: Mapping[str, Row]
    judged: Sequence[Row]
    selection: Row
    choice: Row
    train: Row
    tear: Row | None
    sweep: Sequence[Row]
    board: Row
    searched: Mapping[str, Row]
    calibrated: Sequence[Row]
    mirrored: Sequence[Row]
    looks: str
    label: str
    epochs: int
    learned: Sequence[Row] = ()
    supplements: Sequence[Row] = ()
    transfers: Sequence[Row] = ()
    ledger: Sequence[Row] = ()
    compared: Row | None = None
    symbols: Row | None = None
    walked: Row | None = None

    @property
    def shipped(self) -> str:
        """Name of what ships; empty if nothing does."""
        return self.choice["shipped"] or ""

    @property
    def per_day(self) -> int:
        """How many of many symbols are bought a day, the best; 0: as many as reach the threshold."""
        return self.selection.get("per_day", 0)

    @property
    def chosen(self) -> Row | None:
        """What ships, in data/selected.json."""
        return next((one for one in buying(self.selection) if one["card"]["name"] == self.shipped), None)

    @property
    def tested(self) -> list[Row]:
        """Rows of every contender that was examined, in metrics/train.json."""
        return [*self.train["models"], *self.train["others"]]

    def of(self, rows: Sequence[Row]) -> Row | None:
        """The row of what ships."""
        return next((row for row in rows if row["name"] == self.shipped), None)

    def first(self, rows: Sequence[Row]) -> list[Row]:
        """The row of what ships before all others, whose order stays."""
        return sorted(rows, key=lambda row: row["name"] != self.shipped)


def markdown(parts: Sequence[str], said: Card) -> str:
    """The blocks of a report as one text, its card after the title and its parts folded as GitHub folds them."""
    told, within = [], False
    for part in (parts[0], *map(str.strip, said.blocks()), *parts[1:]):
        begins = part.startswith("### ")
        if within and part.startswith(("## ", "### ")):
            told.append("</details>")
        within = begins or (within and not part.startswith("## "))
        told.append(f"<details><summary>{part.removeprefix('### ')}</summary>" if begins else part)
    return "\n\n".join([*told, *(["</details>"] if within else [])]) + "\n"


def card(found: Findings) -> Card:
    """The verdict and what it rests on."""
    span = found.tiers[0]["roles"].get("test") if found.tiers else None
    tested = found.of(found.tested)
    return run_card(found.shipped, found.judged, tested, found.train["verdict"], span, found.per_day)


def blocks(found: Findings) -> list[str]:
    """The report without its card, block by block: a heading, a paragraph, a list or a table each, its title first.

    Of a section (``## ``) the answer comes first, and what only some want to know follows in parts (``### ``).
    """
    chosen, tested, why = found.chosen, found.tested, found.train["unopened"]
    row = found.of(tested)
    parts = ["# buysignal report"]
    parts += lead(found.choice, chosen, found.judged, row, why, found.label)
    parts += of_many(found.ingest)
    doubted = (tested, found.judged, found.board, found.mirrored)
    parts += real_section(chosen, *doubted, found.tear, found.looks, found.per_day)
    parts += [*_test(found), *_rising(found.sweep)]
    parts += earns_section(found.tear, found.shipped, why, _money(found))
    parts += _fails(found, row)
    parts += [f"## {FOUND}", *_searched(found), *found_section(found.choice, chosen, found.judged, found.per_day)]
    parts += [*_threshold(found), *calibration_section(found.first(found.calibrated)), *_calibrated(row)]
    parts += ten_section(found.selection, *doubted[:3], found.searched, found.mirrored, found.epochs)
    parts += [*_search(found), *_rounds(found)]
    parts += [*data_section(found.ingest, found.tiers), *ledger_section(found.ledger)]
    return [part.strip() for part in parts]


def _money(found: Findings) -> str:
    """What a trade of what ships earned: on the test role, or where that is closed on the threshold role."""
    row = found.of(found.tested)
    where, row = ("", row) if row else ("On the threshold role: ", found.of(found.judged))
    if row is None or row["no_buys"] or row.get("one_class"):
        return ""
    return where + earned(Money.model_construct(**row["money"]), row["n"])


def _fails(found: Findings, row: Row | None) -> list[str]:
    """When it fails, with the symbols and with what retraining would have brought."""
    more = [*symbols_section(found.symbols), *walk_section(found.walked)]
    told = fails_section(found.tear, row)
    return [*(told or ([f"## {FAILS}"] if more else [])), *more]


def _searched(found: Findings) -> list[str]:
    """How much was looked at, in a sentence."""
    trials = sum(counts["trials"] for counts in found.searches.values())
    if not trials:
        return ["Nothing was searched."]
    studies = len(found.searches)
    asked = [f for f in found.learned if f["topic"] not in COUNTED]
    known = sum(f["verdict"] != "cannot tell" for f in asked)
    answers = f" They answer {known} of {len(asked)} questions about the search space." if asked else ""
    return [
        f"A search trained {trials} transformers in {studies} stud{'y' if studies == 1 else 'ies'}, and "
        f"{len(found.judged)} contenders met on the threshold role: those it put first, simpler models, and blends."
        f"{answers}"
    ]


def _test(found: Findings) -> list[str]:
    rows, per_day = found.first(found.tested), found.per_day
    if not rows:
        return ["### Test role", f"Closed: {found.train['unopened']}."]
    buying = f"{the_best(per_day)} of each day" if per_day else "from the threshold that the threshold role gave it"
    return [
        "### Test role",
        "Every contender that registered.yaml names, on the same days: what ships, the search's ten, the others. Each "
        f"buys {buying}. *Worth* is the number of independent buys that tell as much. The last three columns hold "
        "it against the volatility logistic of its tier: the precision of that on as many buys, and what the contender "
        "has more (+) or less (-) of precision and of AUC. The 95 % intervals of the others hold together, so they are "
        "wider, and their verdict asks whether the best of as many without skill earns as much. An end of -1 or +1 is "
        "a limit, not a finding.",
        tested_table(rows),
    ]


def _threshold(found: Findings) -> list[str]:
    buys = f"{the_best(found.per_day)} of each day" if found.per_day else "from its own threshold"
    return [
        "### Threshold role",
        f"The days on which thresholds are set and what ships is chosen. Each contender buys {buys}. *At least* is the "
        "one-sided lower bound of precision, *shrunken* what is left of it without the luck of being chosen, *worth* "
        "the number of independent buys that tell as much, *seed sd* the standard deviation of AUC over seeds, "
        "*range* that of the scores. More is in metrics/selection.json.",
        judged_table(found.judged),
        *([closed.candidate(found.compared)] if found.compared else []),
    ]


def _calibrated(row: Row | None) -> list[str]:
    """Whether the map of what ships also helped on the test role."""
    judged = {} if row is None else row["calibration"]
    if len(judged) < 2:
        return []
    raw, mapped = (judged[name]["log_loss"] for name in ("none", next(name for name in judged if name != "none")))
    rank = "on these days the map did not help: take its probability for no more than a rank"
    helped = "lower" if mapped < raw else f"not lower, {rank}"
    return [
        f"On the test role the log loss of {row['name']} is {mapped:.3f} with the map and {raw:.3f} without: {helped}."
    ]


def _search(found: Findings) -> list[str]:
    searches, learned = found.searches, found.learned
    counts = (*counted(searches), "architectures_tested", "architectures_possible")
    header = ("study", *counts[:-2], "architectures tested", "of possible")
    parts = ["### Search", table(header, [[study, *(str(c[key]) for key in counts)] for study, c in searches.items()])]
    parts.append(failed(searches, found.supplements))
    asked = [f for f in learned if f["topic"] not in COUNTED]  # those are in the table
    settled = [f"- {f['where']}: {f['text']}" for f in asked if f["verdict"] != "cannot tell"]
    if asked:
        more = f"; the first {SHOWN} of these:" if len(settled) > SHOWN else ":" if settled else "."
        parts.append(
            f"Of {len(asked)} questions put to the trials, {len(settled)} have an answer (all are in "
            f"metrics/pages/analysis.md){more}"
        )
    return [*parts, "\n".join(settled[:SHOWN])] if settled else parts


def _rounds(found: Findings) -> list[str]:
    """What came after the search: supplementary rounds, and the best configurations in other budgets."""
    lines = [f"- {row['tier']}: {rounds.verdict(row)}" for row in found.supplements]
    lines += [f"- {row['tier']}: {budgets.verdict(row)}" for row in found.transfers]
    changes = [budgets.CHANGES] if found.transfers else []
    return ["### After the search", "\n".join(lines), *changes] if lines else []


def _rising(sweep: Sequence[Row]) -> list[str]:
    learned = [row["name"] for row in sweep if row["verdict"] == "rises"]
    others = [f"- {row['name']}: {row['verdict']} (trend z {row['trend_z']:.1f})" for row in sweep]
    flat = [line for line, row in zip(others, sweep) if row["verdict"] != "rises"]
    count = f"Yes for {len(learned)} of {len(sweep)} contenders."
    parts = ["### Does precision rise with the threshold?", count]
    return parts + (["Not for these, which have not learned to discriminate:", "\n".join(flat)] if flat else [])
