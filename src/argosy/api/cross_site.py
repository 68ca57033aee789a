"""Tells what a page of ours asks from what another site makes a browser ask.

Requests that carry a cookie and change something must show the token of their session, and come from our own origin as
far as the browser says where they come from (`Sec-Fetch-Site`, else `Origin`).
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from argosy.api.answer import Refused

CSRF_HEADER = "X-Argosy-CSRF"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def check_origin(headers: Headers, address: str = "") -> None:
    """Raises Refused (403) for what another site makes a browser send.

    Args:
        address: URL of the web UI as browsers see it, where a proxy changes the host.
    """
    site, origin = headers.get("sec-fetch-site", "same-origin"), headers.get("origin")
    own = {headers.get("host", "").lower(), urlsplit(address).netloc.lower()} - {""}
    if site != "same-origin" or (origin is not None and _host(origin) not in own):
        raise Refused(403, "a request of another site was refused", advice="Use the pages of this server.")


def _host(origin: str) -> str:
    """With the port; empty for what is no origin."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def check_csrf(headers: Headers, expected: str) -> None:
    """Raises Refused (403) unless the request shows the token of its session."""
    given = headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise Refused(
            403,
            f"the header {CSRF_HEADER} does not fit the session",
            advice="Take `csrfToken` from /v1beta1/system/whoami, or send a bearer token and no cookie.",
        )
