"""Ports for programs that are told theirs before they listen, while other tests take ports beside them."""

from __future__ import annotations

import random
import socket

_RANGE = range(10_000, 32_000)
"""Below what Linux gives to whoever asks for any port (`ip_local_port_range`): only other calls can interfere."""

_given: set[int] = set()


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on, and that no call in this process has returned."""
    dice = random.SystemRandom()
    while True:
        port = dice.choice(_RANGE)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
