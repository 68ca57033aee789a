"""Signing in over HTTP: how it can be done here, the admin's password, and who is signed in."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from argosy.api import answer
from argosy.api.answer import Refused
from argosy.api.session import SCOPE, Session
from argosy.api.v1beta1.error import ErrorAnswer
from argosy.api.v1beta1.given import Here
from argosy.store.principal import principal

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1beta1")

_BEARER = b"Bearer "
_TOO_OFTEN: dict[int | str, dict[str, Any]] = {
    429: {"model": ErrorAnswer, "description": "Passwords were tried too often."}
}
_SHOWN = ("sub", "name", "preferred_username", "email", "groups")
"""The claims that are told to those of whom they are."""


class AdminLoginResponse(BaseModel):
    """The admin is logged in."""

    idToken: str = Field(description="The bearer token for further requests.")  # noqa: N815


class OIDCConfig(BaseModel):
    """The OpenID Connect provider to sign in with."""

    issuerUrl: str = Field(description="URL of the issuer.")  # noqa: N815
    clientId: str = Field(description="What it knows the web UI as.")  # noqa: N815
    cliClientId: str = Field("", description="What it knows the command line as, where it differs.")  # noqa: N815
    scopes: list[str] = Field([], description="What to ask for.")


class PublicConfig(BaseModel):
    """How people can sign in."""

    adminAccountEnabled: bool = Field(description="Whether there is a built-in admin.")  # noqa: N815
    oidcConfig: OIDCConfig | None = Field(None, description="The provider, if there is one.")  # noqa: N815
    skipAuth: bool = Field(description="Whether everybody may do everything: never.")  # noqa: N815


class WhoAmIResponse(BaseModel):
    """Who asks."""

    actor: str = Field(description="What changes are recorded under, such as `email:jane@example.com`.")
    username: str = Field("", description="Its part after the colon.")
    email: str = Field("", description="The address that the provider tells.")
    groups: list[str] = Field([], description="The groups that the provider, or the cluster, tells.")
    mayAll: bool = Field(description="Whether everything is allowed.")  # noqa: N815
    accounts: list[str] = Field([], description="ServiceAccounts whose rights apply, as `namespace/name`.")
    claims: dict[str, Any] = Field({}, description="What the provider tells, in part.")
    csrfToken: str = Field("", description="What pages send along with changes.")  # noqa: N815


@router.get(
    "/system/public-server-config",
    response_model=PublicConfig,
    tags=["System", "Config"],
    openapi_extra={"security": []},
)
async def get_public_config(here: Here) -> Response:
    """Get how people can sign in.

    Anybody may ask.
    """
    sign_in = here.backend.sign_in
    told: dict[str, Any] = {"adminAccountEnabled": sign_in.admin is not None, "skipAuth": False}
    if sign_in.oidc is not None:
        oidc = sign_in.oidc
        config = {"issuerUrl": oidc.provider.issuer, "clientId": oidc.client.id, "scopes": list(oidc.scopes)}
        told["oidcConfig"] = config | ({"cliClientId": oidc.cli_client_id} if oidc.cli_client_id else {})
    return answer.json(told)


@router.post("/login", response_model=AdminLoginResponse, tags=["System"], responses=_TOO_OFTEN)
async def admin_login(here: Here, request: Request) -> Response:
    """Log the built-in admin in.

    The password is sent as a bearer token is: `Authorization: Bearer PASSWORD`. It may be tried a few times a minute.
    """
    admin, attempts = here.backend.sign_in.admin, here.backend.sign_in.attempts
    if admin is None or attempts is None:
        raise Refused(403, "admin user is not enabled", advice="Set admin_password_hash_file, or sign in otherwise.")
    password = _password(request)
    address = request.client.host if request.client else ""
    attempts.take(address)
    try:
        token = await admin.login(password)
    except Refused:
        log.warning("somebody at %s tried a wrong password of the admin", address)
        raise
    attempts.give_back(address)
    log.info("the admin has logged in from %s", address)
    return answer.json({"idToken": token})


def _password(request: Request) -> bytes:
    """Raises Refused (400) when there is none."""
    given = next((value for name, value in request.scope["headers"] if name == b"authorization"), b"")
    if not given:
        raise Refused(400, "Authorization header is required", advice="Send the password as a bearer token.")
    if not given.startswith(_BEARER) or len(given) == len(_BEARER):
        raise Refused(400, "Authorization header must be in format 'Bearer <password>'")
    return bytes(given.removeprefix(_BEARER))


@router.get("/system/whoami", response_model=WhoAmIResponse, tags=["System"], operation_id="WhoAmI")
async def who_am_i(here: Here, request: Request) -> Response:
    """Get who you are to this server."""
    who = principal.get()
    if who is None:
        raise Refused(401, "nobody is signed in")
    session: Session | None = request.scope.get(SCOPE)
    told = WhoAmIResponse(
        actor=who.actor,
        username=who.actor.partition(":")[2] or who.actor,
        email=_text(who.claims.get("email")),
        groups=sorted({*who.groups, *_texts(who.claims.get("groups"))}),
        mayAll=who.may_all,
        accounts=sorted(f"{namespace}/{name}" for namespace, name in who.accounts),
        claims={name: who.claims[name] for name in _SHOWN if name in who.claims},
        csrfToken=session.csrf if session else "",
    )
    return answer.json(told.model_dump())


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
