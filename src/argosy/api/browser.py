"""Signs browsers in and out: by the OpenID Connect provider, or by a bearer token that they have.

The authorization code flow with PKCE (RFC 7636), a state and a nonce, which a cookie of this browser alone keeps
meanwhile: whoever brings a code must be who asked for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import logging
import secrets
from dataclasses import asdict, dataclass
from urllib.parse import urlencode, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.authentication.admin import issuer_of
from argosy.api.authentication.base import unauthorized
from argosy.api.authentication.bearer import Authentication
from argosy.api.authentication.sign_in import Oidc, SignIn
from argosy.api.cookie import LOGIN, drop_cookie, read_cookie, set_cookie
from argosy.api.cross_site import check_csrf, check_origin
from argosy.api.session import Session, Sessions
from argosy.errors import ArgosyError, Denied

log = logging.getLogger(__name__)

LOGIN_SECONDS = 600
_NEXT = "/"
_LONGEST_NEXT = 2000
_LONGEST_COOKIE = 4000


@dataclass(frozen=True, slots=True)
class Login:
    """A login that was begun.

    Attributes:
        state: comes back with the code.
        nonce: comes back in the ID token.
        verifier: is shown for the code; what was sent before is its digest.
        next: where to go then.
    """

    state: str
    nonce: str
    verifier: str
    next: str

    @classmethod
    def begin(cls, next_: str) -> Login:
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(32), next_)

    @property
    def cookie(self) -> str:
        """The name of its cookie."""
        return f"{LOGIN}{self.state[:8]}"

    @property
    def challenge(self) -> str:
        """What is sent before the verifier is (S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    def written(self) -> str:
        return base64.urlsafe_b64encode(orjson.dumps(asdict(self))).decode()

    @classmethod
    def read(cls, text: str) -> Login | None:
        """What `written` wrote; None for anything else."""
        try:
            found = orjson.loads(base64.b64decode(text[:_LONGEST_COOKIE], altchars=b"-_", validate=True))
            login = cls(**found)
        except (ValueError, TypeError):
            return None
        return login if all(isinstance(value, str) for value in asdict(login).values()) else None


class Browser:
    """The endpoints. Without a provider, or without sessions, they say so."""

    def __init__(self, sign_in: SignIn, authentication: Authentication) -> None:
        self._sign_in = sign_in
        self._authentication = authentication

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/auth/login", self._login),
            Route("/auth/callback", self._callback),
            Route("/auth/session", self._session, methods=["POST"]),
            Route("/auth/logout", self._logout, methods=["POST"]),
        ]

    async def _login(self, request: Request) -> Response:
        """Send the browser to the provider."""
        oidc, login = self._oidc(), Login.begin(safe_next(request.query_params.get("next", _NEXT)))
        try:
            endpoints = await oidc.provider.endpoints()
        except ArgosyError as error:
            return _page(502, "The identity provider cannot be reached", error)
        scopes = [*oidc.scopes, *({"offline_access"} & endpoints.scopes - set(oidc.scopes))]
        asked = {
            "response_type": "code",
            "client_id": oidc.client.id,
            "redirect_uri": self._redirect(request),
            "scope": " ".join(scopes),
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": login.challenge,
            "code_challenge_method": "S256",
        }
        glue = "&" if urlsplit(endpoints.authorization).query else "?"
        response = RedirectResponse(f"{endpoints.authorization}{glue}{urlencode(asked)}", 303)
        set_cookie(response, login.written(), LOGIN_SECONDS, login.cookie)
        return response

    async def _callback(self, request: Request) -> Response:
        """The provider sends the browser back, with a code or what went wrong."""
        oidc, sessions, given = self._oidc(), self._sessions(), request.query_params
        state = given.get("state", "")
        login = Login.read(read_cookie(request, f"{LOGIN}{state[:8]}")) if state else None
        if login is None or not hmac.compare_digest(login.state.encode(), state.encode("utf-8", "replace")):
            told = Refused(400, "this login was not begun in this browser, or too long ago", advice="Begin anew.")
            return _page(400, "Signing in did not work", told)
        try:
            if given.get("iss", oidc.provider.issuer) != oidc.provider.issuer:  # RFC 9207
                raise Denied("the answer came from another identity provider")
            session = await self._exchanged(oidc, sessions, login, request)
        except ArgosyError as error:
            log.info("somebody could not sign in: %s", error.message)
            code = 403 if isinstance(error, Denied) else 502
            response = _page(code, "Signing in did not work", error)
        else:
            response = RedirectResponse(safe_next(login.next), 303)
            set_cookie(response, session.id, sessions.ttl)
        drop_cookie(response, login.cookie)
        return response

    async def _exchanged(self, oidc: Oidc, sessions: Sessions, login: Login, request: Request) -> Session:
        """The session for a code. Raises Denied for a code or a token that is not good."""
        given = request.query_params
        if "code" not in given:
            told = given.get("error_description") or given.get("error") or "it gave no code"
            raise Denied(f"the identity provider refused: {told[:200]}")
        tokens = await oidc.provider.exchange(given["code"], login.verifier, self._redirect(request), oidc.client)
        claims = await oidc.provider.verified(tokens.id_token, (oidc.client.id,))
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), login.nonce.encode()):
            raise Denied("the ID token is of another login")
        who = await self._authentication.principal(tokens.id_token)
        log.info("%r has signed in", who.actor)
        return await self._begun(sessions, request, tokens.id_token, tokens.refresh_token)

    async def _begun(self, sessions: Sessions, request: Request, token: str, refresh_token: str = "") -> Session:
        """A new session, in the place of one that this browser may have."""
        session, before = await sessions.begin(token, refresh_token), read_cookie(request)
        if before:
            await sessions.end(before)
        return session

    async def _session(self, request: Request) -> Response:
        """Sign the browser in with a bearer token, such as the built-in admin's or an API token."""
        sessions = self._sessions()
        check_origin(request.headers, self._sign_in.address)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise unauthorized("no token provided", "Send a bearer token.")
        await self._authentication.principal(token.strip())
        session = await self._begun(sessions, request, token.strip())
        response = answer.json({"csrfToken": session.csrf}, 201)
        set_cookie(response, session.id, sessions.ttl)
        return response

    async def _logout(self, request: Request) -> Response:
        """End the session, and tell where the browser can end that of the provider as well."""
        sessions, cookie = self._sessions(), read_cookie(request)
        check_origin(request.headers, self._sign_in.address)
        session, address = None, ""
        if cookie:
            check_csrf(request.headers, Session(cookie, "").csrf)
            session = await sessions.end(cookie)
        if session is not None:
            address = await self._end_session(session, request)
        response = answer.json({"redirect": address})
        drop_cookie(response)
        return response

    async def _end_session(self, session: Session, request: Request) -> str:
        """Where a provider ends its own session (OpenID Connect RP-Initiated Logout); empty where there is no such."""
        oidc = self._sign_in.oidc
        if oidc is None or issuer_of(session.token) != oidc.provider.issuer:
            return ""
        try:
            place = (await oidc.provider.endpoints()).end_session
        except ArgosyError:
            return ""
        if not place:
            return ""
        asked = {
            "id_token_hint": session.token,
            "client_id": oidc.client.id,
            "post_logout_redirect_uri": f"{self._origin(request)}/login",
        }
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"

    def _redirect(self, request: Request) -> str:
        return f"{self._origin(request)}/auth/callback"

    def _origin(self, request: Request) -> str:
        """How browsers reach us. What a request says itself is good enough: the provider knows where it may lead to."""
        return self._sign_in.address.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"

    def _oidc(self) -> Oidc:
        if self._sign_in.oidc is None:
            raise Refused(404, "no identity provider is set up here", advice="Set oidc_issuer and oidc_client_id.")
        return self._sign_in.oidc

    def _sessions(self) -> Sessions:
        if self._sign_in.sessions is None:
            raise Refused(404, "nobody can sign in by a browser here", advice="Send a bearer token.")
        return self._sign_in.sessions


def safe_next(path: str) -> str:
    """Where to go after signing in: a path of ours, nothing that a browser could take for an address elsewhere."""
    good = path.startswith("/") and not path.startswith("//") and len(path) <= _LONGEST_NEXT
    if not good or "\\" in path or any(ord(letter) < 0x21 or ord(letter) == 0x7F for letter in path):
        return _NEXT
    return path


def _page(code: int, title: str, error: ArgosyError) -> Response:
    """Tells a person what went wrong, without scripts, and with whatever others wrote as text."""
    text = str(error)
    told = html.escape(text[:1].upper() + text[1:])
    return HTMLResponse(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Argosy</title><style>{_STYLE}</style>"
        f"<main><h1>{html.escape(title)}</h1><p>{told}</p><p><a href='/login'>Back to signing in</a></p></main></html>",
        code,
        {"Content-Security-Policy": _POLICY},
    )


_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;"
    "min-height:90vh;margin:0 1.5rem}main{max-width:34rem}h1{font-size:1.35rem}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
