{ // Tables are sorted by a column: its head becomes a button. Without this script they stay as they were written.
  const NONE = new Set(["", "–", "no trades"]);
  const number = (cell) => {
    const found = /^[-+]?[\d,]+(\.\d+)?(?![\w.-])/.exec(cell);
    return found && Number(found[0].replaceAll(",", "")) * (cell.endsWith(" less") ? -1 : 1);
  };
  const order = (table, head, at) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({row, text: row.cells[at].textContent.trim()}));
    const [none, some] = [true, false].map((empty) => rows.filter(({text}) => NONE.has(text) === empty));
    const counted = some.every(({text}) => number(text) !== null);
    const before = head.getAttribute("aria-sort") ?? (counted ? "ascending" : "descending");
    const sign = before === "ascending" ? -1 : 1;
    const compare = counted ? (a, b) => number(a) - number(b) : (a, b) => a.localeCompare(b, "en", {numeric: true});
    some.sort((a, b) => sign * compare(a.text, b.text));
    body.append(...some.concat(none).map(({row}) => row)); // what has no value is last either way
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
  };
  for (const table of document.querySelectorAll("table")) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      if (!head.textContent.trim()) return; // a button must have a name
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => order(table, head, at));
      head.append(button);
    });
  }
}
