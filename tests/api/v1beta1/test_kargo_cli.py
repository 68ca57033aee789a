"""What Kargo's command line asks is answered as the document says.

`kargo_cli.jsonl` holds the requests that `kargo` v1.12 made to a server of Argosy, in their order, as a proxy saw them:
the command, the request, its body, and the status that it went on with. Streams are left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import orjson
import schemathesis

from .conftest import Pipeline

RECORD = [orjson.loads(line) for line in (Path(__file__).parent / "kargo_cli.jsonl").read_bytes().splitlines()]


async def test_every_command_goes_on_as_it_did(pipeline: Pipeline) -> None:
    client = pipeline.client
    await _used(pipeline)
    document = (await client.get("/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(document)
    names = {"{freight}": pipeline.old, "{promotion}": ""}
    for row in RECORD:
        method, path = _filled(row["request"], names).split(" ")
        body = _filled(row.get("body", ""), names)
        headers = {"Content-Type": row["type"]} if body else {}
        answer = await client.request(method, path, content=body, headers=headers)
        assert answer.status_code == row["status"], (row["command"], answer.text)
        template = _template(document["paths"], path.partition("?")[0])
        schema[template][method].validate_response(answer)
        names["{promotion}"] = _promotion(answer) or names["{promotion}"]


async def _used(pipeline: Pipeline) -> None:
    """`dev` uses the old Freight and has verified it."""
    reference = {"name": pipeline.old, "origin": {"kind": "Warehouse", "name": "app"}}
    collection = {
        "id": "a",
        "items": {"Warehouse/app": reference},
        "verificationHistory": [{"id": "v", "phase": "Successful"}],
    }
    await pipeline.status("Stage", "dev", freightHistory=[collection])
    await pipeline.verified(pipeline.old, "dev")
    for name in ("kargo-shared-resources", "kargo-system-resources"):
        await pipeline.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def _template(paths: dict[str, Any], path: str) -> str:
    """The path of the document that a path is one of; those without parameters come first."""
    found = [each for each in paths if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", each), path)]
    return min(found, key=lambda each: each.count("{"))


def _promotion(answer: httpx2.Response) -> str:
    """The Promotion to `prod` that was made, if one was."""
    told = answer.json() if answer.status_code == 201 else {}
    made = [each["metadata"]["name"] for each in told.get("promotions", ()) if each["spec"]["stage"] == "prod"]
    return made[0] if made else ""
