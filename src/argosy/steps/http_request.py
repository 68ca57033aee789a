"""What the steps that send HTTP requests have in common: their settings, and the request they make."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from argosy.clients.web import Ask
from argosy.resources.duration import parse_duration
from argosy.steps.base import Config


def _length(value: str) -> str:
    if parse_duration(value) <= 0:
        raise ValueError("must be longer than nothing")
    return value


Length = Annotated[str, AfterValidator(_length)]
"""A length of time, such as `30s`."""


class HeaderConfig(Config):
    """A header of the request."""

    name: str = Field(min_length=1, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
    """The name of the header."""
    value: str = Field(min_length=1, pattern=r"^[^\r\n\x00]*$")
    """The value of the header."""


class QueryConfig(Config):
    """A parameter of the URL."""

    name: str = Field(min_length=1)
    """The name of the parameter."""
    value: str = Field(min_length=1)
    """Its value, which is encoded as URLs need it."""


class RequestConfig(Config):
    """A request."""

    url: str = Field(min_length=1)
    """The URL, `http://` or `https://`. Link-local addresses are refused."""
    headers: list[HeaderConfig] = Field(default=[])
    """Headers of the request."""
    query_params: list[QueryConfig] = Field(default=[])
    """Parameters to add to the URL."""
    insecure_skip_tls_verify: bool = Field(default=False, alias="insecureSkipTLSVerify")
    """Whether to accept any TLS certificate."""

    def ask(self, *, timeout: str, limit: int) -> Ask:
        """The request as a GET without a body."""
        return Ask(
            self.url,
            headers=tuple((each.name, each.value) for each in self.headers),
            query=tuple((each.name, each.value) for each in self.query_params),
            timeout=parse_duration(timeout),
            verify=not self.insecure_skip_tls_verify,
            limit=limit,
        )
