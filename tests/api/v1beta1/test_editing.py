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
    assert answer.json()["errors"] == 1


async def test_what_is_no_manifest_is_a_finding_and_no_failure(pipeline: Pipeline) -> None:
    for text in ("a: [", "- 1", "\x00", "kind: 7"):
        answer = await pipeline.client.post(
            "/v1beta1/system/lint", content=text.encode(), headers={"content-type": "text/plain"}
        )
        assert (answer.status_code, answer.json()["errors"] > 0) == (200, True), text


async def test_editors_get_the_schema_of_every_kind_and_step(pipeline: Pipeline) -> None:
    schema = (await pipeline.client.get("/v1beta1/system/schema")).json()
    assert {"Stage", "Warehouse", "git-clone"} <= set(schema["definitions"])
