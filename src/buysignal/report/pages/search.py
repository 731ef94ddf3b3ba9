"""What the trials of the search tell, as Markdown made from the numbers of this run."""

import json
from collections.abc import Mapping, Sequence

from buysignal.judge.trials.findings import COUNTED
from buysignal.judge.trials.importance import SAMPLE
from buysignal.report.markdown import table
from buysignal.report.pages.rounds import BUYING, bought, ends
from buysignal.report.words import Row, metric, paragraphs, shape
from buysignal.search.rounds.trends import CANNOT_TELL
from buysignal.search.study.space import DIMENSIONS

COUNTS = ("trials", "complete", "pruned", "failed", "collapsed", "wasted")


def analysis_text(analyzed: Row, best: Mapping[str, Sequence[Row]]) -> str:
    """The whole page.

    Parameters
    ----------
    analyzed : metrics/analyze.json
    best : tier, in the order of the page -> rows of its best usable trials
    """
    shown, level = metric(analyzed["objective"]), analyzed["confidence"]
    parts = ["# What the trials of the search tell", *_findings(analyzed["findings"])]
    parts += ["## Coverage", _coverage(analyzed["coverage"])]
    for name, rows in best.items():
        parts += [f"## Tier {name}", *_tier(analyzed["tiers"][name], rows, shown, level)]
    parts += ["## Size", *_scaling(analyzed["scaling"])]
    return paragraphs(parts)


def _findings(found: Sequence[Row]) -> list[str]:
    settled = [f for f in found if f["verdict"] != CANNOT_TELL]
    rest = [f for f in found if f["verdict"] == CANNOT_TELL]
    asked = [f for f in found if f["topic"] not in COUNTED]
    answered = sum(f["verdict"] != CANNOT_TELL for f in asked)
    parts = [f"Of {len(asked)} questions, {answered} have an answer and {len(asked) - answered} do not."]
    if settled:
        parts += ["## Findings", _lines(settled)]
    if rest:
        parts += ["## What these trials cannot tell", _lines(rest)]
    return parts


def _lines(found: Sequence[Row]) -> str:
    return "\n".join(f"- {f['where']}: {f['text']}" for f in found)


def counted(coverage: Mapping[str, Row]) -> tuple[str, ...]:
    """What is counted of each study's trials; variants only where a study has some."""
    return (*COUNTS, "variants") if any(c["variants"] for c in coverage.values()) else COUNTS


def _coverage(coverage: Mapping[str, Row]) -> str:
    counts = counted(coverage)
    header = ("study", *counts, "architectures tested", "of possible", "of reachable")
    keys = (*counts, "architectures_tested", "architectures_possible")
    rows = [
        [study, *(str(c[key]) for key in keys), f"{c['coverage_of_reachable']:.0%}"] for study, c in coverage.items()
    ]
    return table(header, rows)


def _tier(found: Row, best: Sequence[Row], objective: str, confidence: float) -> list[str]:
    if found["missing"]:
        return [f"Nothing can be learned here: {found['missing']}."]
    parts = [
        f"The top are the {found['top']} best of {found['complete']} complete trials by {objective}"
        + (f", {found['collapsed']} collapsed ones left out" if found["collapsed"] else "")
        + f". Intervals are {100 * confidence:g} % t intervals of the mean {objective}, cut "
        "at 0 and 1. Values were not tried at "
        "random: where the search came back to a value it also improved the others, so a share is a lead to follow, "
        "not an effect. A value is promising (*) if it is in the top more often than a trial at large and holds more "
        "than an even split of it.",
        "### Best trials",
        _best(best),
    ]
    for name in DIMENSIONS:
        dimension = found["dimensions"][name]
        parts += [f"### {name}", _values(dimension, found, objective), _gaps(name, dimension)]
    return [part for part in [*parts, *_importance(found), *_correlations(found["correlations"])] if part]


def _best(rows: Sequence[Row]) -> str:
    header = ("trial", *BUYING, "base rate", "AUC", "parameters")
    header += ("d_model x layers x heads x ff", "dropout", "learning rate", "weight decay")
    lines = []
    for row in rows:
        lines.append(
            [f"{row['budget']}-T{row['index']}", *bought(row, ends(row))]
            + [f"{row['base_rate']:.3f}", f"{row['auc']:.4f}", f"{row['parameters']:,}", shape(row)]
            + [f"{row[key]:g}" for key in ("dropout", "learning_rate", "weight_decay")]
        )
    looked_at = " and ".join(
        f"{int(count)} of {budget}" for budget, count in {row["budget"]: row["configurations"] for row in rows}.items()
    )
    seeds = len(json.loads(rows[0]["seeds"]))
    return table(header, lines) + (
        f"\nThe best of {looked_at} trials, on the days that chose them: leads, not claims. Means over "
        f"{seeds} seed{'s' if seeds > 1 else ''} of each trial; intervals are two-sided 95 %, buys are worth so many "
        "independent ones, and a buy is a score of at least the search's threshold."
    )


