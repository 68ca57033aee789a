"""Requests made up from the OpenAPI document: none ends in a fault of the server, all in what the document declares."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from argosy.testing.api_server import ApiServer, api_server

from .conftest import KARGO, freight, stage

EXAMPLES = 2
"""Of each operation, in each way."""
ENDLESS = ("watch", "follow")
"""What would make an answer last."""
THERE = {
    "project": "demo",
    "stage": "dev",
    "warehouse": "app",
    "freight-name-or-alias": "some-freight",
    "freight": "some-freight",
    "configmap": "settings",
}
"""Names that lead somewhere."""
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conformance")


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[ApiServer]:
    with api_server(place) as running:
        yield running


@pytest.fixture(scope="module")
def filled(server: ApiServer) -> ApiServer:
    """The server, with a Project and something in it."""
    subscription = {"image": {"repoURL": "registry.example.com/app"}}
    meta = {"name": "app", "namespace": "demo"}
    documents = [
        {"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "demo"}},
        {"apiVersion": KARGO, "kind": "Warehouse", "metadata": meta, "spec": {"subscriptions": [subscription]}},
        freight("1.0.0", "some-freight", "2026-01-01T00:00:00Z"),
        stage("dev"),
        stage("prod", "dev"),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {**meta, "name": "settings"}, "data": {"a": "b"}},
    ]
    with httpx2.Client(base_url=server.url, headers=server.headers, verify=server.trust) as client:
        for document in documents:
            answer = client.post("/v1beta1/resources", json=document)
            assert answer.status_code == 201, answer.text
    return server


def test_nothing_that_can_be_asked_breaks_the_server(filled: ApiServer, place: Path) -> None:
    faults: list[str] = []
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(place / "tls" / "ca.crt")
        session.headers.update(filled.headers)
        document = session.get(f"{filled.url}/openapi.json").json()
        for result in schemathesis.openapi.from_dict(document).get_all_operations():
            operation = result.ok()
            if _is_stream(operation):
                continue
            known = {each["name"] for each in operation.definition.raw.get("parameters", ()) if each["in"] == "path"}
            there = {name: THERE[name] for name in known & THERE.keys() if operation.method != "delete"}
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                faults += _faults(operation, operation.as_strategy(mode, path_parameters=there), session, filled.url)
    assert not faults, "\n\n".join(faults)


def _is_stream(operation: Any) -> bool:
    """Whether its answers never end by themselves."""
    content = operation.definition.raw["responses"].get("200", {}).get("content", {})
    return list(content) == ["text/event-stream"] and not operation.path.endswith("/logs")


def _faults(operation: Any, strategy: Any, session: requests.Session, url: str) -> list[str]:
    """What is wrong with the answers to some requests."""
    faults: list[str] = []

    @given(case=strategy)
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case) -> None:
        for name in ENDLESS:
            (case.query or {}).pop(name, None)
        answer = case.call(base_url=url, session=session, verify=session.verify)
        if answer.status_code >= 500 and answer.status_code != 501:
            faults.append(f"{operation.label}: {case.as_curl_command()} gives {answer.status_code}")
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            faults.extend(f"{operation.label}: {failure}" for failure in group.exceptions)

    with contextlib.suppress(Unsatisfiable):  # where nothing can be wrong
        ask()
    return faults
