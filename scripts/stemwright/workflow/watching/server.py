"""A page that plays what was built last, served to this machine alone.

Nothing is served but the page, its sound and its state: there are no paths to files. Requests that name another host
are refused, so that no site can reach it by a name that leads here (DNS rebinding).
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stemwright.pages.render import render

HOST = "127.0.0.1"
_ALIVE_S = 15.0
"""After so long without news, a comment is sent, so that a page that is gone is noticed."""

_POLL_S = 0.05
"""How soon it ends that is to serve no more."""

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class State:
    """What the page shows.

    Attributes
    ----------
    state : str
        `building`, `done` or `failed`.
    version : int
        Counts the sounds that were built; 0 before the first.
    text : str
        What Snakemake said of a build that failed.
    seconds : float
        How long the last build took.
    """

    state: str = "building"
    version: int = 0
    text: str = ""
    seconds: float = 0.0


class Page(ThreadingHTTPServer):
    """The server of one page, for use in a `with` statement.

    Parameters
    ----------
    target : str
        The file that it plays, as it is named on the page.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, target: str):
        super().__init__((HOST, 0), _Handler)
        self.html = render("watch.html", {"target": target}).encode()
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}
        self.url = f"http://{HOST}:{self.server_port}/"
        self.sound = b""
        self.state = State()
        self.news = threading.Condition()
        threading.Thread(target=self.serve_forever, args=(_POLL_S,), daemon=True).start()

    def server_close(self) -> None:
        """Serve no more."""
        self.shutdown()
        super().server_close()

    def tell(self, state: State, sound: bytes | None = None) -> None:
        """Tell all pages that are open; with the bytes of a new sound, if there is one."""
        with self.news:
            self.state = state
            self.sound = self.sound if sound is None else sound
            self.news.notify_all()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection. If the browser has ended it, that is an error here, and no signal that ends us."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
        super().process_request_thread(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that ends a connection is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Page

    def do_GET(self) -> None:
        """Answer a request."""
        if self.headers.get("Host") not in self.server.hosts:
            self._send(HTTPStatus.FORBIDDEN, "text/plain", b"this page is for this machine alone\n")
        elif self.path == "/":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.html)
        elif self.path.partition("?")[0] == "/sound" and self.server.sound:
            self._send(HTTPStatus.OK, "audio/wav", self.server.sound)
        elif self.path == "/events":
            self._stream()
        else:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"there is nothing here\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: the terminal tells of builds."""

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self._head(status, {"Content-Type": kind, "Content-Length": str(len(content))})
        self.wfile.write(content)

    def _head(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _stream(self) -> None:
        """Send each state as it comes, as server-sent events."""
        self._head(HTTPStatus.OK, {"Content-Type": "text/event-stream", "Connection": "close"})
        self.close_connection = True
        page, told = self.server, None
        while True:
            with page.news:
                page.news.wait_for(lambda: page.state != told, _ALIVE_S)  # noqa: B023 (used at once)
                state = page.state
            line = ":\n\n" if state == told else f"data: {json.dumps(asdict(state))}\n\n"
            told = state
            self.wfile.write(line.encode())
            self.wfile.flush()
