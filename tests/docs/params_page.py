"""Writes the reference of all parameters.

    python -m tests.docs.params_page > docs/params.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import yaml

from buysignal.core.params import Params, hyper_rule
from buysignal.core.rules import MOST_VALUES
from buysignal.models.patchtst.architecture import Configuration

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "python -m tests.docs.params_page > docs/params.md"
HEADING = re.compile(r"# -+ (.+)")
REFERENCE = re.compile(r"\s*\(reference: (.+?)\)(?=$|;)")

INTRODUCTION = f"""# Parameters

Written by `{COMMAND}` from `params.yaml`, the rules in
`src/buysignal/core/params.py` and the `params:` lists of `dvc.yaml`; a test fails when this file is stale.

- *default* is what stands in `params.yaml`. Every key must be there; a value that is not *accepted* is refused in one
  line by the stage `check`, before any earlier result is touched.
- *read by* are the stages that re-run when the value changes. What follows them re-runs where its own inputs became
  other bytes. `check` reads all of the file and is not listed; `hpo@2M` is the search of that budget alone.
- A value more in `tiers` or `budgets` adds stages; those of the other values are left alone.
- *reference* is the value of the study this project was modelled on, where `params.yaml` names it.
- Without editing the file: `dvc exp run -S dropout=0.45`; a list needs quotes: `dvc exp run -S 'tiers=[a50,a100]'`.
"""


@dataclass(frozen=True)
class Row:
    """One parameter: dotted key, value as written in the file, what its comment says, and the reference's value."""

    key: str
    value: str
    meaning: str
    reference: str


@dataclass(frozen=True)
class Section:
    """Parameters under one ruler of params.yaml, with the text of the ruler."""

    title: str
    rows: tuple[Row, ...]


def sections(text: str) -> list[Section]:
    """The file as sections: a comment ``# ---- text`` starts one; a key's comment stands at the end of its line."""
    lines = text.splitlines()
    starts = {number: found[1] for number, line in enumerate(lines) if (found := HEADING.match(line))}
    rows = [(node.start_mark.line, _row(key, node, lines)) for key, node in _leaves(yaml.compose(text), "")]
    ends = [*list(starts)[1:], len(lines)]
    return [
        Section(title, tuple(row for line, row in rows if start < line < end))
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
    line = lines[node.end_mark.line]
    comment = line[node.end_mark.column :].partition("#")[2].strip()
    found = REFERENCE.search(comment)
    value = line[node.start_mark.column : node.end_mark.column]
    return Row(key, value, REFERENCE.sub("", comment), found[1] if found else "")


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


def accepted(key: str) -> str:
    """The rule of a dotted key in words, from the dataclass that reads it."""
    place: Any = Params
    *above, last = key.split(".")
    if not above and last in {field.name for field in fields(Configuration)}:
        return hyper_rule(last).words
    for name in above:
        place = get_type_hints(place)[name] if is_dataclass(place) else get_args(place)[1]
    metadata = next(field.metadata for field in fields(place) if field.name == last)
    words = metadata["rule"].words
    return f"a list of 1 to {MOST_VALUES} values, each {words}" if metadata.get("many") else words


def markdown(text: str, stages: Mapping[str, Any]) -> str:
    """The text of docs/params.md from that of params.yaml and the stages of dvc.yaml."""
    lines, found = [INTRODUCTION.rstrip()], sections(text)
    meanings = {row.key: row.meaning for section in found for row in section.rows}
    for section in found:
        lines += ["", f"## {section.title[0].upper()}{section.title[1:]}", ""]
        lines += ["| key | default | meaning | accepted | read by | reference |", "|---|---|---|---|---|---|"]
        for row in section.rows:
            by = ", ".join(readers(stages, row.key)) or "no stage"
            meaning = row.meaning or _searched(row.key, meanings)
            cells = (f"`{row.key}`", f"`{row.value}`", meaning, accepted(row.key), by, row.reference)
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _searched(key: str, meanings: Mapping[str, str]) -> str:
    """Of a list without a comment, such as ``grids.2M.d_model``: what one of its values means."""
    one = meanings.get(key.rsplit(".", 1)[-1])
    return f"values searched: {one}" if one else ""


def current() -> str:
    """What docs/params.md should hold now."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return markdown((ROOT / "params.yaml").read_text(encoding="utf-8"), stages)


if __name__ == "__main__":
    print(current(), end="")
