"""The report as Markdown: every sentence and table is made from the metrics of this run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from buysignal.judge.trials.findings import COUNTED
from buysignal.report.pages import budgets, closed, rounds
from buysignal.report.pages.data import data_section
from buysignal.report.pages.direction import mirror_section
from buysignal.report.pages.doubts import doubts
from buysignal.report.pages.failures import failed
from buysignal.report.pages.looks import ledger_section
from buysignal.report.pages.probabilities import calibration_section
from buysignal.report.tables import judged_table, selection_text, table, tested_table
from buysignal.report.words import Row, interval

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
    judged : one row per model on the threshold role
    selection : data/selected.json
    train : metrics/train.json
    sweep : metrics/sweep.json
    board, searched : metrics/snooping.json and metrics/overfitting.json
    calibrated, mirrored : metrics/calibration.json and metrics/mirror.json
    looks : `buysignal.ship.ledger.summary` of metrics/ledger.jsonl
    ledger : lines of metrics/ledger.jsonl
    compared : data/compared.json
    label : what is predicted, in words
    epochs : most epochs of a fit
    """

    ingest: Row
    tiers: Sequence[Row]
    searches: Mapping[str, Row]
    judged: Sequence[Row]
    selection: Row
    train: Row
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


def markdown(parts: Sequence[str]) -> str:
    """The blocks of a report as one text."""
    return "\n\n".join(parts) + "\n"


def blocks(found: Findings) -> list[str]:
    """The report block by block: a heading, a paragraph, a list or a table each; the first is its title."""
    why = closed.closed(found.selection, found.train)
    says = closed.verdict(why) if why else verdict(found.train, found.selection["note"])
    parts = ["# buysignal report", says, *_headline(found), *_length(found)]
    doubted = (found.judged, found.board, found.searched, found.mirrored, found.looks)
    parts += doubts(found.selection, found.train, *doubted)
    parts += [*_rising(found.sweep), *_test(found), *_threshold(found)]
    parts += ["## Selection", selection_text(found.selection), *mirror_section(found.mirrored)]
    parts += [*calibration_section(found.calibrated), *_calibrated(found.train), *_search(found), *_rounds(found)]
    parts += [*ledger_section(found.ledger), *data_section(found.ingest, found.tiers)]
    return [part.strip() for part in parts]


def verdict(train: Row, note: str) -> str:
    """Whether the headline model beats the volatility baseline on the test role, in one sentence.

    ``note`` is the selection's own line, which says how many were judged and rejected.
    """
    if not train["models"]:
        return f"**No model qualified** ({note}); the reasons are under *Selection*."
    row = train["models"][0]
    if row["one_class"]:
        which = "every one" if row["base_rate"] else "none"
        return f"**The test role can judge nothing**: of its {row['n']} days {which} is labelled 1."
    against = row["against_volatility"]
    ranks = {"better": "better", "worse": "worse", "cannot tell": "not shown to be better or worse"}
    ranking = f"its ranking of the days is {ranks[against['auc']['verdict']]} ({_difference('AUC', against['auc'])})"
    if against["precision"] is None:
        return (
            f"**The selected transformer {row['name']} bought on no test day**; beside the volatility baseline "
            f"{against['baseline']} {ranking}."
        )
    precise = {
        "better": "is more precise than",
        "worse": "is less precise than",
        "cannot tell": "is not shown to be more or less precise than",
    }[against["precision"]["verdict"]]
    return (
        f"**The selected transformer {row['name']} {precise} the volatility baseline {against['baseline']} buying on "
        f"as many test days** ({_difference('precision', against['precision'])}); {ranking}."
    )


def _difference(metric: str, found: Row) -> str:
    """A paired difference with its interval, in words."""
    return f"{metric} difference {found['difference']:+.3f}, {interval(found, 3)}"


def _headline(found: Findings) -> list[str]:
    if not found.selection["selected"]:
        return []
    chosen = found.selection["selected"][0]
    if closed.closed(found.selection, found.train):
        row = next(row for row in found.judged if row["name"] == chosen["card"]["name"])
        return [closed.headline(row), _fitted(chosen, row, chosen["point"]["threshold"], found.label)]
    row = found.train["models"][0]
    low, high = row["precision_interval"]
    rlow, rhigh = row["recall_interval"]
    always = f"buying always gives {row['base_rate']:.3f}"
    bought = (
        f"On the test role it bought on none of {row['n']} days, so its precision is undefined; {always}."
        if row["no_buys"]
        else f"On the test role it bought on {row['n_buys']} of {row['n']} days. Precision {row['precision']:.3f} "
        f"(95 % interval {low:.3f} to {high:.3f}, one-sided at least {row['precision_low']:.3f}; {always}), recall "
        f"{row['recall']:.3f} ({rlow:.3f} to {rhigh:.3f}). "
        f"Buying on as many days, {_rivals(row)}. {_when(row)}"
    )
    return [bought, _fitted(chosen, row, row["threshold"], found.label)]


