"""Requests for a login: what every provider of logins is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from argosy.clients.login import Login
from argosy.credentials.secret import CredentialFor, SecretData


@dataclass(frozen=True, slots=True)
class Request:
    """What a provider is asked.

    Attributes:
        namespace: the Project's.
        kind: what sort of repository it is.
        url: of the repository, normalised.
        secret: the Secret that was chosen; None when no Secret is for this repository.
    """

    namespace: str
    kind: CredentialFor
    url: str
    secret: SecretData | None = field(repr=False)


Provider = Callable[[Request], Awaitable[Login | None]]
"""Makes a login of a request; None when it is not its business. Raises Permanent or Temporary when it fails."""
