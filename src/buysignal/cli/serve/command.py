"""``python -m buysignal serve``: what ships answers over HTTP, to this machine alone unless asked otherwise."""

from __future__ import annotations

import argparse
from pathlib import Path

HOST, PORT = "127.0.0.1", 8000


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "answer what predict and follow answer, over HTTP as JSON; to this machine alone by default"
    parser = commands.add_parser("serve", help=about, description=about, epilog="SIGTERM ends it with status 0")
    host = f"the address to listen on (default: {HOST}); there is no authentication"
    parser.add_argument("--host", default=HOST, metavar="ADDRESS", help=host)
    parser.add_argument("--port", type=_port, default=PORT, help=f"0: any free one (default: {PORT})")
    which = "a contender of data/models by name, or a folder of one (default: what ships)"
    parser.add_argument("--model", type=Path, metavar="NAME", help=which)
    anyway = "say buy from the threshold on, though the verdict on the model is not `use`"
    parser.add_argument("--anyway", action="store_true", help=anyway)
    parser.set_defaults(command=serve)


def serve(arguments: argparse.Namespace) -> int:
    """Answer until a signal ends it, see `buysignal.cli.serve.run`."""
    from buysignal.cli.serve.run import serve

    return serve(arguments)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 5 or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a whole number from 0 to 65535")
    return int(text)
