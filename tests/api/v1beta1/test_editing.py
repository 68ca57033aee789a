"""What those who write manifests are helped with."""

from __future__ import annotations

import pytest
from tests.api.v1beta1.conftest import Pipeline

pytestmark = pytest.mark.asyncio

STAGE = """\
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata:
  name: dev
spec:
  requestedFreight:
  - origin:
      kind: Warehouse
      name: web
    sources:
      direct: yes please
"""


async def test_every_mistake_is_told_with_its_line(pipeline: Pipeline) -> None:
    answer = await pipeline.client.post(
        "/v1beta1/system/lint", params={"project": "demo"}, content=STAGE, headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 200
    found = {each["field"]: (each["severity"], each["line"]) for each in answer.json()["findings"]}
    assert found["spec.requestedFreight[0].sources.direct"] == ("error", 11)
    assert answer.json()["errors"] == len([each for each in found.values() if each[0] == "error"])


async def test_what_is_on_the_server_is_not_missed(pipeline: Pipeline) -> None:
    text = STAGE.replace("yes please", "true")
    told = await _messages(pipeline, text)
    assert told == ["There is no Warehouse 'web', neither in this text nor in demo"]
    assert await _messages(pipeline, text.replace("name: web", "name: app")) == []


async def _messages(pipeline: Pipeline, text: str) -> list[str]:
    answer = await pipeline.client.post(
        "/v1beta1/system/lint", params={"project": "demo"}, content=text, headers={"content-type": "application/yaml"}
    )
    return [each["message"] for each in answer.json()["findings"]]


async def test_what_is_no_manifest_is_a_finding_and_no_failure(pipeline: Pipeline) -> None:
    for text in ("a: [", "- 1", "\x00", "kind: 7"):
        answer = await pipeline.client.post(
            "/v1beta1/system/lint", content=text.encode(), headers={"content-type": "text/plain"}
        )
        assert (answer.status_code, answer.json()["errors"] > 0) == (200, True), text


async def test_editors_get_the_schema_of_every_kind_and_step(pipeline: Pipeline) -> None:
    schema = (await pipeline.client.get("/v1beta1/system/schema")).json()
    assert {"Stage", "Warehouse", "git-clone"} <= set(schema["definitions"])
