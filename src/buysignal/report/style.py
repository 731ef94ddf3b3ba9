"""How the HTML report looks, on a screen, a phone and paper, and the few lines that draw its charts."""

CSS = """
:root { color-scheme: light; --ink: #1a1a1a; --soft: #555; --line: #d0d0d0; --link: #00538a; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 0 1.25rem 3rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.1rem; margin: 1rem 0 .25rem; color: var(--soft); font-weight: 600; }
h2 { font-size: 1.45rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.15rem; margin: 1.75rem 0 .25rem; }
p, li { max-width: 48rem; }
.verdict { font-size: 1.25rem; line-height: 1.4; max-width: 60rem; margin: .25rem 0 1rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: #fff; padding: .5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none; margin: 1.5rem 0 0; }
.charts { display: grid; gap: 1.25rem 2rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); }
figure { margin: 0; min-width: 0; max-width: 44rem; }
figure.wide { grid-column: 1 / -1; max-width: none; }
figcaption strong { display: block; line-height: 1.3; }
figcaption { font-size: .875rem; color: var(--soft); margin-bottom: .4rem; }
figcaption strong { color: var(--ink); font-size: 1rem; }
.chart { width: 100%; }
.chart svg { max-width: 100%; height: auto; display: block; }
.missing { border-left: 4px solid var(--line); padding-left: .75rem; margin: .5rem 0; }
.table { overflow-x: auto; margin: .75rem 0; max-width: 100%; }
table { border-collapse: collapse; font-size: .8125rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .4rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
td.long { white-space: normal; text-align: left; min-width: 16rem; }
tbody th { font-weight: 600; }
thead th { vertical-align: bottom; white-space: normal; border-bottom: 2px solid var(--soft); }
details { font-size: .875rem; margin-top: .25rem; }
details .table { max-height: 20rem; overflow-y: auto; }
summary { cursor: pointer; color: var(--link); }
code { font-size: .9em; background: #f3f3f3; padding: 0 .2em; }
@media (max-width: 40rem) { body { padding: 0 .9rem 2rem; } .verdict { font-size: 1.1rem; } }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, details:not([open]) { display: none; }
  .table, details .table { overflow: visible; max-height: none; }
  table { font-size: 7pt; }
  th, td { padding: .1rem .25rem; white-space: normal; }
  figure, tr { break-inside: avoid; }
  h2, h3, figcaption { break-after: avoid; }
}
"""

DRAW = """
for (const place of document.querySelectorAll("[data-spec]")) {
  const spec = JSON.parse(document.getElementById(place.dataset.spec).textContent);
  const options = {renderer: "svg", actions: false, ast: true, defaultStyle: false};
  vegaEmbed(place, spec, options).catch((error) => {
    place.textContent = "This chart could not be drawn: " + error.message;
    console.error(error);
  });
}
"""
