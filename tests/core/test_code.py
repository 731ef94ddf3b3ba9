"""What the code says: no comment and no line break changes a digest, whatever is done otherwise does."""

from pathlib import Path

import pytest

from buysignal.core.code import closure, closure_of, digest
from buysignal.core.errors import UserError

SAMPLE = '''"""A module."""
import math
from collections.abc import Callable

RATE: float = 0.5  # a share


@staticmethod
def area(radius, *, scale=2.0):
    """Of a circle."""
    return f"{math.pi * radius ** 2 * scale:{radius}.3f}" if radius > 0 else None


class Shape:
    """With sides."""

    sides = ["a", 1, -2, 3.5j, b"x", ...]

    async def walk(self, found: Callable) -> int:
        try:
            match found:
                case [first, *_] if first:
                    return len([side for side in self.sides if side])
        except* ValueError as error:
            raise RuntimeError from error
'''
PAGE = "buysignal/report/templates/page.html"
PINNED = "83607d70d1142f2cbbb0b0a4e9e79f353e06d7811019ef2f3e9a298da4ccabeb"


def saying(folder: Path, text: str) -> str:
    (folder / "sample.py").write_text(text, encoding="utf-8")
    # a file is read once in a process, so each text has a name of its own
    return digest((folder / "sample.py").rename(folder / f"sample{len(list(folder.iterdir()))}.py"))


def changed(old: str, new: str) -> str:
    assert SAMPLE.count(old) == 1
    return SAMPLE.replace(old, new)


def test_the_digest_of_a_text_is_the_same_under_every_python(tmp_path):
    """One text with whatever the versions dump differently; where this fails, every result would be made again."""
    assert saying(tmp_path, SAMPLE) == PINNED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # a share", ""),
        ('    """Of a circle."""\n', "    # of a circle\n"),
        ('"""A module."""\n', ""),
        ('    """With sides."""\n\n', ""),
        ("\n\n\n@static", "\n@static"),
        ('["a", 1,', '[\n        "a",\n        1,'),
        ("scale=2.0):", "scale=2.0,):"),
        ("radius ** 2", "(radius**2)"),
    ],
)
def test_a_comment_a_docstring_a_blank_line_or_a_line_break_changes_nothing(tmp_path, old, new):
    assert saying(tmp_path, changed(old, new)) == PINNED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE: float = 0.5", "RATE: float = 0.6"),
        ("RATE: float = 0.5", "SHARE: float = 0.5"),
        ("RATE: float = 0.5", "RATE: int = 0.5"),
        ("radius > 0", "radius >= 0"),
        ("pi * radius", "pi + radius"),
        ("@staticmethod\n", ""),
        ("@staticmethod", "@classmethod"),
        ("scale=2.0):", "scale=2.5):"),
        ("*, scale", "scale"),
        (".3f}", ".4f}"),
        ('"a", 1', '"a", True'),
        ('b"x"', '"x"'),
        ("import math", "import cmath as math"),
        ("except*", "except"),
        ("async def", "def"),
        ("*_]", "_]"),
        ("from error", "from None"),
        ("if side]", "]"),
    ],
)
def test_whatever_else_is_written_changes_it(tmp_path, old, new):
    assert saying(tmp_path, changed(old, new)) != PINNED


@pytest.fixture
def source(tmp_path):
    """Writes the files of a package, each with its content, and gives the names that a script comes to import."""

    def names(script: str, **files: str) -> set[str]:
        for name, text in {"__init__": "import buysignal.everything", "everything": "x = 1", **files}.items():
            path = tmp_path.joinpath("buysignal", *name.split(".")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / "script.py").write_text(script)
        return set(closure(tmp_path / "script.py", tmp_path))

    return names


@pytest.mark.parametrize("script", ["import buysignal.a", "from buysignal import a", "from buysignal.a import x"])
def test_what_is_imported_counts_with_what_that_imports_and_the_outermost_package_does_not(source, script):
    files = {"a": "from buysignal.room.b import f", "room.b": "def f():\n    import buysignal.c", "c": "", "d": "x = 1"}
    assert source(script, **files, **{"room.__init__": '"""A room."""'}) == {"buysignal.a", "buysignal.room.b"}


def test_an_import_inside_a_function_counts(source):
    assert source("def f():\n    if f:\n        from buysignal import a", a="x = 1") == {"buysignal.a"}


def test_a_package_that_does_something_counts_and_one_of_words_alone_does_not(source):
    files = {"room.__init__": "import buysignal.a", "room.b": "x = 1", "a": "x = 1", "still.__init__": '"""Words."""'}
    found = source("import buysignal.room.b, buysignal.still.c", **files, **{"still.c": "x = 1"})
    assert found == {"buysignal.room", "buysignal.a", "buysignal.room.b", "buysignal.still.c"}


def test_a_template_beside_what_is_imported_counts_by_its_bytes(source, tmp_path):
    for room in ("report", "other"):
        (tmp_path / "buysignal" / room / "templates").mkdir(parents=True)
        (tmp_path / "buysignal" / room / "templates/page.html").write_text("<!-- a comment is shown -->")
    files = {"report.page": "x = 1", "other.page": "x = 1"}
    assert source("import buysignal.report.page", **files) == {"buysignal.report.page", PAGE}
    whole = closure(tmp_path / "script.py", tmp_path)[PAGE]
    (tmp_path / PAGE).write_text("<!-- another -->")
    assert closure(tmp_path / "script.py", tmp_path)[PAGE] != whole


def test_a_circle_ends_and_the_names_are_sorted_with_their_digests(source, tmp_path):
    assert source("import buysignal.b", a="import buysignal.b", b="import buysignal.a") == {
        "buysignal.a",
        "buysignal.b",
    }
    found = closure(tmp_path / "script.py", tmp_path)
    assert list(found.items()) == [(f"buysignal.{x}", digest(tmp_path / f"buysignal/{x}.py")) for x in "ab"]


def test_a_module_of_this_package_counts_itself():
    found = closure_of("buysignal.bars.returns")
    assert "buysignal.bars.returns" in found and list(found) == sorted(found)


def test_what_is_not_python_is_told_with_its_file_and_line(tmp_path):
    with pytest.raises(UserError, match=r"^.*sample1\.py, line 3: .+$") as told:
        saying(tmp_path, "x = 1\ny = 2\nz = = 3\n")
    assert len(str(told.value).splitlines()) == 1
