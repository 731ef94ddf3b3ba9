"""What the supplementary trials of a tier brought, as Markdown made from the numbers of this run."""

from collections.abc import Sequence

from buysignal.report.markdown import table
from buysignal.report.words import Row, interval, metric, paragraphs, signed

METRICS = ("precision", "recall", "n_buys", "auc")
BUYING = ("precision", "interval", "recall", "interval", "buys", "worth")
READ = "Intervals are two-sided 95 %, means over the seeds' own; buys are worth so many independent ones"
CHANGED = ("budget", "d_model", "n_layers", "n_heads", "d_ff_ratio", "dropout", "learning_rate", "weight_decay")


def supplement_text(found: Row, trials: Sequence[Row]) -> str:
    """Verdict, the two best side by side, the sets and every trial.

    Parameters
    ----------
    found : one of ``supplement`` in metrics/rounds.json
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
    return paragraphs(parts)


def verdict(found: Row) -> str:
    """Whether the supplement improved on the search beyond the luck of seeds, in a sentence."""
    if not found["compared"]:
        return f"**Cannot tell whether the supplement improved on the search**: {found['reason']}."
    search, supplement = found["compared"]
    d = found["difference"][found["objective"]]
    if d["mean"] == d["low"] == d["high"] == 0:
        return (
            f"**The supplement found the same model again**: {supplement['name']} and {search['name']} differ in their "
            f"configuration and in no score."
        )
    says = {
        "improved": "improved on the search",
        "not improved": "did not improve on the search",
        "cannot tell": "cannot be told apart from the search",
    }[found["verdict"]]
    return (
        f"**The supplement {says}**: {supplement['name']} minus {search['name']}, both trained again in full over the "
        f"same {d['seeds']} fresh seeds, is {d['mean']:+.4f} in {metric(found['objective'])} on the rank role "
        f"({interval(d)}, paired by seed). Its precision differs by {_interval(found['difference']['precision'])}, its "
        f"recall by {_interval(found['difference']['recall'])}. The seeds are fresh, but the days are those that chose "
        f"both: the intervals cover the luck of training, not of the market."
    )


def _compared(found: Row) -> str:
    header = ("model", *BUYING, "base rate", "AUC", "parameters")
    rows = [
        [
            f"{row['name']} (best of the {which})",
            *buying(row),
            f"{row['base_rate']:.3f}",
            f"{row['auc']:.4f}",
            f"{row['parameters']:,}",
        ]
        for which, row in zip(("search", "supplement"), found["compared"])
    ]
    d = {name: _interval(found["difference"][name]) for name in METRICS}
    rows.append(["difference", d["precision"], "", d["recall"], "", d["n_buys"], "", "", d["auc"], ""])
    one = found["compared"][0]
    note = (
        f"Means over {one['seeds']} seeds on the rank role, of the best of {one['configurations']} trials; a buy is a "
        f"score of at least {found['threshold']:g}. {READ}."
    )
    return table(header, rows) + "\n" + note


def buying(row: Row) -> list[str]:
    """Precision, its interval, recall, its interval, buys and what they are worth, from a row of metrics JSON."""
    return bought(row, [row["precision_interval"], row["recall_interval"]])


def bought(row: Row, intervals: Sequence[Sequence[float]]) -> list[str]:
    """Cells under `BUYING`, dashes where nothing was bought; intervals of precision and of recall."""
    if not row["n_buys"]:
        return ["–", "–", "–", "–", "0", "–"]
    counts = [f"{row[key]:.1f}".removesuffix(".0") for key in ("n_buys", "n_eff")]
    precision, recall = (f"{low:.2f}–{high:.2f}" for low, high in intervals)
    return [f"{row['precision']:.3f}", precision, f"{row['recall']:.3f}", recall, *counts]


def ends(row: Row) -> list[tuple[float, float]]:
    """The intervals of precision and of recall, from a row of a trial table."""
    return [(row[f"{share}_interval_low"], row[f"{share}_interval_high"]) for share in ("precision", "recall")]


def _interval(d: Row) -> str:
    return f"{d['mean']:+.3f}" if d["low"] is None else signed(d["mean"], d["low"], d["high"])


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
    header = ("trial", *BUYING, "AUC", *CHANGED, "note")
    rows = []
    for trial in trials:
        measured = trial["state"] == "complete"
        metrics = [*bought(trial, ends(trial)), f"{trial['auc']:.4f}"] if measured else ["–"] * (len(BUYING) + 1)
        note = trial["error"] or ("collapsed" if trial["collapsed"] else "")
        rows.append([trial["asked_by"], *metrics, *(f"{trial[key]}" for key in CHANGED), note])
    rates = [trial["base_rate"] for trial in trials if trial["state"] == "complete"]
    base = f" The base rate is {rates[0]:.3f}." if rates else ""
    return table(header, rows) + (
        f"\nEach trained like a search trial, among {trials[0]['configurations']} looked at on this tier; a buy is a "
        f"score of at least {threshold:g}. {READ}.{base}"
    )
