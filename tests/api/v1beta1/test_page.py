"""The page of the API is whole without any other server."""

from __future__ import annotations

import re

import httpx2
import pytest

from argosy.api.v1beta1.page import PATHS

ANYBODY = {"Authorization": ""}


@pytest.mark.parametrize("path", sorted(PATHS))
async def test_anybody_may_read_the_page_and_its_files(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers=ANYBODY)
    assert answer.status_code == 200
    again = await client.get(path, headers={**ANYBODY, "If-None-Match": answer.headers.get("etag", "")})
    assert again.status_code == (304 if "etag" in answer.headers else 200)


async def test_the_page_runs_nothing_but_its_own_files(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/docs/api", headers=ANYBODY)
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert set(re.findall(r'(?:src|href)="([^"]+)"', answer.text)) == PATHS - {"/docs/api"}
    assert not re.search(r"<script>|\son\w+=", answer.text)
    document = (await client.get("/openapi.json", headers=ANYBODY)).json()
    assert document["paths"]["/v1beta1/projects/{project}/stages/{stage}"]["get"]["operationId"] == "GetStage"
