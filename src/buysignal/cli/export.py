"""``python -m buysignal export``: a model of this run as what ``models.pretrained`` of another run names."""

from __future__ import annotations

import argparse
from pathlib import Path

from buysignal.cli import told
from buysignal.core.errors import UserError


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "write a model as a folder that models.pretrained of another run names, where it competes as it is"
    parser = commands.add_parser("export", help=about, description=about)
    parser.add_argument("folder", type=Path, help="a new folder")
    which = "a contender of data/models by name, or a folder of one (default: what ships)"
    parser.add_argument("--model", metavar="NAME", type=Path, help=which)
    told.add_to(parser)
    parser.set_defaults(command=export)


def export(arguments: argparse.Namespace) -> int:
    """Write it; the folder must not be there, so that no other model is lost."""
    from buysignal.cli.predict.asked import MODELS, default_model, named
    from buysignal.models import kept
    from buysignal.models.pretrained import Pretrained
    from buysignal.ship.package import load

    if arguments.folder.exists():
        raise UserError(f"{arguments.folder} is there already: name a new folder")
    found = load(named(arguments.model) if arguments.model else default_model(MODELS))
    if isinstance(found.fitted, Pretrained):
        raise UserError(f"{found.card.name} is of another run itself: export it there")
    about = (found.features, found.scaler, found.context, found.label, found.regime.last)
    kept.save(arguments.folder, Pretrained.of(found.fitted, *about))
    use = f"dvc exp run -S models.pretrained={arguments.folder}"
    content = {
        "folder": str(arguments.folder),
        "model": found.card.name,
        "trained_until": found.regime.last,
        "use": use,
    }
    said = f"{told.plain(str(arguments.folder))}: {found.card.name}, trained on days up to {found.regime.last}"
    print(told.written(arguments.format, lambda: [said, f"In the other run: `{use}`"], lambda: content))
    return 0
