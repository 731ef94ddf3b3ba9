{ // The contents: folded on a phone, and the section that is read is marked.
  const contents = document.querySelector("nav details");
  if (contents) {
    const narrow = matchMedia("(max-width: 64rem)");
    const fold = () => (contents.open = !narrow.matches);
    fold();
    narrow.addEventListener("change", fold);
    contents.addEventListener("click", (event) => {
      if (narrow.matches && event.target.closest("a")) contents.open = false;
    });
    const links = [...contents.querySelectorAll("a")];
    const places = links.map((link) => document.querySelector(link.getAttribute("href")));
    const mark = () => {
      const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
      const at = end ? links.length - 1 : places.findLastIndex((place) => place.getBoundingClientRect().top < 120);
      links.forEach((link, index) => link.toggleAttribute("aria-current", index === Math.max(at, 0)));
    };
    addEventListener("scroll", mark, {passive: true});
    mark();
  }
}
