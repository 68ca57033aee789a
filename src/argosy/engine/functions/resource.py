"""`configMap()`, `secret()`, `freightMetadata()` and their like: what other resources of the Project hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from argosy.clients.login import Login
from argosy.credentials.secret import CredentialFor, decode
from argosy.engine.functions import Functions
from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.resources.names import Label

REPOSITORIES: tuple[CredentialFor, ...] = ("git", "image", "helm")


class Logins(Protocol):
    """Where credentials come from (`credentials.base`)."""

    async def get(self, namespace: str, kind: CredentialFor, url: str, /) -> Login | None: ...


Read = Callable[[str, str, str], Awaitable[Mapping[str, Json] | None]]
"""Gives the document of a kind, a namespace and a name; None for one that is not there."""


@dataclass(slots=True)
class Reader:
    """Reads for one evaluation; ConfigMaps, Secrets and credentials once each, Freight and Stages anew each time.

    Attributes:
        project: the namespace to read in.
        shared_namespace: what `sharedSecret()` and `sharedConfigMap()` read.
        secrets: hears of every secret value that was read, so that nobody shows it.
    """

    read: Read
    logins: Logins
    project: str
    shared_namespace: str
    secrets: Callable[[Iterable[str]], None]
    _held: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)

    @property
    def functions(self) -> Functions:
        return {
            "configMap": self.config_map,
            "sharedConfigMap": self.shared_config_map,
            "secret": self.secret,
            "sharedSecret": self.shared_secret,
            "repoCredentials": self.repo_credentials,
            "freightMetadata": self.freight_metadata,
            "freightStatus": self.freight_status,
            "stageMetadata": self.stage_metadata,
        }

    async def config_map(self, name: str) -> Json:
        return await self._data("ConfigMap", self.project, _named(name, "configMap()"))

    async def shared_config_map(self, name: str) -> Json:
        return await self._data("ConfigMap", self.shared_namespace, _named(name, "sharedConfigMap()"))

    async def secret(self, name: str) -> Json:
        return await self._data("Secret", self.project, _named(name, "secret()"))

    async def shared_secret(self, name: str) -> Json:
        return await self._data("Secret", self.shared_namespace, _named(name, "sharedSecret()"))

    async def repo_credentials(self, url: str, kind: str = "git") -> Json:
        """User name and password, or key of SSH, that a step would log in with; nothing where none are kept."""
        found = next((each for each in REPOSITORIES if each == kind), None)
        if found is None:
            raise Permanent("the second argument of repoCredentials() is git, image or helm")
        place = (f"credentials of {found}", self.project, _named(url, "repoCredentials()"))
        if place not in self._held:
            login = await self.logins.get(self.project, found, url)
            keys = ("username", "password", "sshPrivateKey")
            self._held[place] = (
                dict(zip(keys, (login.username, login.password, login.ssh_key), strict=True)) if login else {}
            )
            self.secrets([each for each in (login.password, login.ssh_key) if each] if login else [])
        return dict(self._held[place])

    async def freight_metadata(self, name: str) -> Json:
        return (await self._status("Freight", _named(name, "freightMetadata()"), {})).get("metadata")

    async def freight_status(self, name: str) -> Json:
        return await self._status("Freight", _named(name, "freightStatus()"), None)

    async def stage_metadata(self, name: str) -> Json:
        return (await self._status("Stage", _named(name, "stageMetadata()"), {})).get("metadata")

    async def _status(self, kind: str, name: str, missing: Json) -> Json:
        document = await self.read(kind, self.project, name)
        return missing if document is None else dict(document.get("status") or {})

    async def _data(self, kind: str, namespace: str, name: str) -> dict[str, str]:
        place = (kind, namespace, name)
        if place not in self._held:
            document = await self.read(*place) if namespace else None
            self._held[place] = self._values(kind, namespace, document or {})
        return dict(self._held[place])

    def _values(self, kind: str, namespace: str, document: Mapping[str, Json]) -> dict[str, str]:
        if kind == "ConfigMap":
            return dict(document.get("data") or {})
        labels = (document.get("metadata") or {}).get("labels") or {}
        shared = namespace == self.shared_namespace and namespace != self.project
        if shared and labels.get(Label.CREDENTIAL_TYPE) != "generic":
            return {}  # credentials of repositories are shared with steps, not with expressions
        found = decode(document) if document else None
        values = dict(found.values) if found else {}
        self.secrets(values.values())
        return values


def _named(name: Json, function: str) -> str:
    if isinstance(name, str) and name:
        return name
    raise Permanent(f"{function} needs a name")
