"""A sealed file is read as it was written, or refused in one line that names it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.core.sealed import MEND, SEAL, own_sha256, read_bytes, read_sealed, read_strict, reason, write_sealed

CONTENT = {"threshold": 0.1234567890123456, "names": ["a", "b"], "none": None, "inner": {"yes": True}}
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def refused(read, path, *rest):
    with pytest.raises(UserError) as caught:
        read(path, *rest)
    message = str(caught.value)
    assert message.startswith(str(path)) and message.endswith(MEND) and message.isprintable()
    return message


@given(st.dictionaries(st.text(max_size=8).filter(lambda key: key != SEAL), VALUE, max_size=4))
@settings(max_examples=40)
def test_every_value_comes_back_exactly(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("sealed") / "a.json"
    back = read_sealed(write_sealed(path, content))
    assert json.dumps(back, sort_keys=True) == json.dumps(content, sort_keys=True)  # 1 and True differ


def test_equal_values_give_equal_bytes_and_tuples_are_lists(tmp_path):
    one = write_sealed(tmp_path / "one.json", {"a": 1, "b": (2, 3)}).read_bytes()
    two = write_sealed(tmp_path / "two.json", {"b": [2, 3], "a": 1}).read_bytes()
    assert one == two and read_sealed(tmp_path / "one.json") == {"a": 1, "b": [2, 3]}


def test_the_seal_is_that_of_the_other_values():
    assert own_sha256(CONTENT) == own_sha256(CONTENT | {SEAL: "any"}) != own_sha256(CONTENT | {"none": 0})


def test_every_byte_that_is_flipped_is_found_unless_the_file_says_the_same(tmp_path):
    path = write_sealed(tmp_path / "a.json", CONTENT)
    whole = path.read_bytes()
    for at in range(len(whole)):
        for bit in (0, 5):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
            try:
                assert read_sealed(path) == CONTENT
            except UserError:
                refused(read_sealed, path)


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    path = write_sealed(tmp_path / "a.json", CONTENT)
    whole = path.read_bytes().rstrip()
    for count in range(len(whole)):
        path.write_bytes(whole[:count])
        refused(read_sealed, path)


@pytest.mark.parametrize("content", [b"[]", b"3", b"null", b'"a"', b"{}", b'{"own_sha256": null}'])
def test_what_was_never_sealed_is_refused(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert "was changed" in refused(read_sealed, path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"a": 1, "a": 1}', "a key stands twice"),
        (b'{"b": [{"a": 1, "a": 2}]}', "a key stands twice"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"a": \xff}', "codec can't decode"),
        (b'{"a": 1} {}', "Extra data"),
        (b"", "Expecting value"),
        (b"9" * 5000, "Exceeds the limit"),
    ],
)
def test_what_is_no_strict_json_is_refused_with_its_reason(tmp_path, content, why):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    for read in (read_strict, read_sealed):
        assert why in refused(read, path)


def test_a_number_that_json_lacks_is_never_written(tmp_path):
    with pytest.raises(ValueError):
        write_sealed(tmp_path / "a.json", {"a": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_file_may_have_as_many_bytes_as_it_can_need_and_no_more(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'"1234567"')
    assert read_strict(path, 9) == "1234567" and read_bytes(path, 9) == b'"1234567"'
    for read in (read_strict, read_sealed, read_bytes):
        assert "has 9 bytes, and 8 are the most" in refused(read, path, 8)


def test_a_missing_file_a_folder_and_a_circle_of_links_are_refused(tmp_path):
    assert "is missing" in refused(read_sealed, tmp_path / "a.json")
    assert "is not a file" in refused(read_sealed, tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "b")
    refused(read_sealed, tmp_path / "b")


def test_a_reason_is_one_printable_line():
    assert reason(ValueError("two\nlines and \x1b[31m a colour")).isprintable()
    assert len(reason(ValueError("long " * 99))) <= 60
