"""The command line: ``python -m buysignal <command>``. Each command is a module that declares itself."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from buysignal.core.errors import UserError

COMMANDS = ("doctor", "gate", "predict", "scratch")


def module(name: str) -> ModuleType:
    """The module of a command, with ``add_to(commands)``, which declares it and sets ``command``: Namespace -> status.

    Imported when it is asked for, because what another command needs takes seconds.
    """
    if name == "doctor":
        from buysignal.cli.doctor import command
    elif name == "gate":
        from buysignal.cli.gate import command
    elif name == "predict":
        from buysignal.cli.predict import command
    else:
        from buysignal.cli import scratch as command
    return command


def parser(first: str | None = None) -> argparse.ArgumentParser:
    """The parser of the command that is the ``first`` word, else of all."""
    top = argparse.ArgumentParser(prog="python -m buysignal", description="Search, judge and doubt buy classifiers.")
    commands = top.add_subparsers(required=True, metavar="command")
    for name in [first] if first in COMMANDS else COMMANDS:
        module(name).add_to(commands)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; a `UserError` becomes one line and status 2."""
    words = sys.argv[1:] if words is None else words
    arguments = parser(next(iter(words), None)).parse_args(words)
    try:
        status = arguments.command(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a full disk can still be told
        return status
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # of standard output: commands tell of their files themselves
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"error: standard output cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
