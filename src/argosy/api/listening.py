"""Where the API listens: the socket, the names that clients may use for it, and how its address is written."""

from __future__ import annotations

import resource
import socket
import weakref
from typing import Any

from argosy.errors import Invalid, Unavailable

FILES = 1 << 16
"""Files that the process may have open, as far as the system lets it; many systems begin with 1024."""

CONNECTIONS = 2048


class Listener(socket.socket):
    """Takes over a listening socket, and hangs up on whoever comes while `most` of its connections are open.

    Whoever connects and says nothing could use up the files that the process may open otherwise, and then neither its
    cluster nor its repositories could be reached.
    """

    def __init__(self, listening: socket.socket, most: int) -> None:
        super().__init__(listening.family, listening.type, listening.proto, fileno=listening.detach())
        self._most = most
        self._open = weakref.WeakSet[socket.socket]()

    def accept(self) -> tuple[socket.socket, Any]:
        """Raises ConnectionAbortedError, which event loops pass over, when there is no room."""
        connection, address = super().accept()
        if sum(each.fileno() != -1 for each in self._open) >= self._most:
            connection.close()
            raise ConnectionAbortedError("too many connections are open")
        self._open.add(connection)
        return connection, address


def room() -> int:
    """How many connections one listener may have: a quarter of the files, which are made as many as may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return min(CONNECTIONS, wanted // 4)


def listen(address: str) -> socket.socket:
    """A bounded listening socket for `host:port`. Raises Invalid for what is no address, Unavailable for one in use."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        raise Invalid(f"{address!r} is not an address to listen on", advice="Write host:port, such as 127.0.0.1:7443.")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return Listener(socket.create_server((host, int(port)), family=family, backlog=1024), room())
    except (OSError, OverflowError) as error:
        told = getattr(error, "strerror", None) or str(error)
        advice = "Another server may be running there; choose another with --listen, port 0 takes a free one."
        raise Unavailable(f"cannot listen on {address}: {told}", advice=advice) from error


def names(host: str) -> set[str]:
    """The names under which a client may reach the server."""
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname()}
    return names if host in ("0.0.0.0", "::") else names | {host}  # noqa: S104 - compared, not listened on


def printed(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not listened on
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
