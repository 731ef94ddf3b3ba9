"""How the service begins and ends."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from buysignal.cli.main import main
from buysignal.cli.serve.run import INSTALL
from tests.cli.serve.conftest import started


def test_the_line_that_is_printed_names_model_and_address_and_sigterm_ends_it_with_status_0(project):
    with started(project) as service:
        name = service.ask("/health")[1]["model"]
        assert service.line == f"{name}: http://127.0.0.1:{service.port}"
    assert service.process.returncode == 0


def test_to_listen_to_others_is_warned_of_in_one_line(project):
    with started(project, "--host", "0.0.0.0") as service:
        assert service.ask("/health")[0] == 200
        service.process.terminate()
        told = service.process.communicate(timeout=30)[1]
    assert told.startswith("warning: 0.0.0.0 is not of this machine alone: ") and told.count("\n") == 1
    assert "there is no authentication" in told and service.process.returncode == 0


def test_this_machine_alone_is_warned_of_nothing_whatever_it_is_called(project):
    with started(project, "--host", "localhost") as service:
        service.process.terminate()
        assert service.process.communicate(timeout=30)[1] == ""


@pytest.mark.parametrize("module", ["uvicorn", "starlette"])
def test_without_the_optional_packages_one_line_has_the_command_that_installs_them(module):
    code = f"import sys; sys.modules[{module!r}] = sys.modules['{module}.applications'] = None; "
    code += "from buysignal.cli.main import main; sys.exit(main(['serve']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: serve needs Starlette and uvicorn (") and done.stderr.endswith(f"{INSTALL}\n")


def refused(project, *words):
    command = [sys.executable, "-m", "buysignal", "serve", *words]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stdout == ""
    return done.stderr


def test_an_address_that_cannot_be_had_and_a_model_that_is_none_are_one_line(project, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(project, "--port", str(port))
    assert said == f"error: --host 127.0.0.1 --port {port} cannot be listened on: Address already in use\n"
    assert refused(project, "--host", "no such host").startswith("error: --host no such host --port 8000 cannot be")
    assert refused(project, "--model", "absent").startswith("error: absent is no contender: name ")
    assert refused(tmp_path).startswith("error: data/models/shipped is missing: ")


@pytest.mark.parametrize("port", ["-1", "65536", "http", "1.5", "٣"])
def test_a_port_that_is_none_gives_the_usage(capsys, port):
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--port={port}"])
    assert ended.value.code == 2 and "is no port: a whole number from 0 to 65535" in capsys.readouterr().err
