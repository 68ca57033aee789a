"""Who commits when no step says: the ClusterConfig, then the operator."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from argosy.credentials.git_user import GitUser, git_user
from argosy.errors import Permanent

FALLBACK = GitUser("Kargo", "no-reply@kargo.io", "system key")
FLEET = {"name": "Fleet", "email": "fleet@example.com"}


def cluster(client: Mapping[str, Any] | None) -> dict[tuple[str, str, str], Any]:
    return {("ClusterConfig", "", "cluster"): {"spec": {"gitClient": client} if client else {}}}


def secret(**values: str) -> dict[tuple[str, str, str], Any]:
    data = {key: b64encode(value.encode()).decode() for key, value in values.items()}
    return {("Secret", "kargo-system-resources", "signer"): {"metadata": {"name": "signer"}, "data": data}}


async def user(documents: dict[tuple[str, str, str], Any]) -> GitUser:
    async def read(kind: str, namespace: str, name: str) -> Any:
        return documents.get((kind, namespace, name))

    return await git_user(read, FALLBACK)


async def test_without_a_cluster_config_the_operator_decides() -> None:
    assert await user({}) == FALLBACK
    assert await user(cluster(None)) == FALLBACK


async def test_the_cluster_config_names_a_committer_and_keeps_the_operator_s_key() -> None:
    assert await user(cluster(FLEET)) == GitUser("Fleet", "fleet@example.com", "system key")


async def test_the_cluster_config_names_a_secret_with_a_key() -> None:
    documents = cluster({**FLEET, "signingKeySecret": {"name": "signer"}}) | secret(signingKey="a key")
    assert await user(documents) == GitUser("Fleet", "fleet@example.com", "a key")
    assert "a key" not in repr(await user(documents))


@pytest.mark.parametrize("there", [{}, secret(other="x"), secret(signingKey="")])
async def test_a_secret_that_is_named_and_holds_no_key_is_a_fault(there: dict[tuple[str, str, str], Any]) -> None:
    with pytest.raises(Permanent, match="kargo-system-resources/signer"):
        await user(cluster({**FLEET, "signingKeySecret": {"name": "signer"}}) | there)


@pytest.mark.parametrize(
    "spec",
    [
        "text",
        ["a"],
        {"gitClient": "text"},
        {"gitClient": {"name": 7}},
        {"gitClient": {**FLEET, "signingKeySecret": "x"}},
    ],
)
async def test_what_other_definitions_let_in_is_a_fault_with_advice(spec: Any) -> None:
    with pytest.raises(Permanent, match="gitClient of the ClusterConfig is not understood") as raised:
        await user({("ClusterConfig", "", "cluster"): {"spec": spec}})
    assert "argosy lint" in raised.value.advice
