"""The roles of time: which days a run learned from, chose on and was judged on."""

from collections.abc import Mapping

import altair as alt

from buysignal.report.charts.chart import BLUE, GREY, Chart, listed, panel, records, tips
from buysignal.report.words import PURGED, ROLES, Row

TITLE = "Which days were used for what"


def roles(found: Mapping[str, Row]) -> list[Chart]:
    """A bar per role, from its first to its last day; ``roles`` of metrics/featurize/<tier>.json."""
    spans = [
        {"role": name, "used": ROLES[name], "test": name == "test", **row}
        | {end: f"{row[end]}T00:00:00" for end in ("first", "last")}
        for name, row in found.items()
        if name != PURGED and row["first"] and row["last"]
    ]
    if not spans:
        return []
    spans.sort(key=lambda row: row["first"])
    said = tips(role="role", used="it", first="first day|%Y-%m-%d", last="last day|%Y-%m-%d", rows="rows|,")
    axis, names = alt.Axis(format="%Y", labelOverlap="greedy"), [row["role"] for row in spans]
    x = alt.X("first", type="temporal", title=None, axis=axis)
    colour = alt.condition(alt.datum.test, alt.value(BLUE), alt.value(GREY))
    bar = alt.Chart(records(spans)).mark_bar(height=14, cornerRadius=2)
    layer = bar.encode(x=x, x2="last", y=listed(names, "role"), color=colour, tooltip=said)
    says = "No day has two roles. What is learned or chosen on one role is judged on a later one; the test comes last."
    table = [[row["role"], row["used"], row["first"][:10], row["last"][:10], f"{row['rows']:,}"] for row in spans]
    header = ("role", "it", "first", "last", "rows")
    return [panel(TITLE, says, [layer], header, table, 26 * len(names), wide=True)]
