"""From the command's words to a process that listens."""

from __future__ import annotations

import argparse
import ipaddress
import os
import signal
import socket
import sys

from buysignal.cli.predict.asked import MODELS, default_model, named, shipped_beside
from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError

INSTALL = "pip install -r requirements-serve.txt"
PATIENCE = 5  # seconds that answers under way are waited for when it is told to end
OPEN = "others can ask it what they like, for there is no authentication: put a proxy that has one before it"


def serve(arguments: argparse.Namespace) -> int:
    """Bind, load the model and answer until SIGTERM (status 0) or Ctrl-C.

    Raises
    ------
    UserError
        If Starlette or uvicorn is not installed, the address cannot be listened on, or the model cannot be used.
    """
    signal.signal(signal.SIGTERM, _end)  # uvicorn ends in order and then raises the signal once more
    try:
        import uvicorn

        from buysignal.cli.serve.app import app
    except ImportError as error:
        raise UserError(f"serve needs Starlette and uvicorn ({error}): {INSTALL}") from None
    folder = named(arguments.model) if arguments.model else default_model(MODELS)
    predictor = Predictor.load(folder, arguments.anyway)
    with bound(arguments.host, arguments.port) as listening:
        service = app(predictor, shipped_beside(folder))
        address, port = listening.getsockname()[:2]
        if not ipaddress.ip_address(address).is_loopback:
            print(f"warning: {address} is not of this machine alone: {OPEN}", file=sys.stderr, flush=True)
        line = f"{predictor.model.card.name}: http://{f'[{address}]' if ':' in address else address}:{port}"

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                print(line, flush=True)  # here, where it is true, and signals are minded

        quiet = dict(log_level="warning", access_log=False, server_header=False, proxy_headers=False)
        plain = dict(http="h11", ws="none", lifespan="off", timeout_graceful_shutdown=PATIENCE)
        Server(uvicorn.Config(service, **quiet, **plain)).run([listening])
    return 0


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens; `UserError` if that address cannot be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError) as error:
        number = getattr(error, "errno", None) or 0  # of a name that leads nowhere below 0, with words of its own
        reason = os.strerror(number) if number > 0 else getattr(error, "strerror", None) or error
        raise UserError(f"--host {host} --port {port} cannot be listened on: {reason}") from None


def _end(*_: object) -> None:
    sys.exit(0)
