for (const place of document.querySelectorAll("[data-spec]")) {
  const spec = JSON.parse(document.getElementById(place.dataset.spec).textContent);
  const options = {renderer: "svg", actions: false, ast: true, defaultStyle: false};
  vegaEmbed(place, spec, options).catch((error) => {
    place.textContent = "This chart could not be drawn: " + error.message;
    console.error(error);
  });
}
