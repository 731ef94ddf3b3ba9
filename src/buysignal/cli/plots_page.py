"""The page that `dvc plots` fills, with Vega in it: DVC's own page fetches Vega from the network.

``python -m buysignal.cli.plots_page PATH`` writes it; `make setup` does, and names it to DVC in ``.dvc/config.local``.
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
<meta name="viewport" content="width=device-width">
<title>Plots</title>
<style>body { display: flex; flex-wrap: wrap; gap: 24px }</style>
<script>RUNTIME</script>
<script>
{ // DVC's legends are too short to tell a dashed line from a whole one, and its numbers touch
  const embed = window.vegaEmbed;
  const legend = spec => spec.mark?.type === "line" ? { symbolSize: 900 } : {};
  const config = spec => ({ legend: legend(spec), axis: { labelSeparation: 6 } });
  // of a view without a row, DVC fills in an empty spec, which is nothing to draw
  window.vegaEmbed = (place, spec) => spec.data && embed(place, spec, { config: config(spec) });
}
</script>
</head>
<body>
{plot_divs}
</body>
</html>
"""


def page() -> str:
    """The page with its runtime, about 0.9 MB; ``{plot_divs}`` stands where DVC puts the views."""
    return PAGE.replace("RUNTIME", vl_convert.javascript_bundle(vl_version=VEGA_LITE))


if __name__ == "__main__":
    write_text(sys.argv[1], page())
