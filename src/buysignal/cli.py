"""The command line: ``python -m buysignal <command>``. Each command is a module that declares itself."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from buysignal import scratch
from buysignal.doctor import command as doctor
from buysignal.errors import UserError

COMMANDS = (doctor, scratch)
"""Modules with ``add_to(commands)``, which declares a command and sets ``command``: Namespace -> exit status."""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(prog="python -m buysignal", description="Search, judge and doubt buy classifiers.")
    commands = top.add_subparsers(required=True, metavar="command")
    for module in COMMANDS:
        module.add_to(commands)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; a `UserError` becomes one line and status 2."""
    arguments = parser().parse_args(words)
    try:
        return arguments.command(arguments)
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
