"""The report as Markdown: every sentence and table is made from the metrics of this run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from buysignal.judge.best_of_day import the_best
from buysignal.judge.trials.findings import COUNTED
from buysignal.report.pages import budgets, closed, rounds
from buysignal.report.pages.data import data_section, of_many
from buysignal.report.pages.doubts import doubts
from buysignal.report.pages.earns import earns_section
from buysignal.report.pages.failures import failed
from buysignal.report.pages.looks import ledger_section
from buysignal.report.pages.probabilities import calibration_section
from buysignal.report.pages.search import counted
from buysignal.report.pages.ships import lead
from buysignal.report.pages.symbols import symbols_section
from buysignal.report.pages.ten import ten_section
from buysignal.report.pages.walk import walk_section
from buysignal.report.tables import judged_table, table, tested_table
from buysignal.report.words import Row
from buysignal.ship.selected import buying

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


def markdown(parts: Sequence[str]) -> str:
    """The blocks of a report as one text."""
    return "\n\n".join(parts) + "\n"


def blocks(found: Findings) -> list[str]:
    """The report block by block: a heading, a paragraph, a list or a table each; the first is its title."""
    chosen, tested = found.chosen, found.tested
    why = found.train["unopened"]
    parts = ["# buysignal report"]
    told = found.train["verdict"]
    parts += lead(found.choice, chosen, found.judged, found.of(tested), told, why, found.label, found.per_day)
    parts += of_many(found.ingest)
    parts += doubts(chosen, tested, found.judged, found.board, found.looks, found.per_day)
    parts += earns_section(found.tear, found.shipped, why)
    parts += symbols_section(found.symbols)
    parts += [*_rising(found.sweep), *_test(found), *_threshold(found)]
    parts += [*calibration_section(found.first(found.calibrated)), *_calibrated(found.of(tested))]
    doubted = (found.judged, found.board, found.searched, found.mirrored, found.epochs)
    parts += ten_section(found.selection, tested, *doubted)
    parts += [*_search(found), *_rounds(found), *walk_section(found.walked)]
    parts += [*ledger_section(found.ledger), *data_section(found.ingest, found.tiers)]
    return [part.strip() for part in parts]


def _test(found: Findings) -> list[str]:
    rows, per_day = found.first(found.tested), found.per_day
    buying = (
        f"buying {the_best(per_day)} of each day"
        if per_day
        else "buying from the threshold that the threshold role gave it"
    )
    if not rows:
        return ["## Test role", f"Closed: {found.train['unopened']}."]
    return [
        "## Test role",
        "Opened by the stage `test`, for what registered.yaml names: first what ships, then the search's ten, then the "
        f"others, each {buying}. The right-hand columns compare it "
        "with the volatility logistic of its tier on the same days: the precision of that when it buys on as many "
        "days, and what the contender has more (+) or less (-) of precision and of AUC, each with its 95 % interval. "
        "The interval of what ships stands alone; those of the others hold together at that level, so each is one of a "
        "higher level and wider; and the verdict on another asks whether the best of as many without skill earns as "
        "much. An end of -1 or +1 is a limit, not a finding: these days say nothing more on that "
        "side.",
        tested_table(rows),
    ]


def _threshold(found: Findings) -> list[str]:
    chosen = "what ships is chosen and the search's ten are selected. Here every contender buys"
    told = f"Where thresholds are set, {chosen} from its own threshold."
    if found.per_day:
        told = f"Where {chosen} {the_best(found.per_day)} of each day."
    return [
        "## Threshold role",
        f"{told} *At least* is the one-sided lower bound of precision, *shrunken* what is left of "
        "precision without the luck of being chosen, *worth* the independent buys whose share of hits would vary as "
        "much, *seed sd* the standard deviation of AUC over seeds, *range* that of the scores. Lift, alert rate, "
        "intervals and the number of configurations looked at are in metrics/selection.json.",
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
    parts = ["## Search", table(header, [[study, *(str(c[key]) for key in counts)] for study, c in searches.items()])]
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
    return ["## After the search", "\n".join(lines), *changes] if lines else []


def _rising(sweep: Sequence[Row]) -> list[str]:
    learned = [row["name"] for row in sweep if row["verdict"] == "rises"]
    others = [f"- {row['name']}: {row['verdict']} (trend z {row['trend_z']:.1f})" for row in sweep]
    flat = [line for line, row in zip(others, sweep) if row["verdict"] != "rises"]
    count = f"Yes for {len(learned)} of {len(sweep)} contenders."
    parts = ["## Does precision rise with the threshold?", count]
    return parts + (["Not for these, which have not learned to discriminate:", "\n".join(flat)] if flat else [])
