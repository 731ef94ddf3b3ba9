"""What may be opened: the same bytes for the same run, every difference named, every bad file one line."""

from __future__ import annotations

import copy
import doctest

import numpy as np
import pandas as pd
import pytest

from buysignal.core.errors import UserError
from buysignal.ship import registered

BARS = "ab" * 32
TIERS = [
    {"roles": {role: {"first": f"200{at}-01-03", "last": f"200{at}-12-30"} for at, role in enumerate(registered.ROLES)}}
]
CARD = {"name": "a50-2M-T1", "tier": "a50", "budget": "2M", "seeds": [1, 2], "epochs": [4, 5]}


def chosen(rank=1, threshold=0.1 + 0.2, certified=None, **card):
    point, promise = {"threshold": threshold}, {"threshold": certified}
    return {"rank": rank, "card": CARD | card, "point": point, "certified": promise}


FIRST, SECOND = chosen(), chosen(2, 0.25, 0.5, name="candidate", budget="")
OTHER = chosen(None, 0.2, name="a50-volatility", budget="", seeds=[], epochs=[])


def selection(selected=(FIRST, SECOND), others=(OTHER,), shipped="a50-volatility"):
    """Content of data/selected.json, as far as it is registered."""
    return {"selected": list(selected), "others": list(others), "shipped": shipped}


SELECTED = selection()


def written(folder, selected=SELECTED, day="2026-01-02"):
    content = registered.registration(selected, BARS, TIERS)
    registered.write(content, day, folder)
    return content


def test_the_example_of_the_documentation_is_what_happens():
    assert doctest.testmod(registered).failed == 0 < doctest.testmod(registered).attempted


def test_what_is_written_is_read_to_the_bit_and_is_the_same_run(tmp_path):
    content = written(tmp_path)
    found = registered.read(tmp_path / registered.PATH)
    assert found.content | {"sha256": found.sha256} == content
    assert found.models[0].threshold == 0.1 + 0.2 and found.models[1].certified == 0.5
    assert registered.difference(found, content) == ""


def test_the_day_is_not_in_the_hash_and_the_same_run_gives_the_same_bytes(tmp_path):
    for name, day in {"one": "2026-01-02", "again": "2026-01-02", "later": "2027-01-02"}.items():
        (tmp_path / name).mkdir()
        written(tmp_path / name, day=day)
    one, again, later = ((tmp_path / name / registered.PATH) for name in ("one", "again", "later"))
    assert one.read_bytes() == again.read_bytes() != later.read_bytes()
    assert registered.read(one).sha256 == registered.read(later).sha256


def test_people_can_read_it(tmp_path):
    written(tmp_path)
    lines = (tmp_path / registered.PATH).read_text().splitlines()
    assert "  test: 2005-01-03 to 2005-12-30" in lines
    assert 'shipped: "a50-volatility"' in lines
    assert any(
        line.startswith('- {rank: 1, name: "a50-2M-T1", tier: "a50", budget: "2M", threshold: ') for line in lines
    )


def test_how_many_are_bought_a_day_is_sealed_and_where_a_threshold_decides_nothing_is_written(tmp_path):
    content = written(tmp_path, SELECTED | {"per_day": 3})
    path = tmp_path / registered.PATH
    found = registered.read(path)
    assert found.per_day == 3 and registered.difference(found, content) == ""
    other = registered.registration(SELECTED | {"per_day": 2}, BARS, TIERS)
    assert registered.difference(found, other) == (
        "it buys by another rule: the 2 best of each day here, the 3 best of each day in registered.yaml"
    )
    path.write_text(path.read_text().replace("per_day: 3", "per_day: 2"))
    with pytest.raises(UserError, match="that of its values"):
        registered.read(path)
    assert "per_day" not in written(tmp_path) and registered.read(path).per_day == 0
    assert "per_day" not in path.read_text()


def test_the_widest_ends_over_the_tiers_count():
    later = copy.deepcopy(TIERS[0])
    later["roles"]["train"]["first"] = "2000-06-01"  # a longer warm-up
    assert registered.spans([later, *TIERS]) == registered.spans(TIERS)


OTHERS = {
    "no contender has an operating point": (selection([], [], ""), BARS, TIERS),
    "the bars are others: cdcdcdcdcdcd here, abababababab in registered.yaml": (SELECTED, "cd" * 32, TIERS),
    "the train role has other days: 2001-01-03 to": (SELECTED, BARS, [{"roles": {"train": TIERS[0]["roles"]["stop"]}}]),
    "it buys by another rule: the 3 best of each day here, by threshold in registered.yaml": (
        SELECTED | {"per_day": 3},
        BARS,
        TIERS,
    ),
    "another contender ships: candidate here, a50-volatility in registered.yaml": (
        selection(shipped="candidate"),
        BARS,
        TIERS,
    ),
    "rank 1 of the search's ten is another: a50-2M-T2 here, a50-2M-T1 in registered.yaml": (
        selection([chosen(name="a50-2M-T2"), SECOND]),
        BARS,
        TIERS,
    ),
    "contender number 3 is another: a50-touch here, a50-volatility in registered.yaml": (
        selection(others=[chosen(None, 0.2, name="a50-touch"), OTHER]),
        BARS,
        TIERS,
    ),
    "other contenders have an operating point: 2 here, 3 in registered.yaml": (selection(others=[]), BARS, TIERS),
    "a50-2M-T1 buys from another score: 0.31 here, 0.30000000000000004 in registered.yaml": (
        selection([chosen(threshold=0.31), SECOND]),
        BARS,
        TIERS,
    ),
    "a50-2M-T1 has another certified threshold: 0.4 here, ": (selection([chosen(certified=0.4), SECOND]), BARS, TIERS),
    "a50-2M-T1 is not trained as the registered one": (selection([chosen(seeds=[1, 3]), SECOND]), BARS, TIERS),
}


