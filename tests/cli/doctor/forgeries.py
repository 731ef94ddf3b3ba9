"""Forgeries of what was seen on the test role, of shipped weights, of tests over all models and of the report."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
from safetensors.numpy import load_file, save_file

from buysignal.models import scores
from buysignal.models.kept import WEIGHTS
from buysignal.ship import ledger, registered
from buysignal.ship.package import FITTED
from tests.cli.doctor.claims import look_before
from tests.cli.doctor.deceptions import edit_json, first, headline, rescore
from tests.cli.doctor.planted import TIER
from tests.reliability.hostile_model import forge


def hits_added_on_test(root):
    def change(train):
        row = headline(train)
        positives = round(row["base_rate"] * row["n"])
        row["hits"] = min(row["hits"] + 3, row["n_buys"])
        row["precision"], row["recall"] = row["hits"] / row["n_buys"], row["hits"] / positives

    edit_json(root, "metrics/train.json", change)


def worse_baseline_on_test(root):
    edit_json(root, "metrics/train.json", lambda train: train["others"][-1].update(auc=0.1))


def auc_raised_on_test_and_in_the_scores(root):
    """The scores are forged along with the row: the ledger remembers what was seen."""
    models = scores.read(root / "data/tested")
    name = first(root)
    forged = [replace(m, scores=0.5 * m.label + 0.5 * m.scores) if m.card.name == name else m for m in models]
    scores.write(root / "data/tested", forged)
    edit_json(root, "metrics/train.json", lambda train: headline(train).update(auc=1.0))
    edit_json(root, "metrics/test.json", lambda content: content["test"].update(auc=1.0))


def trained_on_another_machine(root):
    """The look as it was seen there: its AUC differs in the third digit."""
    path = root / "metrics/ledger.jsonl"
    [own] = ledger.read(path)
    path.unlink()
    ledger.append(path, own.registered, own.data, own.results | {"auc": own.results["auc"] + 0.005})


def baseline_spoiled_in_the_scores(root):
    models = scores.read(root / "data/tested")
    spoiled = [replace(m, scores=1 - m.scores) if m.card.name == f"{TIER}-volatility" else m for m in models]
    scores.write(root / "data/tested", spoiled)


def ahead_of_volatility_by_more(root):
    def change(train):
        headline(train)["against_volatility"]["precision"].update(difference=0.5)

    edit_json(root, "metrics/train.json", change)


def verdict_of_what_ships_changed(root):
    def change(train):
        headline(train)["verdict"]["word"] = train["verdict"]["word"] = "cannot tell"

    edit_json(root, "metrics/train.json", change)


def verdict_on_top_changed(root):
    edit_json(root, "metrics/train.json", lambda train: train["verdict"].update(word="do not use"))


def more_earned(root):
    edit_json(root, "metrics/train.json", lambda train: headline(train)["money"].update(mean=0.01))


def money_interval_moved_above_0(root):
    edit_json(root, "metrics/train.json", lambda train: headline(train)["money"].update(mean_interval=[0.001, 0.02]))


def money_interval_of_a_rival_moved(root):
    """By half of a thousandth, which moves many a low end above 0."""

    def change(train):
        rivals = (row for row in (*train["models"], *train["others"]) if row["name"] != train["shipped"])
        money = next(row["money"] for row in rivals if row.get("money"))
        money["ahead_interval"][0] -= 0.0005

    edit_json(root, "metrics/train.json", change)


def money_of_no_buy(root):
    edit_json(root, "metrics/train.json", lambda train: headline(train).update(money=None))


def interval_moved_above_0(root):
    def change(train):
        found = headline(train)["against_volatility"]["auc"]
        found.update(low=found["low"] + 0.02)

    edit_json(root, "metrics/train.json", change)


def not_registered(root):
    """The registration of another run, whose hash is right."""
    content = registered.read(root / registered.PATH).content
    content["models"][0]["threshold"] /= 2
    registered.write(content | {"sha256": registered.sealed(content)}, "2026-01-02", root)


def registration_edited(root):
    path = root / registered.PATH
    path.write_text(path.read_text().replace("rank: 1,", "rank: 7,"))


def opened_and_said_to_be_closed(root):
    edit_json(root, "metrics/train.json", lambda train: train.update(unopened="rank 1 is another"))


def lead_over_the_registered(root):
    edit_json(root, "metrics/candidate.json", lambda candidate: candidate.update(lead=0.2))


def another_look(root):
    edit_json(root, "metrics/train.json", lambda train: train.update(look="0" * 64))


def noise_for_weights(root):
    [path] = root.glob(f"data/models/01-*/{FITTED}/{WEIGHTS}")
    tensors = dict(load_file(path))
    noise = np.random.default_rng(5).standard_normal(tensors["theta"].shape)
    save_file(tensors | {"theta": noise.astype(np.float32)}, path)


def another_model_in_its_place(root):
    shutil.rmtree(root / "data/models/shipped")
    shutil.copytree(root / f"data/models/{TIER}-touch", root / "data/models/shipped")


def threshold_of_what_ships(root):
    forge(root / "data/models/shipped", lambda manifest: manifest.update(threshold=0.31))


def another_fit_of_a_baseline(root):
    folder = root / f"data/models/{TIER}-volatility"
    forge(folder, coefficients=-load_file(folder / FITTED / WEIGHTS)["coefficients"])


def models_not_shipped(root):
    edit_json(root, "data/models/models.json", lambda names: names.pop())


def superiority_forged(root):
    def change(doubts):
        doubts["snooping"].update(spa_pvalue=0.77, superior=[])

    edit_json(root, "metrics/snooping.json", change)


def luck_forged(root):
    edit_json(root, "metrics/snooping.json", lambda doubts: doubts["luck"]["precision_low"].update(p95=0.01))


def report_turned_round(root):
    path = root / "metrics/report.md"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[1] + "**It beats everything.**\n" + "".join(lines[3:]))


def chart_made_better(root):
    path = root / "metrics/report.html"
    said = path.read_text()
    assert said.count('"precision": 0.') > 0
    path.write_text(re.sub(r'"precision": 0\.', '"precision": 0.9', said, count=1))


def page_made_better(root):
    path = root / "metrics/pages/selection.md"
    path.write_text(path.read_text().replace(" 0.", " 0.9", 1))


def calibrated_scores_made_constant(root):
    rescore(root, lambda model: replace(model, scores=np.full_like(model.scores, 0.3)))


def experiment(root, spoil):
    """A commit under refs/exps, as `dvc exp run` leaves one, whose ledger has been spoiled; the workspace's has not."""
    path = root / "metrics/ledger.jsonl"
    whole = path.read_bytes()
    spoil(root)

    def git(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        done = subprocess.run(["git", "-C", str(root), *who, *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q")
    git("add", "-f", "metrics/ledger.jsonl")
    git("update-ref", "refs/exps/ab/cd/lucky-draw", git("commit-tree", git("write-tree"), "-m", "experiment"))
    path.write_bytes(whole)


def look_of_an_experiment(root):
    experiment(root, lambda root: look_before(root, [0.1]))


def looks_of_an_experiment_torn(root):
    def torn(root):
        look_before(root, [0.1])
        path = root / "metrics/ledger.jsonl"
        path.write_bytes(path.read_bytes()[:-9])

    experiment(root, torn)


def lock_of_dvc_emptied(root):
    (root / "dvc.yaml").write_text("stages: {train: {cmd: python stages/train.py, outs: [data/models]}}\n")
    (root / "dvc.lock").write_text("")
