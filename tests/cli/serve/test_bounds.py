"""What is no request of bars is refused in one line of JSON, and nobody fills memory or keeps others out."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import time
from contextlib import ExitStack, closing

import pytest

from buysignal.cli.predict import Predictor
from buysignal.cli.serve import answers, app

GOOD = {"date": "2018-12-31", "open": 1.0, "high": 1.1, "low": 0.9, "close": 1.0, "volume": 5}
MISTAKES = {
    b"": "the body is not valid JSON: Expecting value: line 1 column 1 (char 0)",
    b"\xff": "the body is not valid JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
    b"[" * 100_000: "the body is not valid JSON: ",
    b"[" + b"9" * 5000 + b"]": 'the body must be an object with the key "bars", a list of daily bars',
    b'{"bars": [{"close": NaN}]}': "the body is not valid JSON: NaN is not a JSON number",
    b'{"bars": [{"close": -Infinity}]}': "the body is not valid JSON: -Infinity is not a JSON number",
    b'{"bars": [], "bars": []}': "the body is not valid JSON: a key stands twice in one object",
    b"{}": 'the body must be an object with the key "bars", a list of daily bars',
    b'{"bars": {}}': 'bars must be a list of objects such as {"date": "2018-12-31", "open": 2498.94, ...}',
    b'{"bars": [7]}': "bars row 1 must be an object, not 7.0",
    b'{"bars": [{}]}': "bars row 1 must have a date",
    b'{"bars": [{"date": "2018-12-31", "oepn": 1}]}': "bars row 1 has the unknown key 'oepn': it may have date, open, "
    "high, low, close, volume, adj_close",
    b'{"bars": [], "day": 2}': "the body has the unknown key 'day': it may have bars, days",
    b'{"bars": [], "": 2}': "the body has the unknown key '': it may have bars, days",
}


@pytest.mark.parametrize("body", MISTAKES, ids=lambda body: body[:30].decode(errors="replace"))
def test_a_body_that_is_none_is_refused_with_what_is_wrong(service, body):
    status, answer = service.ask("/predict", body)
    assert status == 400 and list(answer) == ["error"] and answer["error"].startswith(MISTAKES[body])


CELLS = [
    ({"close": None}, "bars row 2: close must be a number, not None"),
    ({"close": True}, "bars row 2: close must be a number, not True"),
    ({"volume": "5"}, "bars row 2: volume must be a number, not '5'"),
    ({"date": "31.12.2018"}, "bars row 2: date must be a day such as 2018-12-31, not '31.12.2018'"),
    ({"date": "20181231"}, "bars row 2: date must be a day such as 2018-12-31, not '20181231'"),
    ({"date": 20181231}, "bars row 2: date must be a day such as 2018-12-31, not 20181231.0"),
    ({"adj_close": 1.0}, "bars row 2 must have the keys of row 1: date, open, high, low, close, volume"),
    ({"splits": 1.0}, "bars row 2 has the unknown key 'splits': it may have date, open, high, low, close, volume"),
]


@pytest.mark.parametrize(("cell", "says"), CELLS)
def test_a_cell_that_is_no_number_or_no_day_is_named_with_its_row(service, cell, says):
    status, answer = service.ask("/predict", {"bars": [GOOD, GOOD | cell]})
    assert status == 400 and answer["error"].startswith(says)


def test_a_column_that_is_missing_and_a_number_that_is_no_price_are_for_the_rules_of_bars(service, rows):
    status, answer = service.ask("/predict", {"bars": [{"date": row["date"], "open": 1.0} for row in rows]})
    assert status == 400 and answer["error"].startswith("bars ") and "close" in answer["error"].lower()
    huge = json.dumps({"bars": [*rows[:-1], rows[-1] | {"close": 7}]}).replace('"close": 7,', '"close": 1e999,')
    status, answer = service.ask("/predict", huge.encode())
    assert status == 400 and rows[-1]["date"] in answer["error"]


@pytest.mark.parametrize("days", [0, -1, 1.5, 251, True, "1", None, 1e300])
def test_days_are_a_whole_number_within_bounds(service, rows, days):
    status, answer = service.ask("/predict", {"bars": rows, "days": days})
    assert status == 400 and answer["error"].startswith("days must be a whole number from 1 to 250, not ")


def test_more_bars_than_the_bound_are_refused(service):
    status, answer = service.ask("/predict", {"bars": [{}] * (answers.MOST_BARS + 1)})
    assert (status, answer) == (400, {"error": "bars has 20,001 rows: 20,000 are the most that is read"})


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/", None, 404, "there is no such path: GET /health, POST /predict, GET /follow"),
        ("/predict/", {}, 404, "there is no such path"),
        ("/predict", None, 405, "this path takes POST"),
        ("/health", {}, 405, "this path takes "),
    ],
)
def test_other_paths_and_methods_are_told_what_there_is(service, path, body, status, says):
    found, answer = service.ask(path, body)
    assert found == status and list(answer) == ["error"] and answer["error"].startswith(says)


def sent(service, headers, *parts):
    """Status and error of a request of which only some parts of the body are sent."""
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)) as client:
        client.putrequest("POST", "/predict")
        for name, value in headers.items():
            client.putheader(name, value)
        client.endheaders()
        for part in parts:
            client.send(part)
        answer = client.getresponse()
        return answer.status, json.load(answer)["error"]


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(service):
    says = "the body has more than 8,000,000 bytes, which are the most that is read"
    assert sent(service, {"Content-Length": str(app.MOST_BYTES + 1)}) == (413, says)


def test_a_body_that_does_not_say_its_size_is_refused_while_it_is_read(service):
    chunk = b"%x\r\n%s\r\n" % (1_000_000, b" " * 1_000_000)
    last = b"1\r\n \r\n"  # and no end: the answer comes before it
    status, says = sent(service, {"Transfer-Encoding": "chunked"}, *[chunk] * 8, last)
    assert status == 413 and says.startswith("the body has more than 8,000,000 bytes")


def test_who_comes_when_all_places_are_taken_is_sent_away_and_health_is_still_told(service):
    begun = b"POST /predict HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(app.WAITING + 1):
            stack.enter_context(socket.create_connection(("127.0.0.1", service.port))).sendall(begun)
        full = until(lambda: service.ask("/predict", {}), 503)
        assert full == (503, {"error": "8 requests wait already: ask again"})
        assert service.ask("/follow")[0] == 503 and service.ask("/health")[0] == 200
    assert until(lambda: service.ask("/predict", {}), 400)[0] == 400


def until(ask, status):
    """The first answer with a status, or the last after some seconds: what was sent comes when it comes."""
    for _ in range(50):
        answer = ask()
        if answer[0] == status:
            break
        time.sleep(0.1)
    return answer


def asked(service, receive):
    """Status and error of a request to a service in this process, handed on as a server of ASGI does."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": [], "query_string": b""}
    try:
        asyncio.run(service(scope, receive, send))
    except ZeroDivisionError:  # what no one foresaw is raised again for the log, after the answer
        assert len(sent) == 2
    return sent[0]["status"], json.loads(sent[1]["body"])


@pytest.fixture(scope="module")
def here(project):
    """A service in this process."""
    return app.app(Predictor.load(project / "data/models/shipped"), None)


def test_who_sends_slowly_loses_the_place(here, monkeypatch):
    async def never():
        await asyncio.sleep(60)

    monkeypatch.setattr(app, "READING", 0.05)
    assert asked(here, never) == (408, {"error": "the body was not there within 0.05 seconds"})


def test_a_fault_is_one_line_and_no_traceback(here):
    async def broken():
        return 1 / 0

    assert asked(here, broken) == (500, {"error": "this is a fault of the service, whose log has more"})
