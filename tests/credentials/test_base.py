"""Which Secret gives the login for a repository."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import Any, cast

import pytest

from argosy.clients.login import Login, PlainHttp
from argosy.credentials.base import Credentials, Settings
from argosy.credentials.request import Request
from argosy.resources.meta import Document
from argosy.store.base import Page, Query, Store

GIT = "https://github.com/example/repo.git"
IMAGE = "ghcr.io/example/app"


class Secrets:
    """The part of a Store that credentials read: Secrets by namespace and label, in the order of their names."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = sorted(documents, key=lambda document: document["metadata"]["name"])

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        assert query.kind == "Secret"
        [requirement] = query.labels
        found = [
            Document.of(document)
            for document in self.documents
            if document["metadata"]["namespace"] == query.namespace
            and document["metadata"]["labels"].get(requirement.label) in requirement.values
        ]
        return Page(found, version=1)


def secret(name: str, url: str, *, namespace: str = "project", kind: str = "git", **values: str) -> dict[str, Any]:
    values = {"repoURL": url, "username": name, "password": f"password of {name}"} | values
    return {
        "kind": "Secret",
        "metadata": {"namespace": namespace, "name": name, "labels": {"kargo.akuity.io/cred-type": kind}},
        "data": {key: b64encode(value.encode()).decode() for key, value in values.items() if value is not None},
    }


def credentials(*documents: dict[str, Any], **settings: Any) -> Credentials:
    return Credentials(cast(Store, Secrets(*documents)), Settings(**settings))


async def who(found: Credentials, kind: Any = "git", url: str = GIT) -> str:
    """The user name of the login, empty for none: tests name users as their Secrets."""
    login = await found.get("project", kind, url)
    return login.username if login else ""


ROWS: dict[str, tuple[list[dict[str, Any]], str, str, str]] = {
    "the same URL": ([secret("a", GIT)], "git", GIT, "a"),
    "another URL": ([secret("a", "https://github.com/example/other")], "git", GIT, ""),
    "another spelling of the same repository": ([secret("a", "https://GitHub.com/example/repo/")], "git", GIT, "a"),
    "an image by its other spelling": ([secret("a", "nginx", kind="image")], "image", "docker.io/library/nginx", "a"),
    "a chart with and without its scheme": (
        [secret("a", "ghcr.io/example/chart", kind="helm")],
        "helm",
        "oci://ghcr.io/example/chart",
        "a",
    ),
    "the label decides the kind": ([secret("a", IMAGE, kind="helm")], "image", IMAGE, ""),
    "the first by name": ([secret("b", GIT), secret("a", GIT)], "git", GIT, "a"),
    "an expression before an exact match, when its name is first": (
        [secret("b", GIT), secret("a", "^https://github.com/", repoURLIsRegex="true")],
        "git",
        GIT,
        "a",
    ),
    "an expression may find only a part": ([secret("a", "example/", repoURLIsRegex="true")], "git", GIT, "a"),
    "an expression on the URL as written": ([secret("a", r"\.git$", repoURLIsRegex="true")], "git", GIT, "a"),
    "an expression on the normalised URL": ([secret("a", r"/repo$", repoURLIsRegex="true")], "git", GIT, "a"),
    "an expression that does not match": ([secret("a", "gitlab", repoURLIsRegex="true")], "git", GIT, ""),
    "an expression that cannot be read is passed over": (
        [secret("a", "(", repoURLIsRegex="true"), secret("b", GIT)],
        "git",
        GIT,
        "b",
    ),
    "only the word true makes an expression": ([secret("a", ".*", repoURLIsRegex="yes")], "git", GIT, ""),
    "the shared namespace comes second": (
        [secret("a", GIT, namespace="kargo-shared-resources"), secret("z", GIT)],
        "git",
        GIT,
        "z",
    ),
    "the shared namespace when the Project has none": (
        [secret("a", GIT, namespace="kargo-shared-resources")],
        "git",
        GIT,
        "a",
    ),
    "no other namespace": ([secret("a", GIT, namespace="other")], "git", GIT, ""),
    "the first Secret decides even without a login": (
        [secret("a", GIT, password=""), secret("b", GIT)],
        "git",
        GIT,
        "",
    ),
    "a token alone is no login": ([secret("a", GIT, username="")], "git", GIT, ""),
    "SSH URLs in both forms": ([secret("a", "ssh://git@host/team/repo")], "git", "git@host:team/repo.git", "a"),
}