def _values(dimension: Row, found: Row, objective: str) -> str:
    header = ("value", "trials", "of all", "in the top", "of the top", f"mean {objective}", "interval")
    rows = []
    for text, v in sorted(dimension["values"].items(), key=lambda pair: float(pair[0])):
        interval = "one trial" if v["low"] is None else f"{max(v['low'], 0):.4f} to {min(v['high'], 1):.4f}"
        shares = [str(v["count"]), f"{v['count'] / found['complete']:.1%}", str(v["in_top"]), f"{v['share']:.1%}"]
        rows.append([f"{text}{' *' if v['promising'] else ''}", *shares, f"{v['mean']:.4f}", interval])
    return table(header, rows)


def _gaps(name: str, dimension: Row) -> str:
    if len(dimension["values"]) == 1:
        return "One value was tried."
    matters = f"that {name} matters for reaching the top: {dimension['verdict']}"
    parts = [f"Best supported is {dimension['sweet_spot']}; {matters} (chi-square p = {dimension['p_value']:.2g})."]
    if dimension["gaps"]:
        parts.append(f"Untested in or next to it: {', '.join(dimension['gaps'])}.")
    if dimension["beyond"]:
        parts.append(f"Past the end of the tested values: {', '.join(dimension['beyond'])}.")
    return " ".join(parts)


def _importance(found: Row) -> list[str]:
    if not found["importance"]:
        return []
    rows = [
        [i["name"], f"{i['pedanova']:.1%}", f"{i['fanova']:.1%}", f"{i['p_value']:.2g}", i["verdict"]]
        for i in found["importance"]
    ]
    drawn = f" Estimated from {SAMPLE} trials drawn at random." if found["complete"] > SAMPLE else ""
    return [
        "### Importance",
        "PED-ANOVA: what tells the top from the other trials; fANOVA: what explains the objective. p is how often a "
        "shuffled objective gives PED-ANOVA as high a value, corrected for the number of dimensions. It takes "
        "neighbouring values for nearly the same, where the chi-square of a dimension above takes each for itself: "
        f"where one finds something and the other does not, neither settles it.{drawn}",
        table(("dimension", "PED-ANOVA", "fANOVA", "p", "verdict"), rows),
    ]


def _correlations(found: Sequence[Row]) -> list[str]:
    rows = []
    for c in found:
        buys = "" if c["n_buys"] is None else f"{c['n_buys']:.1f}"
        rho = "–" if c["rho"] is None else f"{c['rho']:+.2f}"
        rows.append([c["name"], c["metric"], str(c["n"]), buys, rho, _interval(c, "+.2f"), c["verdict"]])
    return [
        "### Rank correlations",
        table(("dimension", "metric", "trials", "buys", "correlation", "interval", "rises"), rows),
    ]


def _interval(row: Row, form: str) -> str:
    low, high = row["low"], row["high"]
    return "–" if low is None or high is None else f"{low:{form}} to {high:{form}}"


def _scaling(steps: Sequence[Row]) -> list[str]:
    if not steps:
        return ["One tier and one budget: no sizes to compare."]
    header = ("larger against smaller", "metric", "size", "size of smaller", "level", "of smaller")
    header += ("buys (worth)", "of smaller", "base rate", "difference", "interval", "more is better", "seed sd")
    rows = []
    for s in steps:
        large, small = _side(s["large"], s["axis"]), _side(s["small"], s["axis"])
        sides = [side for side in (s["large"], s["small"]) if side is not None]
        spread = [side["seed_sd"] for side in sides if side["seed_sd"] is not None]
        difference = "–" if s["difference"] is None else f"{s['difference']:+.4f}"
        sizes = [cell for pair in zip(large, small) for cell in pair]
        luck = f"{max(spread):.4f}" if spread else "one seed"
        rates = [side["evidence"]["base_rate"] for side in sides if side["evidence"]]
        base = f"{rates[0]:.3f}" if rates else ""
        name = f"{s['studies'][1]} against {s['studies'][0]}"
        rows.append([name, s["metric"], *sizes, base, difference, _interval(s, "+.4f"), s["verdict"], luck])
    return [
        "The level is the mean over the best part of a study's usable trials by objective, not its one best trial; "
        "size is the median true parameter count of these, or the tier's number of features. Intervals are bootstraps "
        "over trials, simultaneous over all rows; a trial without a buy has no precision and is left out there. Beside "
        "a precision stands the 95 % interval of one trial and how many independent buys its buys are worth. All "
        "trials were judged on the same rank days, so other days may differ more than the intervals say.",
        table(header, rows),
    ]


def _side(side: Row | None, axis: str) -> tuple[str, str, str]:
    """Size, level and buys of one study in a step."""
    if side is None:
        return "–", "–", "–"
    size, level = side["parameters" if axis == "parameters" else "features"], f"{side['level']:.4f}"
    evidence = side["evidence"]
    if evidence is None:
        return f"{size:,}", level, ""
    low, high = evidence["precision_interval"]
    return f"{size:,}", f"{level} [{low:.2f}, {high:.2f}]", f"{evidence['n_buys']:.1f} ({evidence['n_eff']:.1f})"
