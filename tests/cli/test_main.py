"""The command line answers in one line also where its own output cannot go."""

import os
import subprocess
import sys

import pytest

COMMAND = (sys.executable, "-m", "buysignal", "doctor", "--list")


def ended(**streams):
    environment = os.environ | {"PYTHONUNBUFFERED": ""}
    done = subprocess.run(COMMAND, stderr=subprocess.PIPE, text=True, env=environment, **streams)
    return done.returncode, done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full is Linux's")
def test_output_to_a_full_disk_is_one_line_and_the_status_of_a_mistake():
    with open("/dev/full", "w") as full:
        assert ended(stdout=full) == (2, "error: standard output cannot be written: No space left on device\n")


def test_a_reader_that_has_seen_enough_is_no_mistake():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        assert ended(stdout=pipe) == (0, "")
