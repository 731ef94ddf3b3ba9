"""Writes the reference of all parameters, and the schemas by which an editor completes and explains them.

    python -m tests.docs.params_page

What a key means stands once, in its comment in params.yaml or gates.yaml; what it may be, in its section's class.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from annotated_types import MinLen

from buysignal.cli.gate.params import PATH as GATES
from buysignal.cli.gate.params import Gates
from buysignal.cli.params import Params
from buysignal.core.settings import MOST_VALUES, PATH, Must, Section, inner, words_of

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "python -m tests.docs.params_page"
HEADING = re.compile(r"# -+ (.+)")
FILES = {PATH: Params, GATES: Gates}
RANGE = re.compile(r"; (>=? -?[\d.]+|-?[\d.]+ <=? x <=? -?[\d.]+|-?[\d.]+\.\.-?[\d.]+)(?=$|;| \()")

INTRODUCTION = f"""# Parameters

For whoever changes a setting: every key of `params.yaml` and `gates.yaml`. Written by `{COMMAND}`
with `docs/params.schema.json` and `docs/gates.schema.json`, by which an editor completes both files; a test fails when
one is stale.

- Every key must be in its file. The stage `check` refuses a value that is not *accepted* in one line, before any result
  is touched.
- *read by*: stages that re-run when the value changes; later ones re-run where their inputs change. `check` reads all;
  `hpo@2M` is the search of that budget alone.
- A value more in `tiers` or `budgets` adds stages and leaves the others alone.
- *reference*: the value of the study this project was modelled on.
- Without editing: `dvc exp run -S dropout=0.45`; quote a list: `dvc exp run -S 'tiers=[a50,a100]'`.
- The gate alone reads `gates.yaml`: `dvc exp run -S gates.yaml:recall=0.2` re-runs nothing.
"""


@dataclass(frozen=True)
class Row:
    """One parameter: dotted key, value as written in the file, and what its comment says besides its range."""

    key: str
    value: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """Parameters under one ruler of params.yaml, with the text of the ruler."""

    title: str
    rows: tuple[Row, ...]


def tables(text: str) -> list[Table]:
    """The file as tables: a comment ``# ---- text`` starts one; a key's comment stands at the end of its line."""
    lines = text.splitlines()
    starts = {number: found[1] for number, line in enumerate(lines) if (found := HEADING.match(line))}
    rows = [(node.start_mark.line, _row(key, node, lines)) for key, node in _leaves(yaml.compose(text), "")]
    ends = [*list(starts)[1:], len(lines)]
    return [
        Table(title, tuple(row for line, row in rows if start < line < end))
        for (start, title), end in zip(starts.items(), ends)
    ]


def _leaves(node: yaml.MappingNode, prefix: str) -> Iterator[tuple[str, yaml.Node]]:
    for name, value in node.value:
        key = f"{prefix}{name.value}"
        if isinstance(value, yaml.MappingNode):
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value


def _row(key: str, node: yaml.Node, lines: list[str]) -> Row:
    block = isinstance(node, yaml.SequenceNode) and not node.flow_style  # its comment stands beside the key
    line = lines[node.start_mark.line - block]
    comment = line[0 if block else node.end_mark.column :].partition("#")[2].strip()
    parts = node.value if block else [node]
    written = [lines[n.start_mark.line][n.start_mark.column : n.end_mark.column] for n in parts]
    value = f"[{', '.join(written)}]" if block else written[0]
    return Row(key, value, RANGE.sub("", comment))


def readers(stages: Mapping[str, Any], key: str) -> list[str]:
    """Names of the stages whose ``params`` list the key or what it is in; one that lists the whole file does not count.

    >>> readers({"a": {"params": ["hpo"]}, "b": {"params": ["hpo.trials", {"params.yaml": None}]}}, "hpo.epochs")
    ['a']
    """
    found = []
    for name, stage in stages.items():
        listed = [entry for entry in stage.get("params", []) if isinstance(entry, str)]
        if any(_covers(entry, key) for entry in listed):
            found.append(name)
        elif any(_covers(entry.replace("${item.budget}", _second(key)), key) for entry in listed):
            found.append(f"{name}@{_second(key)}")
    return found


