"""A shell that has read `buysignal completion` completes commands, their options and what these take."""

import shutil
import subprocess

import pytest

from buysignal.cli.completion import SHELLS
from buysignal.cli.main import COMMANDS, main


@pytest.fixture
def printed(capsys):
    def run(shell):
        assert main(["completion", shell]) == 0
        return capsys.readouterr().out

    return run


def completed(script, *words):
    """What bash offers in place of the last word."""
    line = " ".join(f"'{word}'" for word in words)
    asks = f'COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _shtab_buysignal; echo "${{COMPREPLY[*]}}"'
    done = subprocess.run(["bash", "-c", f"{script}\n{asks}"], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_bash_completes_commands_options_and_choices(printed):
    script = printed("bash")
    assert set(completed(script, "buysignal", "")) >= set(COMMANDS)
    assert completed(script, "buysignal", "jud") == ["judge"]
    assert completed(script, "buysignal", "gate", "--ag") == ["--against"]
    assert completed(script, "buysignal", "gate", "--format", "") == ["table", "md", "json"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_every_command_under_the_name_of_the_script(printed, shell):
    script = printed(shell)
    assert all(name in script for name in COMMANDS) and "python -m" not in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=script, text=True, capture_output=True).stderr == ""
