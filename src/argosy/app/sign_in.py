"""Who can come in, as the settings say: the kinds of bearer tokens, the admin, the provider, sessions of browsers."""

from __future__ import annotations

import contextlib
import secrets
import ssl
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx2

from argosy.api.authentication.admin import Admin
from argosy.api.authentication.api_token import ApiTokens
from argosy.api.authentication.attempts import Attempts
from argosy.api.authentication.base import Way
from argosy.api.authentication.id_token import IdTokens
from argosy.api.authentication.kubernetes_token import KubernetesTokens
from argosy.api.authentication.sign_in import SCOPES, Oidc, SignIn
from argosy.api.private_file import write_private
from argosy.api.session import Renew, Sessions
from argosy.clients.http import Http
from argosy.clients.kubeconfig import find_access
from argosy.clients.kubernetes_login import connect
from argosy.clients.oidc import Client, Provider
from argosy.clients.token_review import review
from argosy.clock import Clock
from argosy.errors import Invalid, Unavailable
from argosy.meter import UNMETERED, Meter
from argosy.settings import Settings
from argosy.store.base import Store
from argosy.store.kubernetes import KUBERNETES
from argosy.store.rights import Rights

_KEY_BYTES = 32


@contextlib.asynccontextmanager
async def open_sign_in(
    settings: Settings, store: Store, rights: Rights, clock: Clock, meter: Meter = UNMETERED
) -> AsyncIterator[SignIn]:
    """How people and programs can come in besides with the server's own token, until the block ends.

    Args:
        store: bare of permissions.
        rights: tells the ServiceAccounts of those whose claims match.

    Raises Invalid and Unavailable when the settings, or the files that they name, cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        admin = _admin(settings, clock)
        oidc = await _oidc(settings, clock, meter, stack)
        ways: list[Way] = [admin] if admin else []
        if oidc is not None:
            claim = settings.oidc_username_claim
            ways.append(IdTokens(oidc.provider, oidc.audiences, rights.accounts, username_claim=claim))
        if settings.store_url.startswith(KUBERNETES):
            connection = connect(find_access(settings.store_url.removeprefix(KUBERNETES)), clock, meter=meter)
            stack.push_async_callback(connection.close)
            ways.append(KubernetesTokens(partial(review, connection), clock))
        else:
            ways.append(ApiTokens(store, clock))
        sessions = Sessions(store, settings.system_namespace, clock, ttl=settings.session_ttl, renew=_renew(oidc))
        yield SignIn(admin, Attempts(clock), oidc, sessions, settings.ui_base_url, tuple(ways))


def _renew(oidc: Oidc | None) -> Renew | None:
    """Gets new tokens for sessions, where there is a provider."""
    if oidc is None:
        return None

    async def renew(refresh_token: str) -> tuple[str, str]:
        tokens = await oidc.provider.refresh(refresh_token, oidc.client)
        return tokens.id_token, tokens.refresh_token

    return renew


def _admin(settings: Settings, clock: Clock) -> Admin | None:
    if not settings.admin_password_hash_file:
        return None
    found = _text(settings.admin_password_hash_file, "admin_password_hash_file")
    return Admin(found, _signing_key(settings), clock, ttl=settings.admin_token_ttl)


def _signing_key(settings: Settings) -> bytes:
    """What the admin's tokens are signed with. Raises Unavailable and Invalid."""
    if settings.admin_signing_key_file:
        key = _text(settings.admin_signing_key_file, "admin_signing_key_file").encode()
    else:
        path = settings.data / "admin.key"
        if not path.exists():
            write_private(path, secrets.token_hex(_KEY_BYTES).encode())
        key = _text(str(path), "data").encode()
    if len(key) < _KEY_BYTES:
        raise Invalid(
            f"the admin's signing key has {len(key)} bytes, which is too few", advice="Make one: openssl rand -hex 32."
        )
    return key


async def _oidc(settings: Settings, clock: Clock, meter: Meter, stack: contextlib.AsyncExitStack) -> Oidc | None:
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise Invalid("oidc_issuer is set and oidc_client_id is not", advice="Say what the provider knows Argosy as.")
    http = Http(clock, transport=_transport(settings), meter=meter)
    stack.push_async_callback(http.close)
    provider = Provider(settings.oidc_issuer, http, clock)
    file = settings.oidc_client_secret_file
    client = Client(settings.oidc_client_id, _text(file, "oidc_client_secret_file") if file else "")
    scopes = dict.fromkeys((*SCOPES, *(each.strip() for each in settings.oidc_scopes.split(","))))
    return Oidc(provider, client, settings.oidc_cli_client_id, tuple(each for each in scopes if each))


def _transport(settings: Settings) -> httpx2.AsyncHTTPTransport | None:
    """How to reach a provider whose authority is not one of the machine's."""
    if not settings.oidc_ca_file:
        return None
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=settings.oidc_ca_file)
    except (OSError, ssl.SSLError) as error:
        told = error.strerror or "it is no PEM text"
        raise Unavailable(f"{settings.oidc_ca_file} cannot be read: {told}", advice="Correct oidc_ca_file.") from None
    return httpx2.AsyncHTTPTransport(verify=context)


def _text(path: str, setting: str) -> str:
    """What a file says. Raises Unavailable when it cannot be read, or is empty."""
    try:
        found = Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None) or "it is no plain text"
        raise Unavailable(f"{path} cannot be read: {told}", advice=f"Correct {setting}.") from None
    if not found:
        raise Unavailable(f"{path} is empty", advice=f"Correct {setting}.")
    return found