@pytest.mark.parametrize("said", OTHERS)
def test_whatever_differs_is_another_run_and_is_named(tmp_path, said):
    written(tmp_path)
    now = registered.registration(*OTHERS[said])
    assert registered.difference(registered.read(tmp_path / registered.PATH), now).startswith(said)


def test_bars_that_go_on_are_told_with_the_day_that_leaves_them_out(tmp_path):
    """The test role ends on 2005-12-30: with a label of two days the bars ended on the second trading day after it."""
    written(tmp_path)
    found, other = registered.read(tmp_path / registered.PATH), registered.registration(SELECTED, "cd" * 32, TIERS)
    days = pd.bdate_range("2001-01-01", "2006-01-31", name="date")
    said = "the bars are others: cdcdcdcdcdcd here, abababababab in registered.yaml"
    more = f"{said}; roles.until: '2006-01-03' leaves out what was added since, and no role moves"
    assert registered.difference(found, other, days, 2) == more
    many = pd.MultiIndex.from_product([["A", "B"], days], names=["symbol", "date"])
    assert registered.difference(found, other, many, 2) == more
    assert registered.difference(found, other, days[days <= "2006-01-03"], 2) == said  # others, and no more of them
    assert registered.difference(found, other) == said
    nothing = registered.registration(selection([], [], ""), "cd" * 32, TIERS)
    assert registered.difference(found, nothing, days, 2) == registered.NOTHING


BAD = {
    "an edited threshold": (lambda text: text.replace("0.25", "0.2"), "that of its values"),
    "an edited hash": (lambda text: f'{text[:-3]}{"1" if text[-3] == "0" else "0"}"\n', "sha256 is"),
    "another model": (lambda text: text.replace("a50-2M-T1", "a50-2M-T9"), "sha256 is"),
    "another that ships": (lambda text: text.replace('shipped: "a50-volatility"', 'shipped: "candidate"'), "sha256 is"),
    "one that ships and is unknown": (
        lambda text: text.replace('shipped: "a50-volatility"', 'shipped: "a50-blend"'),
        "shipped is a50-blend, which is none of its models",
    ),
    "a tier that is none": (lambda text: text.replace('tier: "a50"', 'tier: "a51"'), "models[0].tier is 'a51'"),
    "an unknown key": (lambda text: text.replace("rank: 1", "place: 1"), "unknown key models[0].place"),
    "a lacking key": (lambda text: text.replace("bars: ", "#bars: "), "key bars is missing"),
    "torn": (lambda text: text[: len(text) // 2], "registered.yaml"),
    "empty": (lambda text: "", "it holds no keys"),
    "a list": (lambda text: "- 1\n", "it holds no keys"),
    "no YAML": (lambda text: "models: [", "is not valid YAML"),
    "no text": (lambda text: "\udcff", "is not UTF-8"),
    "models of none": (
        lambda text: text.split("- {")[0].strip() + " []" + text[text.index("\nsha256") :],
        "models is []",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_with_the_command_that_helps(tmp_path, name):
    written(tmp_path)
    path = tmp_path / registered.PATH
    spoil, says = BAD[name]
    path.write_bytes(spoil(path.read_text()).encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError) as refused:
        registered.read(path)
    said = str(refused.value)
    assert says in said and "\n" not in said and said.count("registered.yaml") >= 1
    assert said.endswith("`python -m buysignal register` writes it anew")


def test_a_missing_file_is_too(tmp_path):
    with pytest.raises(UserError, match=r"registered\.yaml is missing; `git checkout HEAD -- registered\.yaml` brings"):
        registered.read(tmp_path / registered.PATH)


DAYS = pd.bdate_range("2014-01-01", periods=4, name="date")


def test_the_scores_of_the_candidate_keep_every_bit(tmp_path):
    score = np.array([0.1 + 0.2, 1 / 3, 1e-17, 1.0])
    registered.write_scores(DAYS, [0, 1, 1, 0], score, tmp_path)
    found = registered.read_scores(tmp_path / registered.SCORES)
    assert found.index.equals(DAYS) and found["label"].tolist() == [0, 1, 1, 0]
    assert found["score"].to_numpy().tobytes() == score.tobytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-3],
        lambda text: "",
        lambda text: "date,label,score\n",
        lambda text: text.replace("label", "target"),
        lambda text: text.replace(",1,", ",2,"),
        lambda text: text.replace("1.0", "1.5"),
        lambda text: text.replace("1.0", "nan"),
        lambda text: text.replace("2014-01-02", "2014-01-01"),
        lambda text: text.replace("2014-01-02", "yesterday"),
    ],
)
def test_bad_scores_are_one_line_with_the_command_that_helps(tmp_path, spoil):
    registered.write_scores(DAYS, [0, 1, 1, 0], [0.5, 0.25, 0.125, 1.0], tmp_path)
    path = tmp_path / registered.SCORES
    path.write_text(spoil(path.read_text()))
    with pytest.raises(UserError, match=r"registered.csv cannot be read \(.*\): `git checkout HEAD -- registered.csv`"):
        registered.read_scores(path)
