"""The text that LightGBM keeps trees in, read strictly: it walks what it is given, also out of its memory."""

import re

import numpy as np

HEADER = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx={last}
objective=binary sigmoid:1
feature_names={names}
feature_infos={ranges}
tree_sizes={sizes}

"""
ENDED = "end of trees\n"
WHOLE = ("split_feature", "decision_type", "left_child", "right_child")  # whole numbers, of each inner node
INNER = (*WHOLE, "split_gain", "threshold", "internal_value", "internal_weight", "internal_count")
LEAF = ("leaf_value", "leaf_weight", "leaf_count")
FIELDS = {"num_leaves", "num_cat", *INNER, *LEAF, "is_linear", "shrinkage"}
CATEGORICAL = 1  # bit of a decision: no feature of ours is one


def leaves_of(text: str) -> list[int]:
    """Number of leaves of each tree of a text that ends with the trees.

    Raises
    ------
    ValueError
        If a line is another than LightGBM writes, or a tree is none: a node that no path leads to, or two do.
    """
    if not text.endswith(ENDED):
        raise ValueError("the trees do not end")
    head, *trees = re.split(r"^(?=Tree=)", text.removesuffix(ENDED), flags=re.MULTILINE)
    if not trees:
        raise ValueError("there is no tree")
    features = _features(head, [len(tree) for tree in trees])
    return [_leaves(place, tree, features) for place, tree in enumerate(trees)]


def _features(head: str, sizes: list[int]) -> int:
    """Number of features, from what stands before trees of so many signs."""
    told = dict(line.partition("=")[::2] for line in head.splitlines())
    count, ranges = len(told.get("feature_names", "").split(" ")), told.get("feature_infos", "")
    names = " ".join(f"Column_{place}" for place in range(count))
    expected = HEADER.format(last=count - 1, names=names, ranges=ranges, sizes=" ".join(map(str, sizes)))
    each = r"(none|\[[-+.0-9einf]+:[-+.0-9einf]+\])"
    if head != expected or not re.fullmatch(rf"{each}( {each}){{{count - 1}}}", ranges, re.ASCII):
        raise ValueError("what stands before the trees is not what LightGBM writes")
    return count


def _leaves(place: int, tree: str, features: int) -> int:
    first, *lines = tree.rstrip("\n").split("\n")
    told = dict(line.partition("=")[::2] for line in lines)
    if first != f"Tree={place}" or len(lines) != len(told) or set(told) != FIELDS:
        raise ValueError(f"tree {place} lacks a line, or has one too many")
    numbers = {name: _numbers(text) for name, text in told.items()}
    leaves = int(told["num_leaves"])
    counts = dict.fromkeys(INNER, leaves - 1) | dict.fromkeys(LEAF, leaves)
    if leaves == 1:
        counts["leaf_weight"] = 0
    if any(len(numbers[name]) != counts.get(name, 1) for name in FIELDS) or not _is_tree(told, numbers, features):
        raise ValueError(f"tree {place} is none")
    return leaves


def _numbers(text: str) -> np.ndarray:
    """Finite numbers, one space between two."""
    if text and not re.fullmatch(r"[-+.0-9e]+( [-+.0-9e]+)*", text):
        raise ValueError(f"{text[:20]!r} are no numbers")
    numbers = np.array(text.split(), float)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{text[:20]!r} are not finite")
    return numbers


def _is_tree(told: dict[str, str], numbers: dict[str, np.ndarray], features: int) -> bool:
    """Whether one path leads to each node, and every question is about a feature that there is."""
    if not all(re.fullmatch(r"|-?\d{1,9}( -?\d{1,9})*", told[name], re.ASCII) for name in (*WHOLE, "num_leaves")):
        return False
    feature, decision, left, right = (numbers[name].astype(int) for name in WHOLE)
    inner = len(feature)
    below = np.sort(np.concatenate([left, right]))
    forwards = all(child < 0 or child > node for side in (left, right) for node, child in enumerate(side))  # no circle
    once = below.tolist() == [*range(-inner - 1, 0), *range(1, inner)] if inner else True
    plain = told["num_cat"] == told["is_linear"] == "0" and not (decision & CATEGORICAL).any()
    return forwards and once and plain and bool(((feature >= 0) & (feature < features)).all())
