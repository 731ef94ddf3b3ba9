"""What MkDocs does not do by itself: pages and pictures from outside docs/, the notebook, formulas and drawings."""

from __future__ import annotations

import html
import json
import re
from itertools import count
from pathlib import Path

from latex2mathml.converter import convert
from merman import Merman
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Pages beside docs/ that the site has, too."""

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!\w+:)([^)#\s]+)(#[^)\s]*)?\)")
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)
DRAWING = re.compile(r"^```mermaid\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CLOSE = "%%{init: {'flowchart': {'minNodeWidth': 70, 'nodeSpacing': 15, 'padding': 8}}}%%\n"  # fits the page
PERCENT = re.compile(r"(<(pre|code)\b.*?</\2>)|(?<=\d) %", re.DOTALL)


def on_files(files, config):
    """Pages and pictures that lie elsewhere join those of docs/."""
    for name, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text(encoding="utf-8")))
    for picture in sorted(ROOT.glob("bench/results/*.svg")):
        files.append(File.generated(config, f"bench/results/{picture.name}", abs_src_path=str(picture)))
    for notebook in sorted(ROOT.glob("docs/notebooks/*.ipynb")):
        shown = as_markdown(json.loads(notebook.read_text(encoding="utf-8")))
        files.append(File.generated(config, f"notebooks/{notebook.stem}.md", content=shown))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links that lead out of docs/ lead to the page of the site, or become words where there is none."""
    beside = ROOT if page.file.src_uri in PAGES.values() else ROOT / "docs" / Path(page.file.src_uri).parent
    here = len(Path(page.file.src_uri).parts) - 1

    def mended(match: re.Match[str]) -> str:
        sign, words, target, anchor = match.groups(default="")
        path = (beside / target).resolve()
        if not path.is_relative_to(ROOT):
            return match[0]
        name = path.relative_to(ROOT).as_posix()
        uri = PAGES.get(name, name.removeprefix("docs/").replace(".ipynb", ".md"))
        if files.get_file_from_path(uri) or not path.exists():  # of what is absent MkDocs warns
            return f"{sign}[{words}]({'../' * here}{uri}{anchor})"
        return f"{words} (`{name}`)"

    return DRAWING.sub(_drawn(count()), LINK.sub(mended, markdown))


def _drawn(numbers):
    """Drawings as pictures within the page; each needs a name of its own, as its colours are found by it."""

    def drawn(match: re.Match[str]) -> str:
        settings = json.dumps({"svg": {"diagram_id": f"drawing-{next(numbers)}"}})
        return f'<div class="drawing" markdown="0">{Merman().render_svg(CLOSE + match[1], settings)}</div>'

    return drawn


def on_page_content(content, page, config, files):
    """Formulas as MathML, which browsers draw by themselves; a number and its % on one line."""
    content = FORMULA.sub(
        lambda match: convert(html.unescape(match[2]), display="inline" if match[1] == "span" else "block"), content
    )
    return PERCENT.sub(lambda match: match[1] or "\N{NO-BREAK SPACE}%", content)


def as_markdown(notebook: dict) -> str:
    """The cells of a notebook with their saved outputs."""
    return "\n\n".join(part for cell in notebook["cells"] for part in _parts(cell))


def _parts(cell):
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        data = output.get("data", {"text/plain": output.get("text", "")})
        if "image/png" in data:
            picture = "".join(data["image/png"]).replace("\n", "")
            yield f"![{cell['metadata']['alt']}](data:image/png;base64,{picture})"
        else:
            yield f"``` {{ .text .output }}\n{''.join(data['text/plain']).rstrip()}\n```"
