"""What is refused, and what is let in, word for word: a real API server with webhooks beside the embedded server."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from tests.cluster.webhook_case import Guard, install, pipeline

from argosy.clients.kubernetes_connection import Connection, Server
from argosy.errors import ArgosyError, Invalid
from argosy.resources.kinds import KARGO, KINDS
from argosy.testing.api_server import ApiServer, api_server
from argosy.testing.cluster import running_cluster
from argosy.testing.kubectl import Kubectl
from argosy.testing.port import free_port

pytestmark = pytest.mark.xdist_group("webhook-answers")  # one cluster for all of them

RESOURCES = Path(__file__).parents[1] / "resources"
STRICT = "strict decoding error"
"""How the API server refuses fields that a definition does not name, before it asks anybody."""

Data = dict[str, Any]


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    folder = tmp_path_factory.mktemp("guarded")
    with running_cluster(folder) as cluster:
        kubectl = Kubectl(cluster.kubeconfig(), folder)
        install(kubectl)
        guard = Guard(cluster, kubectl, free_port())
        with guard.running():
            assert kubectl("apply", "-f", "-", stdin=pipeline("shop")).code == 0
            yield guard


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("embedded")
    with api_server(folder) as server:
        assert Kubectl(server.kubeconfig, folder)("apply", "-f", "-", stdin=pipeline("shop")).code == 0
        yield server


def documents() -> dict[str, Data]:
    """The faulty manifests of our kinds that are documents at all, by what is wrong with them."""
    rows = yaml.safe_load((RESOURCES / "faults.yaml").read_text())
    found = {}
    for row in rows:
        try:
            document = yaml.safe_load(row["text"])
        except yaml.YAMLError:
            continue
        kind = KINDS.get(str(document.get("kind"))) if isinstance(document, dict) else None
        meta = (document.get("metadata") or {}) if kind else {}
        if kind is not None and kind.group == KARGO and isinstance(meta, dict) and document.get("apiVersion"):
            found[row["name"]] = document
    return found


def path(document: Data) -> str:
    kind = KINDS[document["kind"]]
    where = "namespaces/shop/" if kind.namespaced else ""
    return f"/apis/{kind.api_version}/{where}{kind.plural}"


def placed(document: Data) -> Data:
    """A copy in the Project `shop`, where its kind lives in one."""
    whole = copy.deepcopy(document)
    if KINDS[document["kind"]].namespaced:
        whole.setdefault("metadata", {})["namespace"] = "shop"
    return whole


async def refusal(connection: Connection, document: Data) -> str:
    """Why a document is not created; empty when it would be."""
    try:
        parameters = {"dryRun": "All", "fieldValidation": "Strict"}
        await connection.send("POST", path(document), parameters=parameters, content=orjson.dumps(document))
    except ArgosyError as error:
        problems = error.problems if isinstance(error, Invalid) else ()
        head = error.message.partition("denied the request: ")[2] or error.message
        return "\n".join([head, *map(str, problems)])
    return ""


async def answers(guard: Guard, embedded: ApiServer, given: dict[str, Data]) -> dict[str, tuple[str, str]]:
    real = Connection(Server(guard.cluster.url, ca=guard.cluster.ca_file.read_text(), token=guard.cluster.token()))
    ours = Connection(Server(embedded.url, token=embedded.token), context=embedded.trust)
    try:
        return {name: (await refusal(real, each), await refusal(ours, each)) for name, each in given.items()}
    finally:
        await real.close()
        await ours.close()


OWN_WORDS = {"wrong apiVersion"}
"""What both servers refuse because of the path that it is sent to, each in its own words."""

CORRECTED = {"project in a namespace"}
"""What the API server corrects by itself, and the embedded one refuses."""


def test_every_fault_is_told_in_the_same_words(guard: Guard, embedded: ApiServer) -> None:
    given = {name: placed(document) for name, document in documents().items()}
    assert len(given) > 50
    found = asyncio.run(answers(guard, embedded, given))
    assert {name for name, (real, ours) in found.items() if not real or not ours} == CORRECTED
    strict = {name for name, (real, _) in found.items() if STRICT in real}
    assert len(strict) < 10, "these are told by the API server, before it asks"
    differing = {name for name, (real, ours) in found.items() if real != ours}
    assert differing == strict | OWN_WORDS | CORRECTED


def test_the_examples_are_let_in(guard: Guard, embedded: ApiServer) -> None:
    """In an order that their kinds need, and under names of their own."""
    every = list(yaml.safe_load_all((RESOURCES / "examples" / "pipeline.yaml").read_text()))
    kinds = ("ProjectConfig", "ClusterConfig", "Warehouse", "Stage", "PromotionTask", "ClusterPromotionTask", "Target")
    given = {}
    for document in (each for each in every if each and each["kind"] in kinds):
        whole = placed(document)
        if document["kind"] not in ("ProjectConfig", "ClusterConfig"):
            whole["metadata"]["name"] = f"example-{document['metadata']['name']}"
        given[f"{document['kind']} {document['metadata']['name']}"] = whole
    assert {document["kind"] for document in given.values()} == set(kinds)
    found = asyncio.run(answers(guard, embedded, given))
    assert {name: pair for name, pair in found.items() if any(pair)} == {}
