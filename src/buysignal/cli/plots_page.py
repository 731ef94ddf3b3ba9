"""The page that `dvc plots` fills, with Vega in it: DVC's own page fetches Vega from the network.

``python -m buysignal.cli.plots_page PATH`` writes it; `make setup` does, and names it to DVC in ``.dvc/config.local``.
What the charts say, they say by their templates in ``.dvc/plots``, so that an editor shows the same; the page adds its
title, columns as wide as there is room, and the colours of a dark screen.
"""

from __future__ import annotations

import sys

import vl_convert

from buysignal.core.files import write_text

VEGA_LITE = "5.21"  # DVC's templates are written for version 5

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
{refresh_tag}
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plots</title>
<style>
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --line: #d8dee4; --faint: #59636e }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --line: #30363d; --faint: #9198a1 } }
body { margin: 0 auto; max-width: 1240px; padding: 16px; font: 16px/1.45 system-ui, sans-serif;
  color: var(--ink); background: var(--paper) }
h1 { font-size: 1.4rem; margin: 0 }
p { margin: 4px 0 16px; color: var(--faint) }
code { overflow-wrap: anywhere }
main { display: grid; gap: 20px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)) }
main > div { min-width: 0; border: 1px solid var(--line); border-radius: 8px }
</style>
<script>RUNTIME</script>
<script>
const views = [], embed = window.vegaEmbed, dark = matchMedia("(prefers-color-scheme: dark)");
const config = () => {
  const [ink, line] = dark.matches ? ["#e6edf3", "#30363d"] : ["#1f2328", "#d8dee4"];
  const text = { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 12 };
  return { background: "transparent", padding: 12, text: { fill: ink }, title: { color: ink, fontSize: 15, offset: 10 },
    legend: text, view: { stroke: line },
    axis: { ...text, gridColor: line, domainColor: line, tickColor: line, labelSeparation: 6, titleFontWeight: 400 } };
};
const draw = ([place, spec]) => embed(place, spec, { config: config(), actions: false });
window.vegaEmbed = (place, spec) => {
  if (!spec.data) return document.querySelector(place).remove(); // a view without a row
  if (matchMedia("(pointer: coarse)").matches) { // a finger that scrolls the page shall not drag a chart
    delete spec.params;
    (spec.layer ?? []).forEach(layer => delete layer.params);
  }
  views.push([place, spec]);
};
addEventListener("DOMContentLoaded", () => {
  const revisions = [...new Set(views.flatMap(([, spec]) => spec.data.values.map(row => row.rev)))];
  const [first, ...others] = revisions;
  const title = others.length ? `${others.join(", ")} against ${first}` : `Plots of ${first}`;
  document.querySelector("h1").textContent = document.title = title;
  document.querySelector("code").textContent = `dvc params diff ${first} ${others[0] ?? ""}`;
  document.querySelector("p").hidden = !others.length;
  views.forEach(draw);
  dark.addEventListener("change", () => views.forEach(draw));
});
</script>
</head>
<body>
<h1></h1>
<p>A change is more than noise where the 95 % intervals of both, taken for independent, leave no room for it; shaded
are 95 % intervals, too. What was set otherwise: <code></code></p>
<main>
{plot_divs}
</main>
</body>
</html>
"""


def page() -> str:
    """The page with its runtime, about 0.9 MB; ``{plot_divs}`` stands where DVC puts the views."""
    return PAGE.replace("RUNTIME", vl_convert.javascript_bundle(vl_version=VEGA_LITE))


if __name__ == "__main__":
    write_text(sys.argv[1], page())
