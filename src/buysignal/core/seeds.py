"""Every random number descends from the one seed of params.yaml, by purpose."""

import zlib

import numpy as np


def member_seeds(root: int, purpose: str, count: int) -> tuple[int, ...]:
    """Seeds of ``count`` members; asking for more keeps the first ones.

    Parameters
    ----------
    root : the seed of params.yaml
    purpose : what the members are for, e.g. ``search``; another purpose gives unrelated seeds, so a
        configuration that was lucky in its search is judged again with fresh luck
    count : how many
    """
    key = zlib.crc32(purpose.encode())
    return tuple(
        int(np.random.SeedSequence(root, spawn_key=(key, member)).generate_state(1)[0]) for member in range(count)
    )
