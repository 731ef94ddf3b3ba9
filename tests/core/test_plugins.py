"""Code of a user's own is read from a file of plugins/ or a package, or refused in one line."""

import sys

import pytest

from buysignal.core.errors import UserError
from buysignal.core.params import Spec
from buysignal.core.plugins import GONE, content_of, module_of, read
from buysignal.core.settings import one

GOOD = "import math\n\nclass Thing:\n    pass\n\ndef half(bars):\n    return bars / 2\n\nNUMBER = 3\n"


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """Writes plugins/mine.py of an empty project that is the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugins").mkdir()

    def write(text: str) -> None:
        (tmp_path / "plugins/mine.py").write_text(text)

    write(GOOD)
    yield write
    sys.modules.pop("buysignal_plugin_mine", None)


def refused(spec: str) -> str:
    with pytest.raises(UserError) as told:
        read(spec)
    assert "\n" not in str(told.value)
    return str(told.value)


def test_a_class_and_a_function_of_a_file_and_of_a_package_are_read(mine):
    assert read("plugins/mine.py:Thing").__module__ == module_of("plugins/mine.py:Thing") == "buysignal_plugin_mine"
    assert read("plugins/mine.py:half")(3.0) == 1.5
    assert read("sklearn.svm:SVC").__name__ == "SVC"


def test_two_edits_within_a_second_are_two(mine):
    for number in range(4):
        mine(f"def half(bars):\n    return {number}\n")
        assert read("plugins/mine.py:half")(None) == number


def test_what_is_beside_a_file_is_not_found_and_the_search_path_is_left_alone(mine, tmp_path):
    (tmp_path / "plugins/beside.py").write_text("x = 1\n")
    mine("import beside\n")
    before = list(sys.path)
    assert refused("plugins/mine.py:x").startswith("plugins/mine.py:x needs beside, which is not there")
    assert sys.path == before and "buysignal_plugin_mine" not in sys.modules


@pytest.mark.parametrize(
    ("text", "spec", "says"),
    [
        (GOOD, "plugins/absent.py:x", "plugins/absent.py:x: plugins/absent.py is not there: write it, or correct"),
        (GOOD, "plugins/mine.py:Thin", "plugins/mine.py:Thin: plugins/mine.py has no Thin; did you mean Thing?"),
        (GOOD, "plugins/mine.py:NUMBER", "plugins/mine.py:NUMBER is 3: it must be a function of bars or a classifier"),
        (
            "import absent_package.x\n",
            "plugins/mine.py:x",
            "plugins/mine.py:x needs absent_package, which is not there",
        ),
        ("x = 1\ny = = 2\n", "plugins/mine.py:x", "plugins/mine.py:x: plugins/mine.py, line 2: invalid syntax"),
        ("x = 1 / 0\n", "plugins/mine.py:x", "plugins/mine.py:x cannot be imported: ZeroDivisionError: division by"),
        ("raise SystemExit\n", "plugins/mine.py:x", "plugins/mine.py:x cannot be imported: SystemExit"),
        (GOOD, "absent_package.inner:X", "absent_package.inner:X needs absent_package, which is not there: install it"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(mine, text, spec, says):
    mine(text)
    assert refused(spec).startswith(says)


@pytest.mark.parametrize(
    "spec",
    [
        *("mine.py:X", "other/mine.py:X", "plugins/in/mine.py:X", "/plugins/mine.py:X", "plugins/../x.py:X"),
        *("plugins/mine.py", "x", ":X", "a-b:X", "a.b:X.y", "a:X\n", "plugins/mine.py:" + "X" * 41, ".a:X", 3, None),
    ],
)
def test_a_name_of_another_form_says_where_a_file_must_lie(spec):
    with pytest.raises(UserError, match=r"must be a name in a file of the folder plugins, as plugins/mine\.py:Thing"):
        one(Spec, spec, "models.extra[0]")


def test_the_content_of_a_file_is_what_it_does_and_what_it_imports_of_this_package(mine):
    first = content_of(["plugins/mine.py:Thing", "plugins/mine.py:half"])
    assert list(first) == ["plugins/mine.py"]
    mine(f"# a comment\n{GOOD}\n\n")
    assert content_of(["plugins/mine.py:Thing"]) == first
    mine(GOOD.replace("/ 2", "/ 3"))
    assert content_of(["plugins/mine.py:Thing"])["plugins/mine.py"] != first["plugins/mine.py"]
    mine("from buysignal.bars.returns import log_returns\n")
    assert {"plugins/mine.py", "buysignal.bars.returns"} <= set(content_of(["plugins/mine.py:x"]))


def test_the_content_of_a_package_is_its_version_and_what_is_no_python_or_not_there_has_one_too(mine):
    assert content_of(["sklearn.svm:SVC"])["sklearn.svm"].startswith("scikit-learn 1.")
    assert content_of(["absent_package:X", "plugins/absent.py:X"]) == {
        "absent_package": GONE,
        "plugins/absent.py": GONE,
    }
    mine("y = = 2\n")
    broken = content_of(["plugins/mine.py:x"])
    mine("y = = 3\n")
    assert content_of(["plugins/mine.py:x"]) != broken
