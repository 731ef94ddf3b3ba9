"""How many trials failed, and of what, as a sentence made from this run's numbers."""

from collections.abc import Mapping, Sequence

from buysignal.report.words import Row


def failed(searches: Mapping[str, Row], supplements: Sequence[Row]) -> str:
    """All failed trials, by kind.

    Parameters
    ----------
    searches : study -> its counts, of metrics/analyze.json
    supplements : of metrics/rounds.json, one per tier
    """
    counted = [(study, counts["failed"], counts["trials"]) for study, counts in searches.items()]
    for row in supplements:
        lost, trials = (sum(one[key] for one in row.get("sets", ())) for key in ("failed", "trials"))
        counted.append((f"the supplement of {row['tier']}", lost, trials))
    trials, lost = (sum(one[at] for one in counted) for at in (2, 1))
    if not lost:
        return f"None of {trials} trials failed."
    said = []
    for where, count, _ in counted:
        if count:
            parts = ", ".join(f"{many} {kind}" for kind, many in searches.get(where, {}).get("failures", {}).items())
            said.append(f"{count} in {where}" + (f" ({parts})" if parts else ""))
    return f"{lost} of {trials} trials failed and were left out: {'; '.join(said)}."
