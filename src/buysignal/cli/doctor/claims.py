"""Numbers that are not of this run: altered, left over, without their evidence, or of a larger model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from buysignal.bars.symbols import age
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.tested import REDRAWN, ROUNDED, against_ledger, differing, recomputed, registration, test_role
from buysignal.cli.doctor.verdict import Looking, Unjudged, Warn, check
from buysignal.core.errors import UserError
from buysignal.judge.compared import compared, lead
from buysignal.judge.evidence import missing
from buysignal.judge.mirror import formula_of
from buysignal.judge.operating import JUDGE
from buysignal.models.metrics import auc
from buysignal.models.patchtst.architecture import count_parameters
from buysignal.models.scores import Scored
from buysignal.ship.registered import SCORES, read_scores


@check("numbers-altered", "a metric that its own scores and counts do not give")
def _altered(run: Run) -> Looking:
    models = run.contenders
    for row in run.judged:
        name = row["name"]
        if name in models:
            yield from differing(name, row, recomputed(models[name], JUDGE, row["threshold"], run))
        else:
            yield f"selection.json has {name}, of which there are no scores"
    tested = run.claims["train.json"]
    for row in tested:
        yield from _consistent(row, run)
    for part in (registration, against_ledger, test_role):
        try:
            yield from part(run)
        except UserError as error:
            yield Unjudged(error)
    headline = run.metrics("headline.json", "select")["headline"]
    first = next((row for row in run.judged if row["name"] in run.names[:1]), None)
    yield from _copied("headline.json", headline, first)
    yield from _copied("test.json", run.metrics("test.json", "test")["test"], next(iter(run.tested), None))
    yield from _candidate(run)
    return f"{len(run.judged)} rows of the threshold role and {len(tested)} of the test role are what their scores give"


def _consistent(row: dict[str, Any], run: Run) -> Iterator[str]:
    """What a row of the test role shows without its scores: counts against the table, shares against counts."""
    table, context = run.table(row["tier"]), run.params.shape.context
    label = table["label"][(table["role"] == "test") & (age(table.index) >= context - 1)]  # a new symbol has no window
    days, positives = len(label), int(label.sum())
    precision, recall = row["hits"] / max(row["n_buys"], 1), row["hits"] / max(positives, 1)
    right = {"n": days, "base_rate": positives / max(days, 1), "precision": precision, "recall": recall}
    wrong = [key for key, value in right.items() if abs(row[key] - value) > ROUNDED]
    if row["hits"] > min(row["n_buys"], positives) or row["n_buys"] > days:
        wrong.append("hits")
    if not row["precision_low"] <= row["precision"] + ROUNDED:
        wrong.append("precision_low")
    yield from (f"test, {row['name']}: {key} {row[key]:g} does not agree with its counts" for key in wrong)


def _candidate(run: Run) -> Iterator[str]:
    """candidate.json is the candidate's row, and what it has more than the registered one."""
    said = run.metrics("candidate.json", "compare")
    yield from _copied("candidate.json", said, next((row for row in run.judged if row["name"] == "candidate"), None))
    if run.has(SCORES):
        right = lead(compared(run.candidate, read_scores(run.root / SCORES), run.rules, run.params.seed))
        if {key for key in said if key.startswith("lead")} != set(right):
            yield f"candidate.json has {'no' if right else 'a'} lead over the candidate of {SCORES}"
        else:
            yield from differing("candidate.json", said, right, REDRAWN)


def _copied(file: str, short: dict[str, Any], row: dict[str, Any] | None) -> Iterator[str]:
    """A one-model file repeats the row of its model, which is what ships but for the candidate's."""
    for key in ("precision", "precision_low", "recall", "n_buys", "auc"):
        if row is not None and short[key] != row[key]:
            yield f"{file}: {key} {short[key]:g} is not that of {row['name']}, {row[key]:g}"


