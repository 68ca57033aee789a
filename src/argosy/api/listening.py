"""Where the API listens: the socket, the names that clients may use for it, and how its address is written."""

from __future__ import annotations

import socket

from argosy.errors import Invalid, Unavailable


def listen(address: str) -> socket.socket:
    """A listening socket for `host:port`. Raises Invalid for what is no address, Unavailable for one in use."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        raise Invalid(f"{address!r} is not an address to listen on", advice="Write host:port, such as 127.0.0.1:7443.")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family, backlog=1024)
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
