"""A server as users start it, in a process of its own, so that what is measured is what they wait for."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

from argosy.settings import Settings
from bench.machine import resident


@dataclass(frozen=True, slots=True)
class Served:
    """A running server.

    Attributes:
        url: of its API.
        token: that lets everything be done.
        authority: file with the certificate to trust, as PEM.
        pid: of its process.
    """

    url: str
    token: str
    authority: Path
    pid: int

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def client(self) -> httpx2.AsyncClient:
        """A client that keeps one connection, so that it waits for answers and not for handshakes."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        return httpx2.AsyncClient(base_url=self.url, headers=self.headers, verify=trust, timeout=120)

    def memory(self) -> int:
        """Bytes that the process has to itself."""
        return resident(self.pid)


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[Served]:
    """Run `argosy up` on the data of some settings until the block ends."""
    environment = {
        **os.environ,
        "ARGOSY_KEY_FILE": str(settings.key_file),
        "ARGOSY_CONFIG": str(settings.data / "config.yaml"),
    }
    program = str(Path(sys.executable).parent / "argosy")
    command = [program, "up", "--data", str(settings.data), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline().decode()
            url = next((word for word in ready.split() if word.startswith("https://")), "")
            if not url:
                raise AssertionError(f"the server did not start; it said {ready!r}")
            token = (settings.data / "token").read_text(encoding="ascii").strip()
            yield Served(url, token, settings.data / "tls" / "ca.crt", process.pid)
        finally:
            process.terminate()
