"""``python -m buysignal demo``: the bars of source demo as a folder of files, for commands that read files."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from buysignal.cli import told
from buysignal.core.errors import UserError


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "write the bars of ingest.source demo as a folder with one CSV a symbol, to try check, predict and judge on"
    parser = commands.add_parser("demo", help=about, description=about)
    parser.add_argument("folder", type=Path, help="a folder that is not there yet, or is empty")
    told.add_to(parser)
    parser.set_defaults(command=demo)


def demo(arguments: argparse.Namespace) -> int:
    """Write the folder whole or not at all.

    Raises
    ------
    UserError
        If the package of the stocks is not installed, the folder holds something, or it cannot be written.
    """
    from buysignal.bars import embedded

    folder, reads = arguments.folder.expanduser().absolute(), embedded.demo()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"{arguments.folder} is there already: name a folder that is not, or an empty one")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.", suffix=".tmp") as held:
            made = Path(held) / folder.name
            made.mkdir()
            for symbol, read in reads.items():
                read().bars.to_csv(made / f"{symbol}.csv", lineterminator="\n")
            made.replace(folder)
    except OSError as error:
        raise UserError(f"{arguments.folder} cannot be written: {error.strerror}") from None
    content = {"folder": str(arguments.folder), "symbols": list(reads)}
    said = f"{told.plain(str(arguments.folder))}: {len(reads)} symbols ({', '.join(reads)})"
    print(told.written(arguments.format, lambda: [said], lambda: content))
    return 0
