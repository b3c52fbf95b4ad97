"""The server of a watched file's page: what it serves, to whom, and how it tells of news."""

import json
import signal
import socket
import time
import urllib.error
import urllib.request
from http.client import HTTPConnection

import pytest

from stemwright.workflow.watching.server import Page, State

HOSTILE = 'build/x/preview/<img src=x onerror="alert(1)">.wav'


@pytest.fixture
def page():
    with Page(HOSTILE) as page:
        yield page


def answer(page, path, host=None):
    connection = HTTPConnection("127.0.0.1", page.server_port, timeout=10)
    connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{page.server_port}"})
    reply = connection.getresponse()
    return reply.status, reply.read(), dict(reply.getheaders())


def events(page):
    """What a page is told, as it comes."""
    with urllib.request.urlopen(f"{page.url}events", timeout=10) as stream:
        for line in stream:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))


def test_the_page_its_sound_and_nothing_else(page):
    status, html, headers = answer(page, "/")
    assert status == 200 and b"<img" not in html and b"&lt;img src=x" in html
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin" and headers["X-Frame-Options"] == "DENY"
    assert answer(page, "/sound?v=1")[0] == 404  # before the first
    page.tell(State("done", 1), b"RIFF")
    assert answer(page, "/sound?v=1")[:2] == (200, b"RIFF")
    assert answer(page, "/", f"localhost:{page.server_port}")[0] == 200
    for path in ("/build/", "/../pyproject.toml", "//etc/passwd", "/sound/..", "/songs"):
        assert answer(page, path)[0] == 404, path


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])
def test_another_host_is_refused(page, host):
    page.tell(State("done", 1), b"RIFF")
    for path in ("/", "/sound?v=1", "/events"):
        status, body, _ = answer(page, path, host)
        assert status == 403 and b"RIFF" not in body and b"build/x" not in body


def test_it_is_for_this_machine_alone(page):
    assert page.server_address[0] == "127.0.0.1"


def test_news(page):
    told = events(page)
    assert next(told)["state"] == "building"
    page.tell(State("failed", 0, "songs/x.yaml:3: <b>\nno", 1.25))
    assert next(told) == {"state": "failed", "version": 0, "text": "songs/x.yaml:3: <b>\nno", "seconds": 1.25}
    page.tell(State("done", 1), b"RIFF")
    assert next(told)["version"] == 1
    assert next(events(page))["state"] == "done"  # a page that is opened later


def test_a_page_that_is_closed_ends_nothing(page):
    """A program that ends in silence at a broken pipe, as ours do, would end with the first page that is closed."""
    signals = []
    before = signal.signal(signal.SIGPIPE, lambda *_: signals.append("SIGPIPE"))
    try:
        with socket.create_connection(("127.0.0.1", page.server_port), timeout=10) as browser:
            browser.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{page.server_port}\r\n\r\n".encode())
            with browser.makefile("rb") as lines:
                while not lines.readline().startswith(
                    b"data: "
                ):  # all that was sent is read: it ends in order
                    pass
        for version in range(5):
            page.tell(State("done", version + 1), b"RIFF")
            time.sleep(0.02)
    finally:
        signal.signal(signal.SIGPIPE, before)
    assert not signals and answer(page, "/sound")[0] == 200