def _second(key: str) -> str:
    return key.split(".")[1] if "." in key else ""


def _covers(listed: str, key: str) -> bool:
    return key == listed or key.startswith(f"{listed}.")


def accepted(kind: type[Section], key: str) -> str:
    """What a dotted key may be in words, from the section that reads it."""
    *above, last = key.split(".")
    for name in above:
        kind = inner(kind.model_fields[name].annotation) if name in kind.model_fields else kind
    field = kind.model_fields[last]
    own = [part.words for part in field.metadata if isinstance(part, Must)]
    if own:
        return own[-1]
    least = next(part.min_length for part in field.metadata if isinstance(part, MinLen))
    return f"a list of {least} to {MOST_VALUES} values, each {words_of(get_args(field.annotation)[0])}"


def markdown(text: str, stages: Mapping[str, Any], kind: type[Section] = Params, before: str = "") -> str:
    """Tables of the keys of a file, from its text and the stages of dvc.yaml; ``before`` stands before each key."""
    lines, found = [], tables(text)
    meanings = _meanings(found)
    for table in found:
        lines += ["", f"## {table.title[0].upper()}{table.title[1:]}", ""]
        lines += ["| key | default | meaning | accepted | read by |", "|---|---|---|---|---|"]
        for rows in _alike(table.rows):
            key = rows[0].key
            by = dict.fromkeys(stage for row in rows for stage in readers({} if before else stages, row.key))
            keys = ", ".join(f"`{before}{row.key}`" for row in rows)
            values = ", ".join(f"`{row.value}`" for row in rows)
            cells = (keys, values, meanings[key], accepted(kind, key), ", ".join(by) or "no stage")
            told = (cell.replace("|", chr(92) + "|") for cell in cells)
            lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


def _alike(rows: tuple[Row, ...]) -> Iterable[list[Row]]:
    """Rows of the same parameter in every budget together, every other one by itself."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(re.sub(r"^grids\.\w+", "", row.key), []).append(row)
    return found.values()


def _meanings(found: list[Table]) -> dict[str, str]:
    """Key -> its comment; of a list without one, such as ``grids.2M.d_model``, what one of its values means."""
    said = {row.key: row.meaning for table in found for row in table.rows}
    alike = {key: said.get(key.rsplit(".", 1)[-1], "") for key in said}
    return {key: text or (alike[key] and f"values searched: {alike[key]}") for key, text in said.items()}


def schema(kind: type[Section], text: str) -> str:
    """The JSON Schema of a file: ranges of its classes, explained by its comments."""
    content = kind.model_json_schema()
    for key, meaning in _meanings(tables(text)).items():
        place = content
        for part in key.split("."):
            place = content["$defs"][place["$ref"].rsplit("/", 1)[1]] if "$ref" in place else place
            free = place.get("patternProperties", {"": None})
            place = place["properties"][part] if "properties" in place else next(iter(free.values()))
        place["description"] = f"{meaning or key.rsplit('.', 1)[-1]}. It must be {accepted(kind, key)}."
    return json.dumps(_untitled(content), indent=1) + "\n"


def _untitled(value: Any) -> Any:
    """Without the titles that only repeat names."""
    if isinstance(value, dict):
        return {k: _untitled(v) for k, v in value.items() if k != "title" or not isinstance(v, str)}
    return [_untitled(v) for v in value] if isinstance(value, list) else value


def current() -> dict[str, str]:
    """File under docs/ -> what it should hold now."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in FILES}
    page = markdown(texts[PATH], stages) + markdown(texts[GATES], stages, Gates, f"{GATES}:")
    schemas = {f"{name.removesuffix('.yaml')}.schema.json": schema(kind, texts[name]) for name, kind in FILES.items()}
    return {"params.md": INTRODUCTION.rstrip() + "\n" + page} | schemas


if __name__ == "__main__":
    for name, content in current().items():
        (ROOT / "docs" / name).write_text(content, encoding="utf-8")
