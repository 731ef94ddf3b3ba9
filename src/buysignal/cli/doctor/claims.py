"""Numbers that are not of this run: altered, left over, without their evidence, or of a larger model."""

from __future__ import annotations

from typing import Any

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.tested import ROUNDED, against_ledger, differing, recomputed, test_role
from buysignal.cli.doctor.verdict import Check, Finding, conclude
from buysignal.core.errors import UserError
from buysignal.features.tiers import n_features
from buysignal.judge.evidence import missing
from buysignal.judge.operating import JUDGE
from buysignal.models.patchtst.architecture import Configuration, count_parameters


def _altered(run: Run) -> Finding:
    models, faults, warnings, unjudged = {**run.baselines, **run.models}, [], [], []
    for row in run.judged:
        name = row["name"]
        if name not in models:
            faults.append(f"selection.json has {name}, of which there are no scores")
            continue
        faults += differing(name, row, recomputed(models[name], JUDGE, row["threshold"], run))
    for row in [*run.tested, *run.tested_baselines]:
        faults += _consistent(row, run)
    for part in (against_ledger, lambda run: (test_role(run), [])):
        try:
            wrong, doubtful = part(run)
        except UserError as error:
            unjudged.append(str(error))
        else:
            faults, warnings = faults + wrong, warnings + doubtful
    headline = run.metrics("headline.json", "select")["headline"]
    first = next((row for row in run.judged if run.selected and row["name"] == run.selected[0]["card"]["name"]), None)
    faults += _copied("headline.json", headline, first)
    faults += _copied("test.json", run.metrics("test.json", "train")["test"], run.tested[0] if run.tested else None)
    tested = len(run.tested) + len(run.tested_baselines)
    fine = f"{len(run.judged)} rows of the threshold role and {tested} of the test role are what their scores give"
    return conclude(faults, warnings, fine, unjudged)


def _consistent(row: dict[str, Any], run: Run) -> list[str]:
    """What a row of the test role shows without its scores: counts against the table, shares against counts."""
    label = run.table(row["tier"]).loc[lambda table: table["role"] == "test", "label"]
    days, positives = len(label), int(label.sum())
    precision, recall = row["hits"] / max(row["n_buys"], 1), row["hits"] / max(positives, 1)
    right = {"n": days, "base_rate": positives / max(days, 1), "precision": precision, "recall": recall}
    wrong = [key for key, value in right.items() if abs(row[key] - value) > ROUNDED]
    if row["hits"] > min(row["n_buys"], positives) or row["n_buys"] > days:
        wrong.append("hits")
    if not row["precision_low"] <= row["precision"] + ROUNDED:
        wrong.append("precision_low")
    return [f"test, {row['name']}: {key} {row[key]:g} does not agree with its counts" for key in wrong]


def _copied(file: str, short: dict[str, Any], row: dict[str, Any] | None) -> list[str]:
    """A one-model file repeats the row of the model that was selected first."""
    if row is None:
        return []
    wrong = [key for key in ("precision", "precision_low", "recall", "n_buys", "auc") if short[key] != row[key]]
    return [f"{file}: {key} {short[key]:g} is not that of {row['name']}, {row[key]:g}" for key in wrong]


def _bare(run: Run) -> Finding:
    files = {"selection.json": run.judged, "train.json": [*run.tested, *run.tested_baselines]}
    bare = {file: missing(value) for file, value in files.items()}
    places = [f"{len(found)} rows of {file}, such as {found[0]}" for file, found in bare.items() if found]
    return conclude([], places, "every precision and recall has its count, interval, base rate and number of looks")


def _stale(run: Run) -> Finding:
    faults, warnings, params = [], [], run.params
    selected = [entry["card"]["name"] for entry in run.selected]
    for file, rows in {"selection.json": run.judged, "train.json": [*run.tested, *run.tested_baselines]}.items():
        for row in rows:
            if row["tier"] not in params.tiers or (row["budget"] and row["budget"] not in params.budgets):
                faults.append(f"{file}: {row['name']} is of {row['tier']} {row['budget']}, which params.yaml has not")
    if [row["name"] for row in run.tested] != selected:
        faults.append("train.json tests other models than selected.json names")
    shipped = run.shipped if run.has("data/models/models.json") else []
    for model in shipped:
        said = model.manifest
        for what, found, right in (
            ("label", said["label"], vars(params.label)),
            ("shape", said["shape"], vars(params.shape)),
            ("seeds", len(said["card"]["seeds"]), params.training.seeds),
        ):
            if found != right:
                faults.append(f"{model.name} was shipped with another {what} than params.yaml has")
    left = sorted(path.stem for path in (run.root / "metrics" / "featurize").glob("*.json"))
    warnings += [f"metrics/featurize/{tier}.json is left over" for tier in left if tier not in params.tiers]
    return conclude(faults, warnings, "every number is of the tiers, budgets and label in params.yaml")


def _cap(run: Run) -> Finding:
    faults, params = [], run.params
    cards = [model.card for model in run.models.values()]
    for card in cards:
        true = count_parameters(card.configuration, params.shape, n_features(card.tier))
        faults += _over(card.name, card.budget, card.parameters, true, run)
    for model in run.shipped if run.has("data/models/models.json") else []:
        card, found = model.manifest["card"], model.tensors["theta"].shape[1]
        faults += _over(f"shipped {model.name}", card["budget"], card["parameters"], found, run)
        true = count_parameters(Configuration(**card["configuration"]), params.shape, len(model.manifest["features"]))
        if true != found:
            faults.append(f"shipped {model.name} has {found:,} weights, its configuration has {true:,}")
    return conclude(faults, [], f"all {len(cards)} models keep under the cap of their budget, counted again")


def _over(name: str, budget: str, stated: int, true: int, run: Run) -> list[str]:
    faults = [] if stated == true else [f"{name} is said to have {stated:,} parameters and has {true:,}"]
    grid = run.params.grids.get(budget)
    if grid is not None and true > grid.cap:
        faults.append(f"{name} has {true:,} parameters, the cap of {budget} is {grid.cap:,}")
    return faults


CHECKS = (
    Check("numbers-altered", "a metric that its own scores and counts do not give", _altered),
    Check("bare-precision", "a precision or recall without what is needed to doubt it", _bare),
    Check("stale-results", "numbers of another run: tiers, budgets or a label that params no longer have", _stale),
    Check("cap-exceeded", "a model larger than the budget it is shown under", _cap),
)
