"""What the supplementary trials of a tier brought, as Markdown made from the numbers of this run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from buysignal.report.tables import table

Row = Mapping[str, Any]
CHANGED = ("budget", "d_model", "n_layers", "n_heads", "d_ff_ratio", "dropout", "learning_rate", "weight_decay")


def supplement_text(found: Row, trials: Sequence[Row]) -> str:
    """Verdict, the two best side by side, the sets and every trial.

    Parameters
    ----------
    found : metrics/supplement/<tier>.json
    trials : rows of the tier's supplementary trial table
    """
    parts = [f"# Supplementary trials of {found['tier']}", verdict(found)]
    if found["compared"]:
        parts += [_compared(found)]
    parts += ["## Sets", _sets(found["sets"])]
    missing = [f"- {s['set']} ({s['round']} round): {s['missing']}" for s in found["sets"] if s["missing"]]
    if missing:
        parts += ["Missing:", "\n".join(missing)]
    if trials:
        parts += ["## Trials", _trials(trials, found["threshold"])]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def verdict(found: Row) -> str:
    """Whether the supplement improved on the search beyond the luck of seeds, in a sentence."""
    if not found["compared"]:
        return f"**Cannot tell whether the supplement improved on the search**: {found['reason']}."
    search, supplement = found["compared"]
    objective = found["objective"].replace("_", " ").replace("auc", "AUC")
    d = found["difference"][found["objective"]]
    says = {
        "improved": "improved on the search",
        "not improved": "did not improve on the search",
        "cannot tell": "cannot be told apart from the search",
    }[found["verdict"]]
    interval = (
        f"{100 * d['confidence']:g} % interval {d['low']:+.4f} to {d['high']:+.4f}"
        if d["low"] is not None
        else "one seed has no interval"
    )
    return (
        f"**The supplement {says}**: {supplement['name']} minus {search['name']}, both trained again in full over the "
        f"same {d['seeds']} fresh seeds, is {d['mean']:+.4f} in {objective} on the rank role ({interval}, paired by "
        f"seed). Its precision differs by {_interval(found['difference']['precision'])}, its recall by "
        f"{_interval(found['difference']['recall'])}. The seeds are fresh, but the days are those that chose both: the "
        f"intervals cover the luck of training, not of the market."
    )


def _compared(found: Row) -> str:
    header = ("model", "precision", "recall", "buys", "AUC", "parameters")
    rows = [
        [
            f"{row['name']} (best of the {which})",
            *buying(row),
            f"{row['auc']:.4f}",
            f"{row['parameters']:,}",
        ]
        for which, row in zip(("search", "supplement"), found["compared"])
    ]
    d = found["difference"]
    rows.append(["difference", *(_interval(d[name]) for name in ("precision", "recall", "n_buys", "auc")), ""])
    note = f"Means over seeds on the rank role; a buy is a score of at least {found['threshold']:g}."
    return table(header, rows) + "\n" + note


def buying(row: Row) -> list[str]:
    """Precision, recall and buys of a row of means; dashes where nothing was bought."""
    if not row["n_buys"]:
        return ["–", "–", "0"]
    return [f"{row['precision']:.3f}", f"{row['recall']:.3f}", f"{row['n_buys']:.1f}".removesuffix(".0")]


def _interval(d: Row) -> str:
    ends = "" if d["low"] is None else f" [{d['low']:+.3f}, {d['high']:+.3f}]"
    return f"{d['mean']:+.3f}{ends}"


def _sets(sets: Sequence[Row]) -> str:
    header = ("set", "round", "for", "wanted", "run", "complete", "failed", "collapsed", "best objective", "why")
    rows = [
        [s["set"], s["round"], s["purpose"]]
        + [str(s[key]) for key in ("wanted", "trials", "complete", "failed", "collapsed")]
        + ["–" if s["best_value"] is None else f"{s['best_value']:.4f}", s["why"]]
        for s in sets
    ]
    return table(header, rows)


def _trials(trials: Sequence[Row], threshold: float) -> str:
    header = ("trial", "precision", "recall", "buys", "AUC", *CHANGED, "note")
    rows = []
    for trial in trials:
        measured = trial["state"] == "complete"
        metrics = [*buying(trial), f"{trial['auc']:.4f}"] if measured else ["–"] * 4
        note = trial["error"] or ("collapsed" if trial["collapsed"] else "")
        rows.append([trial["asked_by"], *metrics, *(f"{trial[key]}" for key in CHANGED), note])
    return table(header, rows) + f"\nEach trained like a search trial; a buy is a score of at least {threshold:g}."
