"""The command line: ``python -m buysignal <command>``. Each command is a module that declares itself."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from buysignal import __version__
from buysignal.cli import completion, dashboard, demo, export, register, scratch
from buysignal.cli.doctor import command as doctor
from buysignal.cli.follow import command as follow
from buysignal.cli.full import command as full
from buysignal.cli.gate import command as gate
from buysignal.cli.init import command as init
from buysignal.cli.judge import command as judge
from buysignal.cli.plugin import command as check_plugin
from buysignal.cli.predict import command as predict
from buysignal.cli.quality import command as check
from buysignal.cli.reset import command as reset
from buysignal.cli.retrain import command as retrain
from buysignal.cli.serve import command as serve
from buysignal.cli.update import command as update
from buysignal.core.errors import UserError

COMMANDS = {
    "check": check,
    "check-plugin": check_plugin,
    "completion": completion,
    "dashboard": dashboard,
    "demo": demo,
    "doctor": doctor,
    "export": export,
    "follow": follow,
    "full": full,
    "gate": gate,
    "init": init,
    "judge": judge,
    "predict": predict,
    "register": register,
    "reset": reset,
    "retrain": retrain,
    "scratch": scratch,
    "serve": serve,
    "update": update,
}
"""Command -> its module, with ``add_to(commands)``, which declares it and sets ``command``: Namespace -> status.

A module imports what its command works with only when the command runs: ``--help`` waits for nothing.
"""

EXAMPLES = {
    "check": "bars.csv --adjust splits",
    "check-plugin": "plugins/example.py:calm",
    "completion": "bash > ~/.local/share/bash-completion/completions/buysignal",
    "dashboard": "a50-2M",
    "demo": "stocks",
    "doctor": "--format md > doctor.md",
    "export": "models/mine --model candidate",
    "follow": "--format json",
    "full": "-S 'budgets=[2M]'",
    "gate": "--against main",
    "init": "mine --bars bars.csv",
    "judge": "scores.csv --bars bars.csv --tried 40",
    "predict": "--bars bars.csv --since 2018-12-01 --format csv --out answers.csv",
    "register": "--show",
    "reset": "",
    "retrain": "--now",
    "scratch": "--older-than 30 --dry-run",
    "serve": "--port 8000",
    "update": "--bars bars.csv",
}
"""Command -> words that its help ends with."""

CHOICE = r"[\w.-]+"

FIRST = """Find out whether your trading model is real, before you trade it. What one does first:

    {prog} check bars.csv                     can this file of daily bars be used?
    {prog} judge scores.csv --bars bars.csv   scores of any model, from anywhere: are they real?
    {prog} init FOLDER --bars bars.csv        a project of your own: search, judge and ship a model

`{prog} --help` has all commands; each has its own --help.
"""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = _Parser(prog=called(), description="Search, judge and doubt buy classifiers.")
    top.add_argument("--version", action="version", version=f"buysignal {__version__}")
    top.set_defaults(top=top)  # for `completion`
    commands = top.add_subparsers(metavar="command")
    for name, module in COMMANDS.items():
        module.add_to(commands)
        one = commands.choices[name]
        one.formatter_class = _Help
        one.set_defaults(parser=one)
        one.epilog = "\n\n".join(filter(None, [one.epilog, f"example: {top.prog} {name} {EXAMPLES[name]}".strip()]))
    return top


def called() -> str:
    """How the command line was entered: by its console script, or by its module."""
    return "buysignal" if Path(sys.argv[0]).stem == "buysignal" else "python -m buysignal"


class _Parser(argparse.ArgumentParser):
    """Words that cannot be understood are refused in one line, like any other mistake."""

    def unknown(self, words: Sequence[str]) -> NoReturn:
        """Refuse words that are left over, with the option that the first may have meant."""
        from buysignal.core.settings import near

        meant = near(words[0], [option for option in self._option_string_actions if option.startswith("--")])
        self.error(f"unrecognized arguments: {' '.join(words)}; {meant}")

    def error(self, message: str) -> NoReturn:
        """Print it with what may have been meant, and where help is; exit with status 2."""
        found = re.match(r"(argument \S+: invalid choice: '(.*)') \(choose from (.*)\)$", message)
        if found:
            from buysignal.core.settings import near  # what is right waits for nothing

            message = f"{found[1]}; {near(found[2], re.findall(CHOICE, found[3]))}"
        self.exit(2, f"error: {message} (`{self.prog} --help`)\n")


class _Help(argparse.HelpFormatter):
    """Paragraphs stay apart."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(super(_Help, self)._fill_text(part, width, indent) for part in text.split("\n\n"))


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; a `UserError` becomes one line and status 2."""
    known = parser()
    arguments, unknown = known.parse_known_args(words)
    if unknown:
        getattr(arguments, "parser", known).unknown(unknown)
    try:
        if "command" not in arguments:
            print(f"{FIRST.format(prog=known.prog)}\nerror: name a command: {', '.join(COMMANDS)}", file=sys.stderr)
            return 2
        status = arguments.command(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a full disk can still be told
        return status
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as head, has seen enough; never 0, which says *use* or *pass*
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:  # of standard output: commands tell of their files themselves
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"error: standard output cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
