"""The page on which people read the OpenAPI document and try operations: Swagger UI, from this server alone.

Its files come with a package that ships those of `swagger-ui-dist` unchanged; nothing is loaded from elsewhere.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from argosy.api.discovery import tagged

ROOT = "/docs/api"
_SHIPPED = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_START = """\
// Changes that a session signs carry its token, as the web UI's do; a bearer token can be entered with "Authorize".
const session = fetch("/v1beta1/system/whoami", { credentials: "same-origin" })
  .then((answer) => (answer.ok ? answer.json() : {}))
  .catch(() => ({}));

async function signed(request) {
  const { csrfToken } = await session;
  if (csrfToken && !["GET", "HEAD"].includes((request.method || "GET").toUpperCase())) {
    request.headers["X-Argosy-CSRF"] = csrfToken;
  }
  return request;
}

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  displayOperationId: true,
  filter: true,
  requestInterceptor: signed,
  syntaxHighlight: { activated: false },
  tryItOutEnabled: false,
  validatorUrl: null,
});
"""
_PAGE = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Argosy: HTTP API</title>
<link rel="stylesheet" href="{ROOT}/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="{ROOT}/swagger-ui-bundle.js"></script>
<script src="{ROOT}/start.js"></script>
</body>
</html>
"""
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Swagger UI writes style attributes
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_ASK_AGAIN = {"Cache-Control": "no-cache"}


async def _page(request: Request) -> Response:
    headers = {**_ASK_AGAIN, "Content-Security-Policy": _POLICY}
    return Response(_PAGE, headers=headers, media_type="text/html")


async def _start(request: Request) -> Response:
    return Response(_START, headers=_ASK_AGAIN, media_type="text/javascript")


async def _shipped(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    is_short = "gzip" in request.headers.get("accept-encoding", "")
    answer = tagged(request, _read(name, is_short), f"{_SHIPPED[name]}; charset=utf-8")
    answer.headers.update({**_ASK_AGAIN, "Vary": "Accept-Encoding"})
    if is_short:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@cache
def _read(name: str, is_short: bool) -> bytes:
    body = files("fastapi_swagger").joinpath("resources", name).read_bytes()
    return gzip.compress(body, mtime=0) if is_short else body


routes = [
    Route(ROOT, _page),
    Route(f"{ROOT}/start.js", _start),
    *(Route(f"{ROOT}/{name}", _shipped) for name in _SHIPPED),
]

PATHS = frozenset(route.path for route in routes)
"""Where its files are: anybody may read them, as they are the same everywhere."""
