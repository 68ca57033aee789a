"""Headers that HTTP does not allow: a token with a line break in it, most of the time."""

from __future__ import annotations

import httpx2


def is_illegal(error: httpx2.TransportError) -> bool:
    """Whether a request was not sent for a header's sake. The error's text then shows it, and it may be a secret."""
    return isinstance(error, httpx2.LocalProtocolError) and str(error).startswith("Illegal header")