def _fitted(chosen: Row, row: Row, threshold: float, label: str) -> str:
    """What the first selected model is."""
    fit = ", ".join(f"{name} {value}" for name, value in chosen["card"]["configuration"].items())
    cap = f"{row['cap']:,}" if row["cap"] else "none"
    return (
        f"Configuration: {fit}; {row['parameters']:,} parameters (cap {cap}), {row['seeds']} seeds, "
        f"threshold {threshold:.6f}. Predicted: {label}."
    )


def _rivals(row: Row) -> str:
    """What every baseline of the tier reaches with as many buys."""
    return ", ".join(f"{name} has {precision:.3f}" for name, precision in row["at_as_many_buys"].items())


def _when(row: Row) -> str:
    """When it bought: neighbouring buys may be one event, however little their hits depend on each other."""
    years = ", ".join(f"{count} in {year}" for year, count in row["by_year"].items())
    return (
        f"The buys fell in {row['episodes']} episodes more than five trading days apart ({years}); judged by how their "
        f"hits vary they are worth {row['n_eff']:.0f} independent ones."
    )


def _length(found: Findings) -> list[str]:
    """How many fits were still training when they had to stop: their verdict is one about that length."""
    epochs = [epoch for row in found.judged if row["family"] == "transformer" for epoch in row["epochs"]]
    cut = sum(epoch >= found.epochs for epoch in epochs)
    if not cut:
        return []
    return [
        f"{cut} of {len(epochs)} fits were not stopped by their stop role but by the limit of {found.epochs} epochs "
        f"(`training.epochs`): what is said here holds for that length of training."
    ]


def _test(found: Findings) -> list[str]:
    rows = [*found.train["models"], *found.train["baselines"]]
    if not rows:
        return ["## Test role", f"Closed: {found.train['unopened']}."]
    return [
        "## Test role",
        "Opened by the stage `test`, for what registered.yaml names. Thresholds come from the threshold role. The "
        "right-hand columns compare a model with the volatility baseline on the same days: the baseline's precision "
        "when it buys on as many days, and what the model has more (+) or less (-) of precision and of AUC, each with "
        "its 95 % interval. The first model was registered before the role was opened, and its interval stands alone; "
        "those of the other models hold together at that level, so each is one of a higher level and wider. An end of "
        "-1 or +1 is a limit, not a finding: these days say nothing more on that side.",
        tested_table(rows),
    ]


def _threshold(found: Findings) -> list[str]:
    return [
        "## Threshold role",
        "Where thresholds are judged and models selected. *At least* is the one-sided lower bound of precision, "
        "*shrunken* what is left of it without the luck of being chosen, *worth* the independent buys whose share of "
        "hits would vary as much, *seed sd* the standard deviation of AUC over seeds, *range* that of the scores. "
        "Lift, alert rate, intervals and the number of configurations looked at are in metrics/selection.json.",
        judged_table(found.judged),
        *([closed.candidate(found.compared)] if found.compared else []),
        f"Luck bar: {found.board['luck']['reason']}.",
    ]


def _calibrated(train: Row) -> list[str]:
    """Whether the headline's map also helped on the test role."""
    judged = train["models"][0]["calibration"] if train["models"] else {}
    if len(judged) < 2:
        return []
    raw, mapped = (judged[name]["log_loss"] for name in ("none", next(name for name in judged if name != "none")))
    rank = "on these days the map did not help: take its probability for no more than a rank"
    helped = "lower" if mapped < raw else f"not lower, {rank}"
    return [
        f"On the test role the log loss of {train['models'][0]['name']} is {mapped:.3f} with the map and {raw:.3f} "
        f"without: {helped}."
    ]


def _search(found: Findings) -> list[str]:
    searches, learned = found.searches, found.learned
    counts = ("trials", "complete", "pruned", "failed", "collapsed", "wasted")
    counts += ("architectures_tested", "architectures_possible")
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
    count = f"Yes for {len(learned)} of {len(sweep)} models and baselines."
    parts = ["## Does precision rise with the threshold?", count]
    return parts + (["Not for these, which have not learned to discriminate:", "\n".join(flat)] if flat else [])
