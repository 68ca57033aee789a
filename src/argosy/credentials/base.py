"""Credentials: the login for a repository, from the Secrets of a Project or the ones that all Projects share."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from argosy.clients.login import Login, PlainHttp
from argosy.credentials import basic, ssh
from argosy.credentials.request import Provider, Request
from argosy.credentials.secret import CredentialFor, SecretData, choose, decode, normalized
from argosy.errors import Permanent
from argosy.resources.names import Label
from argosy.store.base import Operator, Query, Requirement, Store

_LOG = logging.getLogger(__name__)

SHARED_NAMESPACE = "kargo-shared-resources"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Secrets are, and where logins may go.

    Attributes:
        shared_namespace: the namespace whose Secrets every Project may use; empty for none.
        plain_http: whether logins are given out for `http://` URLs.
    """

    shared_namespace: str = SHARED_NAMESPACE
    plain_http: PlainHttp = PlainHttp.NEVER


PROVIDERS: Sequence[Provider] = (ssh.login, basic.login)
"""In the order in which they are asked; the first login counts."""


class Credentials:
    """Finds logins. Reads Secrets anew each time, so that a rotated password counts at once."""

    def __init__(
        self, store: Store, settings: Settings = Settings(), providers: Sequence[Provider] = PROVIDERS
    ) -> None:
        self._store = store
        self._settings = settings
        self._providers = providers

    async def get(self, namespace: str, kind: CredentialFor, url: str) -> Login | None:
        """The login for a repository, None for none: the Project's own Secrets first, then the shared ones.

        Secrets are tried in the order of their names; the first for this repository decides, even when it holds no
        login. For `http://` URLs there is none unless the settings allow it.

        Raises:
            Unavailable: the store cannot be read.
            Permanent, Temporary: a provider should know a login but cannot get it.
        """
        if not self._may_leave(url):
            _LOG.info("no credentials are given out for plain http:// (%s)", urlsplit(url).hostname)
            return None
        secret = await self._secret(namespace, kind, url)
        request = Request(namespace, kind, normalized(kind, url), secret)
        for provider in self._providers:
            login = await provider(request)
            if login is not None:
                return login
        return None

    def _may_leave(self, url: str) -> bool:
        try:
            parts = urlsplit(url.strip())
            self._settings.plain_http.check(parts.scheme, parts.hostname or "", where=url)
        except (Permanent, ValueError):
            return False
        return True

    async def _secret(self, namespace: str, kind: CredentialFor, url: str) -> SecretData | None:
        for place in dict.fromkeys((namespace, self._settings.shared_namespace)):
            if place and (found := choose(await self._secrets(place, kind), kind, url)):
                return found
        return None

    async def _secrets(self, namespace: str, kind: CredentialFor) -> list[SecretData]:
        labelled = Requirement(Label.CREDENTIAL_TYPE, Operator.IN, (kind,))
        page = await self._store.list(Query("Secret", namespace, labels=(labelled,)))
        return [found for document in page.documents if (found := decode(document.data))]
