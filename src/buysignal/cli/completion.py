"""``buysignal completion bash``: what lets a shell complete the commands and their options."""

from __future__ import annotations

import argparse

SHELLS = {
    "bash": "buysignal completion bash > ~/.local/share/bash-completion/completions/buysignal",
    "zsh": "buysignal completion zsh > ~/.zsh/completions/_buysignal, a folder of fpath",
    "fish": "buysignal completion fish > ~/.config/fish/completions/buysignal.fish",
}


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command."""
    about = "print what lets a shell complete the commands and their options"
    parser = commands.add_parser("completion", help=about, description=about)
    parser.add_argument("shell", choices=[*SHELLS], help="; ".join(SHELLS.values()))
    parser.set_defaults(command=completion)


def completion(arguments: argparse.Namespace) -> int:
    """Print it; ``arguments.top`` is the parser of all commands."""
    import shtab  # no other command waits for it

    arguments.top.prog = "buysignal"  # however this one was called, it is the script that is completed
    print(shtab.complete(arguments.top, arguments.shell))
    return 0
