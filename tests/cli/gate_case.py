"""A server whose answers wait until a test opens a gate: a step that calls it is under way for as long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Gate:
    """A server whose answers wait until the gate is open."""

    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    open: threading.Event = field(default_factory=threading.Event)
    count: int = 0
    url: str = ""


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.count += 1
            made.asked.release()
            made.open.wait()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    made.open.set()
    server.shutdown()
    server.server_close()
    thread.join()
