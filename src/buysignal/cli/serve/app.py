"""The service: three routes, bounds on what is read, and one thread that computes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NoReturn

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.serve.answers import follow, predict, warm
from buysignal.core.errors import UserError

MOST_BYTES = 8_000_000
READING = 10.0  # seconds for a body: who sends slowly keeps others out
WAITING = 8  # requests beside the one that is computed
ROUTES = "GET /health, POST /predict, GET /follow"


class Desk:
    """One thread, on which torch always computes alike, and the places before it."""

    def __init__(self, predictor: Predictor) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(warm, predictor).result()
        self._taken = 0  # counted in the event loop alone

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place, taken before a body is read; status 503 where there is none."""
        if self._taken > WAITING:
            raise HTTPException(503, f"{WAITING} requests wait already: ask again", {"Retry-After": "1"})
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def run(self, work: Callable[[], str]) -> Response:
        """The JSON that some work gives, in its turn."""
        text = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        return Response(text, media_type="application/json")


def app(predictor: Predictor, ships: str | None) -> Starlette:
    """The service of a model.

    Parameters
    ----------
    ships : name of what ships, as `buysignal.cli.predict.asked.shipped_beside` gives it
    """
    desk, word = Desk(predictor), predictor.seen.verdict.word
    about = {"status": "ok", "model": predictor.model.card.name, "verdict": word, "needed": predictor.needed}

    async def health(_: Request) -> Response:
        return JSONResponse(about)

    async def predicted(request: Request) -> Response:
        with desk.place():
            return await desk.run(partial(predict, predictor, ships, await _body(request)))

    async def followed(_: Request) -> Response:
        with desk.place():
            try:
                return await desk.run(follow)
            except UserError as error:
                return _error(404, error)

    routes = [
        Route("/health", health, methods=["GET"]),
        Route("/predict", predicted, methods=["POST"]),
        Route("/follow", followed, methods=["GET"]),
    ]
    told = {HTTPException: _refused, UserError: _mistaken, Exception: _broken}
    service = Starlette(routes=routes, exception_handlers=told)
    service.router.redirect_slashes = False
    return service


async def _body(request: Request) -> bytes:
    """All of a body that is within bounds; one that says it is larger is not read at all."""
    if int(request.headers.get("content-length", 0)) > MOST_BYTES:
        _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(READING):
            async for part in request.stream():
                body += part
                if len(body) > MOST_BYTES:
                    _too_large()
    except TimeoutError:
        raise HTTPException(408, f"the body was not there within {READING:g} seconds") from None
    except ClientDisconnect:
        raise HTTPException(400, "the request ended before its body did") from None
    return bytes(body)


def _too_large() -> NoReturn:
    raise HTTPException(413, f"the body has more than {MOST_BYTES:,} bytes, which are the most that is read")


def _error(status: int, text: object, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": " ".join(str(text).split())}, status, headers)


async def _refused(_: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    own = {404: f"there is no such path: {ROUTES}", 405: f"this path takes {headers.get('Allow')}: {ROUTES}"}
    return _error(error.status_code, own.get(error.status_code, error.detail), headers)


async def _mistaken(_: Request, error: UserError) -> Response:
    return _error(400, error)


async def _broken(*_: object) -> Response:
    return _error(500, "this is a fault of the service, whose log has more")