@check("bare-precision", "a precision or recall without what is needed to doubt it")
def _bare(run: Run) -> Looking:
    for file, rows in run.claims.items():
        if found := missing(rows):
            yield Warn(f"{len(found)} rows of {file}, such as {found[0]}")
    return "every precision and recall has its count, interval, base rate and number of looks"


@check("stale-results", "numbers of another run: tiers, budgets or a label that params no longer have")
def _stale(run: Run) -> Looking:
    params = run.params
    for file, rows in run.claims.items():
        for row in rows:
            if row["tier"] not in params.tiers or (row["budget"] and row["budget"] not in params.budgets):
                yield f"{file}: {row['name']} is of {row['tier']} {row['budget']}, which params.yaml has not"
    if not run.unopened and [row["name"] for row in run.tested] != run.names:
        yield "train.json tests other models than selected.json names"
    wanted = {"label": params.label, "context": params.shape.context, "select.per_day": params.select.per_day}
    trained = {"shape": params.shape, "seeds": params.training.seeds}
    for model in run.shipped_if_any:
        found: dict[str, Any] = {"label": model.label, "context": model.context, "select.per_day": model.per_day}
        if transformer := model.card.family == "transformer":
            found |= {"shape": model.fitted.shape, "seeds": len(model.card.seeds)}
        for what, right in (wanted | (trained if transformer else {})).items():
            if found[what] != right:
                yield f"{model.card.name} was shipped with another {what} than params.yaml has"
    for tier in sorted(path.stem for path in (run.root / "metrics" / "featurize").glob("*.json")):
        if tier not in params.tiers:
            yield Warn(f"metrics/featurize/{tier}.json is left over")
    return "every number is of the tiers, budgets and label in params.yaml"


@check("cap-exceeded", "a model larger than the budget it is shown under")
def _cap(run: Run) -> Looking:
    cards = {name: model.card for name, model in run.contenders.items()}
    cards |= {f"shipped {model.card.name}": model.card for model in run.shipped_if_any}
    searched = {name: card for name, card in cards.items() if card.family == "transformer"}
    for name, card in searched.items():
        true = count_parameters(card.configuration, run.params.shape, len(run.features(card.tier)))
        if card.parameters != true:
            yield f"{name} is said to have {card.parameters:,} parameters and has {true:,}"
        grid = run.params.grids.get(card.budget)
        if grid is not None and true > grid.cap:
            yield f"{name} has {true:,} parameters, the cap of {card.budget} is {grid.cap:,}"
    return f"all {len(searched)} models keep under the cap of their budget, counted again"


@check("mirror-altered", "a direction that the scores of rises and falls do not show")
def _mirror_altered(run: Run) -> Looking:
    rows = run.metrics("mirror.json", "mirror")
    for row in rows:
        name = row["name"]
        trio = (run.models.get(name), run.falls.get(name), formula_of(run.baselines.values(), row["tier"]))
        if None in trio:
            yield f"mirror.json has {name}, of which there are no scores"
        else:
            yield from differing(f"mirror.json, {name}", row, _areas(*trio))
    there = {row["name"] for row in rows}
    yield from (f"mirror.json lacks {name}, which is selected" for name in run.ranked if name not in there)
    return f"the areas of {len(rows)} models on rises and falls are what their scores give"


def _areas(rise: Scored, fall: Scored, formula: Scored) -> dict[str, float]:
    """The areas and differences of a row of `buysignal.judge.mirror.compared`; its intervals are not drawn again."""
    (up, up_score, _), (down, down_score, _), (_, plain, _) = (model.of(JUDGE) for model in (rise, fall, formula))
    found = {"auc_rise": auc(up, up_score), "auc_fall": auc(down, down_score), "auc_cross": auc(down, up_score)}
    found |= {"formula_rise": auc(up, plain), "formula_fall": auc(down, plain)}
    found["difference"] = found["auc_rise"] - found["auc_fall"]
    found["cross_difference"] = found["auc_rise"] - found["auc_cross"]
    return found | {"excess": found["cross_difference"] - (found["formula_rise"] - found["formula_fall"])}
