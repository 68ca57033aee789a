"""Moving a whole store: what arrives is what was there, and a file that is not sound changes nothing."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from argosy.errors import AlreadyExists, Invalid, NotFound
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.base import Query, Store
from argosy.store.sql import open_store
from argosy.store.transfer import Scope, export, restore
from argosy.testing.clock import FakeClock

WHOLE = Scope(namespaces=("shared",))
PROJECT = {"kargo.akuity.io/project": "true"}
STATUS = {"freightHistory": [{"id": "x", "items": {}}], "newerThanThisVersion": {"kept": True}}


def spec(shard: str) -> dict[str, Any]:
    origin = {"kind": "Warehouse", "name": "w"}
    return {"shard": shard, "requestedFreight": [{"origin": origin, "sources": {"direct": True}}]}


def opened(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder}/data/argosy.db", KINDS, clock=FakeClock(), key_file=folder / "keys" / "ring")


async def fill(store: Store) -> None:
    for name, labels in (("shop", PROJECT), ("blog", PROJECT), ("kube-system", {}), ("shared", {})):
        await store.create({"kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    for name in ("shop", "blog"):
        await store.create({"kind": "Project", "metadata": {"name": name}})
    await store.create({"kind": "ClusterConfig", "metadata": {"name": "cluster"}, "spec": {}})
    for place in ("shop", "blog", "kube-system", "shared"):
        await store.create(
            {"kind": "Secret", "metadata": {"name": "login", "namespace": place}, "data": {"password": "aHVudGVyMg=="}}
        )
    made = await store.create({"kind": "Stage", "metadata": {"name": "dev", "namespace": "shop"}, "spec": spec("one")})
    await store.update({**made.data, "status": STATUS}, status=True)
    owner = {"apiVersion": made.data["apiVersion"], "kind": "Stage", "name": "dev", "uid": made.uid}
    for number in range(3):
        meta = {"name": f"dev.{number}", "namespace": "shop", "ownerReferences": [owner]}
        promotion = await store.create(
            {
                "kind": "Promotion",
                "metadata": meta,
                "spec": {"stage": "dev", "freight": "f", "steps": [{"uses": "fail"}]},
            }
        )
        await store.update({**promotion.data, "status": {"phase": "Succeeded"}}, status=True)
    involved = {"kind": "Stage", "name": "dev", "namespace": "shop", "uid": made.uid}
    await store.create({"kind": "Event", "metadata": {"name": "e", "namespace": "shop"}, "involvedObject": involved})


async def exported(store: Store, scope: Scope = WHOLE) -> bytes:
    return b"".join([line async for line in export(store, KINDS, scope)])


async def content(store: Store) -> dict[Key, Any]:
    """Everything that does not differ by the nature of things."""
    found = {}
    for kind in KINDS:
        for document in (await store.list(Query(kind))).documents:
            data = orjson.loads(document.raw)
            for field in ("uid", "resourceVersion", "generation", "creationTimestamp", "ownerReferences"):
                data["metadata"].pop(field, None)
            data.get("involvedObject", {}).pop("uid", None)
            found[document.key] = data
    return found


async def test_everything_arrives_with_its_status(tmp_path: Path) -> None:
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    await fill(one)
    report = await restore(other, io.BytesIO(await exported(one)), KINDS)
    before, after = await content(one), await content(other)
    assert after == {key: data for key, data in before.items() if "kube-system" not in (key.namespace, key.name)}
    assert after[Key("Stage", "shop", "dev")]["status"] == STATUS
    assert (report.created.total(), report.lost) == (len(after), [])
    await one.close()
    await other.close()


async def test_owners_and_events_know_the_new_uid(tmp_path: Path) -> None:
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    await fill(one)
    await restore(other, io.BytesIO(await exported(one)), KINDS)
    stage = await other.get(Key("Stage", "shop", "dev"))
    assert stage.uid != (await one.get(stage.key)).uid
    assert (await other.get(Key("Event", "shop", "e"))).data["involvedObject"]["uid"] == stage.uid
    await other.delete(stage.key)
    assert (await other.list(Query("Promotion"))).documents == []
    await one.close()
    await other.close()


async def test_one_project_without_secrets(tmp_path: Path) -> None:
    one = opened(tmp_path / "one")
    await fill(one)
    lines = [orjson.loads(line) for line in (await exported(one, Scope(("shop",), secrets=False))).splitlines()]
    kinds = [line["kind"] for line in lines[1:-1]]
    assert kinds == ["Namespace", "Project", "Stage", *["Promotion"] * 3, "Event"]
    assert b"aHVudGVyMg" not in orjson.dumps(lines)
    with pytest.raises(NotFound, match="'nope'"):
        await exported(one, Scope(("nope",)))
    await one.close()


async def test_what_is_there_already_stops_everything_before_it_begins(tmp_path: Path) -> None:
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    await fill(one)
    await other.create({"kind": "Namespace", "metadata": {"name": "shop"}})
    await other.create({"kind": "Stage", "metadata": {"name": "dev", "namespace": "shop"}, "spec": spec("two")})
    file = io.BytesIO(await exported(one))
    with pytest.raises(AlreadyExists, match="Stage shop/dev"):
        await restore(other, file, KINDS)
    assert len(await content(other)) == 2
    file.seek(0)
    report = await restore(other, file, KINDS, skip_existing=True)
    assert report.kept == {"Namespace": 1, "Stage": 1}
    stage = await other.get(Key("Stage", "shop", "dev"))
    assert stage.data["spec"] == spec("two")
    assert (await other.get(Key("Promotion", "shop", "dev.0"))).meta["ownerReferences"][0]["uid"] == stage.uid
    await one.close()
    await other.close()


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("metadata", "ownerReferences"), ["x"], r"line 9 .*metadata.ownerReferences"),
        (("metadata", "ownerReferences"), [{"uid": [1]}], r"line 9 .*metadata.ownerReferences"),
        (("metadata", "namespace"), ["shop"], r"line 9 .*metadata.namespace"),
        (("metadata", "labels"), {"a": 1}, r"line 9 .*metadata.labels"),
        (("metadata", "name"), "Not A Name", r"line 9 .*metadata.name"),
        (("apiVersion",), "v9", r"line 9 .*v9"),
        (("status",), "Succeeded", r"line 9 .*status"),
    ],
)
async def test_one_bad_document_stops_everything_before_it_begins(
    tmp_path: Path, place: tuple[str, ...], value: Any, told: str
) -> None:
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    await fill(one)
    lines = (await exported(one)).splitlines()
    data = orjson.loads(lines[8])
    holder = data["metadata"] if len(place) == 2 else data
    holder[place[-1]] = value
    lines[8] = orjson.dumps(data)
    with pytest.raises(Invalid) as refused:
        await restore(other, io.BytesIO(b"\n".join(lines)), KINDS)
    assert re.search(told, str(refused.value), re.DOTALL)
    assert await content(other) == {}
    await one.close()
    await other.close()


async def test_a_document_that_is_there_twice_stops_everything(tmp_path: Path) -> None:
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    await fill(one)
    lines = (await exported(one)).splitlines()
    end = orjson.dumps({"format": "argosy-export", "documents": len(lines) - 1})
    with pytest.raises(Invalid, match=r"holds Promotion shop/dev\.1 twice"):
        await restore(other, io.BytesIO(b"\n".join([*lines[:-1], promotion_line(lines), end])), KINDS)
    assert await content(other) == {}
    await one.close()
    await other.close()


def promotion_line(lines: list[bytes]) -> bytes:
    return next(line for line in lines if b'"name":"dev.1"' in line and b'"Promotion"' in line)


async def test_an_interrupted_import_is_finished_by_another(tmp_path: Path) -> None:
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    await fill(one)
    file = io.BytesIO(await exported(one))
    await other.create({"kind": "Namespace", "metadata": {"name": "shop"}})
    await other.create({"kind": "Stage", "metadata": {"name": "dev", "namespace": "shop"}, "spec": spec("one")})
    await restore(other, file, KINDS, skip_existing=True)
    assert (await other.get(Key("Stage", "shop", "dev"))).data["status"] == STATUS
    await one.close()
    await other.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: lines[:-1], "ends too early"),
        (lambda lines: [lines[0], *lines[2:]], "says it holds"),
        (lambda lines: lines[1:], "no export"),
        (lambda lines: [*lines, lines[1]], "after the last line"),
        (lambda lines: [lines[0], lines[1][:-2], *lines[2:]], "line 2 of the export is no JSON"),
        (lambda lines: [lines[0], b'{"kind": "Pod", "metadata": {"name": "x"}}', *lines[2:]], "'Pod'"),
        (lambda lines: [lines[0], b'{"kind": "Stage", "metadata": {"name": "x"}}', *lines[2:]], "no namespace"),
        (lambda lines: [lines[0], b"[]", *lines[2:]], "no JSON object"),
        (lambda lines: [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]], "version 2"),
    ],
    ids=["cut off", "a line gone", "no head", "two in one", "half a line", "foreign", "nowhere", "a list", "newer"],
)
async def test_a_file_that_is_not_sound_changes_nothing(tmp_path: Path, change: Any, told: str) -> None:
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    await fill(one)
    file = io.BytesIO(b"\n".join(change((await exported(one)).splitlines())))
    with pytest.raises(Invalid, match=told):
        await restore(other, file, KINDS)
    assert await content(other) == {}
    await one.close()
    await other.close()
