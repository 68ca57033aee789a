"""How people can sign in here: as the built-in admin, and with an OpenID Connect provider."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.api.authentication.admin import Admin
from argosy.api.authentication.attempts import Attempts
from argosy.api.authentication.base import Way
from argosy.api.session import Sessions
from argosy.clients.oidc import Client, Provider

SCOPES = ("openid", "profile", "email")
"""What is always asked for, as in Kargo."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """A provider, and as whom we speak to it.

    Attributes:
        client: for the web UI.
        cli_client_id: for the command line; empty where it is the same.
        scopes: everything to ask for.
    """

    provider: Provider
    client: Client
    cli_client_id: str = ""
    scopes: tuple[str, ...] = SCOPES

    @property
    def audiences(self) -> tuple[str, ...]:
        """The clients whose ID tokens are good here."""
        return tuple(dict.fromkeys(each for each in (self.client.id, self.cli_client_id) if each))


@dataclass(frozen=True, slots=True)
class SignIn:
    """The ways that there are.

    Attributes:
        admin: the built-in admin; None where there is none.
        attempts: bounds how often passwords are tried.
        oidc: None where there is no provider.
        sessions: of browsers; None where there are no pages.
        ways: kinds of bearer tokens besides the server's own.
        address: URL of the web UI as browsers see it; empty takes what each request was sent to.
    """

    admin: Admin | None = None
    attempts: Attempts | None = None
    oidc: Oidc | None = None
    sessions: Sessions | None = None
    address: str = ""
    ways: tuple[Way, ...] = ()
