"""What a chart of the report is, and the look that all of them share.

Colours are those of Okabe & Ito ("Color universal design", 2008), which people with any of the common
colour deficiencies can tell apart; a shape or a dash always says the same as a colour. The page's style sheet
(templates/report.css) has them, one set for a light page and one for a dark one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from buysignal.report.words import Row, capital

BLUE, VERMILLION, GREEN, PURPLE, INK, ORANGE, SKY = (
    f"var(--{name})" for name in ("blue", "vermillion", "green", "purple", "ink", "orange", "sky")
)
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, INK, ORANGE, SKY)
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
DASHES = ((1, 0), (7, 3), (2, 2))
GREY, RULE = "var(--grey)", "var(--rule)"
HEIGHT = 240  # pixels of a panel that is not as high as its rows
CONTINUOUS = ("quantitative", "temporal")
POINTED = "pointed"  # name of the layer that answers the mouse over a whole column
OVER = {"name": "over", "select": {"type": "point", "on": "pointerover", "clear": "pointerout"}}
# The wheel alone scrolls the page, and a finger does: a mouse drags, and with Ctrl, as a pinch has it, the wheel zooms.
ZOOM = {
    "name": "zoom",
    "bind": "scales",
    "select": {
        "type": "interval",
        "zoom": "wheel![event.ctrlKey]",
        "translate": "[mousedown, window:mouseup] > window:mousemove!",
    },
}


@dataclass(frozen=True)
class Chart:
    """One panel of the report, or the sentence that stands where it cannot be drawn.

    Attributes
    ----------
    title : what is shown, on which days
    says : how to read it, in a sentence or two; also what a screen reader says
    spec : Vega-Lite; None if there is nothing to draw
    missing : what is not there and so cannot be drawn; empty with a spec
    header, rows : the same numbers as a table
    group : heading under which it stands together with its neighbours of the same group; may be empty
    notes : what was found of it, a sentence each
    wide : takes the whole width of the page
    """

    title: str
    says: str = ""
    spec: Mapping[str, Any] | None = None
    missing: str = ""
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    group: str = ""
    notes: Sequence[str] = ()
    wide: bool = False


def absent(title: str, missing: str, group: str = "") -> Chart:
    """A chart of which only its title and what is missing can be shown."""
    return Chart(title, missing=missing, group=group)


def records(rows: Sequence[Row]) -> alt.InlineData:
    """Rows as the data of a chart, in the order given."""
    return alt.InlineData(values=[dict(row) for row in rows])


def panel(
    title: str,
    says: str,
    layers: Sequence[alt.Chart],
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    height: int = HEIGHT,
    group: str = "",
    wide: bool = False,
) -> Chart:
    """A chart of layers on one pair of axes, ``height`` pixels high and as wide as the place it is put in."""
    chart = alt.layer(*layers).properties(width="container", height=height, description=f"{title}. {says}")
    chart = chart.configure(font="system-ui, sans-serif", background="transparent")
    chart = (
        chart.configure_view(stroke=None)
        .configure_text(color=INK)
        .configure_legend(
            orient="top",
            title=None,
            labelFontSize=12,
            labelLimit=240,
            labelColor=INK,
            symbolStrokeWidth=2,
            columns=3,
            columnPadding=6,
        )
    )
    text = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 170}
    text |= {"labelColor": "var(--soft)", "titleColor": "var(--soft)"}
    chart = chart.configure_axis(gridColor="var(--grid)", domainColor=RULE, tickColor=RULE, labelFlush=False, **text)
    spec = chart.to_dict(validate=False)  # half of the time of a page; tests/report holds every chart to the schema
    _answer(spec)
    return Chart(title, says, spec, header=header, rows=rows, group=group, wide=wide)


def _answer(spec: dict[str, Any]) -> None:
    """Let a chart zoom where both of its axes are continuous, and show which column is pointed at."""
    layers = spec["layer"]
    kinds = [layers[0]["encoding"].get(axis, {}).get("type") for axis in ("x", "y")]
    if all(kind in CONTINUOUS for kind in kinds):
        layers[0]["params"] = [ZOOM]
        for layer in layers:
            layer["mark"]["clip"] = True
    for layer in layers:
        if layer.get("name") == POINTED:
            layer["params"] = [OVER]


def tips(**titled: str) -> list[alt.Tooltip]:
    """What a mark says when it is pointed at: field -> title, and after a bar the format of its number."""
    told = []
    for field, title in titled.items():
        name, _, form = title.partition("|")
        kind = "temporal" if form.startswith("%") else "quantitative" if form else "nominal"
        told.append(alt.Tooltip(field, type=kind, title=name, **({"format": form} if form else {})))
    return told


def pointed(rows: Sequence[Row], x: alt.X, **titled: str) -> alt.Chart:
    """A column per row, unseen until it is pointed at, that says all that is known of it, see `tips`."""
    seen = alt.OpacityValue(0, condition={"param": "over", "empty": False, "value": 0.35})
    mark = alt.Chart(records(rows), name=POINTED).mark_rule(color=GREY, strokeWidth=max(3, min(30, 900 // len(rows))))
    return mark.encode(x=x, opacity=seen, tooltip=tips(**titled))


def touched(rows: Sequence[Row], x: alt.X, y: alt.Y, **titled: str) -> alt.Chart:
    """Unseen marks along a line, large enough to be pointed at, see `tips`."""
    return (
        alt.Chart(records(rows)).mark_point(filled=True, size=150, opacity=0).encode(x=x, y=y, tooltip=tips(**titled))
    )


def share(name: str, field: str = "", zero: bool = True) -> dict[str, Any]:
    """Keywords of an axis of shares, from 0 to 1 where ``zero``."""
    scale = alt.Scale(domain=[0, 1]) if zero else alt.Scale(zero=False)
    return {
        "field": field or name,
        "type": "quantitative",
        "scale": scale,
        "title": name,
        "axis": alt.Axis(tickCount=5),
    }


def time() -> alt.X:
    """A horizontal axis of days, of the field ``date``."""
    return alt.X(
        "date", type="temporal", title=None, axis=alt.Axis(format="%b %Y", labelOverlap="greedy", labelSeparation=14)
    )


def listed(names: Sequence[str], field: str = "who") -> alt.Y:
    """A vertical axis of names in the order given."""
    return alt.Y(field, type="nominal", title=None, scale=alt.Scale(domain=list(names), padding=0.4))


def series(names: Sequence[str], field: str = "series") -> alt.Color:
    """A colour per name, with its legend."""
    return alt.Color(field, type="nominal", scale=alt.Scale(domain=list(names), range=repeated(COLOURS, names)))


def shaped(names: Sequence[str], field: str = "series") -> alt.Shape:
    """A shape per name, with its legend."""
    return alt.Shape(field, type="nominal", scale=alt.Scale(domain=list(names), range=repeated(SHAPES, names)))


def repeated(styles: Sequence[Any], names: Sequence[str]) -> list[Any]:
    """As many styles as names, from the beginning again where they run out."""
    return [styles[at % len(styles)] for at in range(len(names))]


def ordered(names: Iterable[str]) -> list[str]:
    """Each name once, by its number: a50 before a100, 2M before 20M; those without a number last."""
    return sorted(set(names), key=lambda name: (int("".join(filter(str.isdecimal, name)) or 1 << 60), name))


def metric_titles(about: str) -> dict[str, str]:
    """Title of a chart per metric, precision first."""
    return {name: f"{capital(name)} {about}" for name in ("precision", "recall", "AUC")}
