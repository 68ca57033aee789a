"""Serves the web UI: files with names made of their content for ever, and one page for every address of the UI."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from argosy.ui import DIST

PAGES = ("/project", "/create-project", "/create", "/runs", "/events", "/settings", "/login", "/user")
"""Where addresses of the UI begin, besides `/`. Those of Kargo's UI are among them, so links written for it work."""

_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Argosy</title>
<h1>The web UI is not built</h1>
<p>This server runs from a source checkout in which nobody has built the pages. Everything else works: the API, the
command line, kubectl.</p>
<p>To have them, install Node.js 20.19 or newer with npm, run <code>make ui</code> in the checkout, and start the server
again.</p>
"""


def is_page(path: str) -> bool:
    """Whether a path is of the UI. These files hold nothing secret, so that anybody may read them."""
    if path == "/" or path.startswith("/assets/"):
        return True
    return path in _PLAIN or any(path == page or path.startswith(f"{page}/") for page in PAGES)


_PLAIN = frozenset({"/favicon.svg", "/theme.js"})


@dataclass(frozen=True, slots=True)
class _File:
    """A file, and how it is cut short for those who can read that."""

    body: bytes
    short: Mapping[str, bytes]
    kind: str
    tag: str

    @classmethod
    def read(cls, path: Path) -> _File:
        body = path.read_bytes()
        kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        named = {name: path.with_name(path.name + suffix) for name, suffix in _ENCODINGS}
        short = {name: each.read_bytes() for name, each in named.items() if each.is_file()}
        return cls(body, short, kind, f'"{hashlib.sha256(body).hexdigest()[:24]}"')


class Web:
    """An ASGI application that answers what `is_page` is true of. Raises HTTPException (404, 405) for the rest.

    Whoever is let in and browses to what is not there gets a page that says so.

    Args:
        folder: what was built, read again when it was built anew; without an `index.html` every page tells how.
    """

    def __init__(self, folder: Path = DIST) -> None:
        self._folder = folder
        self._built: int | None = None
        self._files: dict[str, _File] = {}

    def _refresh(self) -> None:
        """Read the files, unless they are those that were read."""
        try:
            built = (self._folder / "index.html").stat().st_mtime_ns
        except FileNotFoundError:
            built = None
        if built == self._built:
            return
        every = (path for path in sorted(self._folder.rglob("*")) if path.is_file())
        found = (path for path in every if path.suffix not in (".br", ".gz"))
        files = {f"/{path.relative_to(self._folder).as_posix()}": _File.read(path) for path in found}
        # Pages that were open before still ask for the parts of what was built then.
        kept = {path: file for path, file in self._files.items() if path.startswith("/assets/")} if built else {}
        self._files, self._built = kept | files, built

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        is_known = is_page(path)
        if not is_known and not _is_browsed(scope):
            raise HTTPException(404)
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        if not path.startswith("/assets/"):
            self._refresh()
        response = self._answer(path, Headers(scope=scope))
        if not is_known and response.status_code == 200:
            response.status_code = 404  # and the page says so, with the way back
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    def _answer(self, path: str, headers: Headers) -> Response:
        file = self._files.get(path)
        if file is None:
            if path.startswith("/assets/") or path in _PLAIN:
                raise HTTPException(404)
            file = self._files.get("/index.html")
        if file is None:
            return Response(_NOT_BUILT, 404, {"Cache-Control": "no-store"}, "text/html; charset=utf-8")
        told = {
            "Cache-Control": _FOR_EVER if path.startswith("/assets/") else _ASK_AGAIN,
            "Content-Security-Policy": _POLICY,
            "ETag": file.tag,
            "Vary": "Accept-Encoding",
        }
        if file.tag in headers.get("if-none-match", ""):
            return Response(None, 304, told)
        body, encoding = _chosen(file, headers.get("accept-encoding", ""))
        if encoding:
            told["Content-Encoding"] = encoding
        return Response(body, 200, told, file.kind)


def _is_browsed(scope: Scope) -> bool:
    """Whether somebody looks at an address in a browser."""
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def _chosen(file: _File, accepted: str) -> tuple[bytes, str]:
    """The shortest form that the browser reads, and its name."""
    readable = {each.partition(";")[0].strip() for each in accepted.lower().split(",")}
    for name, body in file.short.items():
        if name in readable:
            return body, name
    return file.body, ""