@pytest.mark.parametrize(("secrets", "kind", "url", "expected"), ROWS.values(), ids=ROWS)
async def test_choice(secrets: list[dict[str, Any]], kind: str, url: str, expected: str) -> None:
    assert await who(credentials(*secrets), kind, url) == expected


@pytest.mark.parametrize(
    ("policy", "url", "given"),
    [
        (PlainHttp.NEVER, "http://git.example.com/x", False),
        (PlainHttp.NEVER, "http://127.0.0.1/x", False),
        (PlainHttp.LOOPBACK, "http://127.0.0.1:3000/x", True),
        (PlainHttp.LOOPBACK, "http://git.example.com/x", False),
        (PlainHttp.LOOPBACK, "HTTP://git.example.com/x", False),
        (PlainHttp.LOOPBACK, " http://git.example.com/x", False),
        (PlainHttp.ALWAYS, "http://git.example.com/x", True),
        (PlainHttp.NEVER, "https://git.example.com/x", True),
    ],
)
async def test_plain_http_gets_a_login_only_where_that_is_allowed(policy: PlainHttp, url: str, given: bool) -> None:
    found = credentials(secret("a", ".*", repoURLIsRegex="true"), plain_http=policy)
    assert bool(await who(found, "git", url)) is given


async def test_the_login_is_what_the_secret_holds() -> None:
    assert await credentials(secret("a", GIT)).get("project", "git", GIT) == Login("a", "password of a")


async def test_without_a_shared_namespace_only_the_project_counts() -> None:
    assert await who(credentials(secret("a", GIT, namespace=""), shared_namespace="")) == ""


@pytest.mark.parametrize("data", [None, {}, {"repoURL": "not base64!"}, {"repoURL": 5}, {"repoURL": "//8="}, "text"])
async def test_a_damaged_secret_is_passed_over(data: Any, caplog: pytest.LogCaptureFixture) -> None:
    damaged = secret("a", GIT) | {"data": data}
    with caplog.at_level(logging.DEBUG):
        assert await who(credentials(damaged, secret("b", GIT))) == "b"
    assert "not base64!" not in caplog.text


async def test_nothing_secret_is_shown() -> None:
    seen: list[Request] = []

    async def provider(request: Request) -> Login | None:
        seen.append(request)
        return Login("other", "password of other")

    store = cast(Store, Secrets(secret("a", GIT)))
    login = await Credentials(store, providers=[provider]).get("project", "git", GIT)
    assert seen[0].url == "https://github.com/example/repo"
    assert seen[0].secret is not None
    assert "password" not in f"{seen[0]!r} {seen[0].secret!r} {login!r} {login}"


async def test_providers_are_asked_in_order_even_without_a_secret() -> None:
    async def nothing(request: Request) -> Login | None:
        return None

    async def ambient(request: Request) -> Login | None:
        return Login("machine", "token") if request.secret is None else None

    found = Credentials(cast(Store, Secrets()), providers=[nothing, ambient])
    assert await who(found, "image", IMAGE) == "machine"


SSH = "git@git.example.com:team/app.git"


@pytest.mark.parametrize("url", [SSH, "ssh://git@git.example.com/team/app"])
async def test_over_ssh_the_key_is_the_login_even_beside_a_password(url: str) -> None:
    found = credentials(secret("a", SSH, sshPrivateKey="a key", knownHosts="a host"))
    assert await found.get("project", "git", url) == Login(ssh_key="a key", known_hosts="a host")


async def test_without_a_key_the_password_is_the_login_over_ssh_too() -> None:
    """Of no use there, which the client says."""
    assert await who(credentials(secret("a", SSH)), "git", SSH) == "a"


async def test_a_key_is_no_login_elsewhere() -> None:
    everywhere = secret("a", ".*", repoURLIsRegex="true", sshPrivateKey="a key", password="", username="")
    assert await credentials(everywhere).get("project", "git", GIT) is None
    assert await credentials(everywhere).get("project", "git", SSH) == Login(ssh_key="a key")


def test_a_key_shows_in_no_text() -> None:
    assert "hunter2" not in repr(Login(ssh_key="hunter2", known_hosts="hunter2"))
