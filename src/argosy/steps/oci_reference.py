"""References to OCI artifacts as steps write them: `registry/repo:tag`, `oci://registry/repo@sha256:...`."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.clients.oci import Target
from argosy.credentials.secret import CredentialFor
from argosy.errors import Permanent
from argosy.rules.image_url import Repository, parse
from argosy.steps.base import Context

PATTERN = r"^(oci://)?[a-zA-Z0-9._-]+(:\d+)?(/[a-zA-Z0-9._-]+)*[@:][a-zA-Z0-9._:-]+$"
TAG_PATTERN = r"^(oci://)?[a-zA-Z0-9._-]+(:\d+)?(/[a-zA-Z0-9._-]+)*:[a-zA-Z0-9._-]+$"


@dataclass(frozen=True, slots=True)
class Reference:
    """A repository, and a tag or digest in it. With `oci://` it is a chart's, for which credentials are kept apart."""

    repository: Repository
    version: str
    is_chart: bool

    @classmethod
    def read(cls, text: str) -> Reference:
        """Raises Permanent."""
        bare = text.removeprefix("oci://")
        name, at, version = bare.partition("@")
        if not at:
            name, _, version = bare.rpartition(":")
        try:
            return cls(parse(name), version, bare != text)
        except ValueError as error:
            raise Permanent(str(error)) from error

    def __str__(self) -> str:
        return f"{self.repository}{'@' if ':' in self.version else ':'}{self.version}"

    async def target(self, ctx: Context, *, verify: bool) -> Target:
        """The repository with the credentials that the project has for it."""
        kind: CredentialFor = "helm" if self.is_chart else "image"
        url = f"oci://{self.repository}" if self.is_chart else str(self.repository)
        return Target(self.repository, await ctx.login(kind, url), verify)
