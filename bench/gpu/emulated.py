"""What a CUDA graph is, on a processor: operations are noted with their storages, and done again on the same storages.

Whatever Python does between them is not done again, and a number that was a float when it was recorded stays
that float.
"""

from __future__ import annotations

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

HOST = {"_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select", "item"}


class _Noted(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        name = function.overloadpacket.__name__
        if name in HOST:
            raise RuntimeError(f"operation not permitted when stream is capturing: {name}")
        found = function(*arguments, **(keywords or {}))
        self.calls.append((function, arguments, keywords or {}, found))
        return found


class Graphs:
    """A recorder; ``recorded`` are the names of the operations of each recording, in order."""

    def __init__(self):
        self.recorded: list[list[str]] = []
        self.replays = 0

    def warm(self, work):
        work()

    def record(self, work):
        noted = _Noted()
        with _PutBack(), noted:  # the saver sees what is noted, and nobody notes what it saves
            work()
        self.recorded.append([call[0].overloadpacket.__name__ for call in noted.calls])

        @torch.no_grad()  # a way back that was noted is replayed as plain operations
        def replay():
            self.replays += 1
            for function, arguments, keywords, found in noted.calls:
                again = function(*arguments, **keywords)
                for old, new in zip(tree_flatten(found)[0], tree_flatten(again)[0], strict=True):
                    if isinstance(old, torch.Tensor) and old.data_ptr() != new.data_ptr():
                        old.copy_(new)

        return replay


class _PutBack(TorchDispatchMode):
    """A capture does nothing: every tensor that is changed while it lasts is put back behind it."""

    def __init__(self):
        super().__init__()
        self.saved = []

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        keywords = keywords or {}
        schema = function._schema.arguments
        given = {**dict(zip([argument.name for argument in schema], arguments)), **keywords}
        written = [one.name for one in schema if one.alias_info is not None and one.alias_info.is_write]
        for tensor in tree_flatten([given[name] for name in written if name in given])[0]:
            if isinstance(tensor, torch.Tensor):
                self.saved.append((tensor, tensor.clone()))
        return function(*arguments, **keywords)

    @torch.no_grad()
    def __exit__(self, *error):
        super().__exit__(*error)
        for tensor, was in reversed(self.saved):
            tensor.copy_(was)
