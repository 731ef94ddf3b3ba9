{ // Draws each chart when it can be seen: one in a folded part has no width until that part is opened.
  const draw = (place) => {
    if (place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    const spec = JSON.parse(document.getElementById(place.dataset.spec).textContent);
    const tooltip = {theme: "page", disableDefaultStyle: true};
    const options = {renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip};
    vegaEmbed(place, spec, options).catch((error) => {
      place.textContent = "This chart could not be drawn: " + error.message;
      console.error(error);
    });
  };
  const all = (within) => within.querySelectorAll("[data-spec]");
  const visible = () => {
    for (const place of all(document)) if (place.checkVisibility()) draw(place);
  };
  visible();
  document.addEventListener("toggle", visible, true);
  const opened = [];
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("main details:not([open])")) opened.push(one), (one.open = true);
    all(document).forEach(draw);
  });
  addEventListener("afterprint", () => {
    while (opened.length) opened.pop().open = false;
  });
}
