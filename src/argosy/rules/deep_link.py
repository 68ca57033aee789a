"""Links that people attach to Freight and Stages: which are shown, and where they lead.

Behaviour follows Kargo's `pkg/deeplinks/deeplinks.go`: `if` is a bare expression, `url` a text template of Go. A link
whose `if` or `url` cannot be computed is left out and told of; the others are shown. URLs can only be of the web.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from argosy.errors import ArgosyError, Invalid
from argosy.expressions import Vocabulary, evaluate_now, now_at
from argosy.resources.project_config import DeepLink
from argosy.rules.go_template import rendered

FREIGHT_LINK = Vocabulary({"freight": None}, {"now": (0, 1)})
"""`if` of a link of Freight: the resource, as JSON."""

STAGE_LINK = Vocabulary({"stage": None}, {"now": (0, 1)})
"""`if` of a link of a Stage."""

_KEPT = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is shown."""

    title: str
    url: str
    description: str = ""


def resolved(
    links: Iterable[DeepLink], name: Literal["freight", "stage"], document: Mapping[str, Any], now: datetime
) -> tuple[tuple[Link, ...], tuple[str, ...]]:
    """The links to show with a resource, and what is wrong with others.

    Args:
        links: those of the ClusterConfig first, then those of the ProjectConfig.
        name: what conditions and templates call the resource.
        document: the resource, as JSON.
        now: what `now()` says.
    """
    shown: list[Link] = []
    problems: list[str] = []
    env: dict[str, Any] = {name: _as_go(document)}
    for link in links:
        try:
            if _holds(link, env, now):
                shown.append(Link(link.title, safe(rendered(link.url, env)), link.description))
        except ArgosyError as error:
            problems.append(f"link {link.title!r}: {error.message}")
    return tuple(shown), tuple(problems)


def safe(url: str) -> str:
    """`url` with every character escaped that has no place in one. Raises Invalid unless it is one of the web."""
    cleaned = quote(url.strip(), safe=_KEPT)
    try:
        parts = urlsplit(cleaned)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise Invalid(f"{url!r} is no URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Invalid(f"{url!r} does not begin with https:// or http:// and a host")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise Invalid(f"{url!r} has a user name or a strange character where its host stands")
    return cleaned


def _holds(link: DeepLink, env: Mapping[str, Any], now: datetime) -> bool:
    if not link.if_:
        return True
    answer = evaluate_now(link.if_, env, now_at(now))
    if not isinstance(answer, bool):
        raise Invalid("`if` is neither true nor false")
    return answer


def _as_go(value: Any) -> Any:
    """Numbers as Go reads them from JSON."""
    if isinstance(value, Mapping):
        return {key: _as_go(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_go(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
