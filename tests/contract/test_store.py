"""Every Store keeps these promises about writing, whatever keeps the documents."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from tests.contract.store_case import (
    STAGE,
    Backend,
    Factory,
    changed,
    config,
    eventually,
    eventually_gone,
    exists,
    label,
    meta,
    names,
    namespace,
    owner,
    stage,
    take,
    with_meta,
)

from argosy.errors import AlreadyExists, Conflict, Denied, Invalid, NotFound
from argosy.resources.meta import Document, Key
from argosy.store.base import Operator, PatchType, Query, Store
from argosy.testing.clock import FakeClock


class TestCreate:
    async def test_stamps_what_the_server_owns(self, store: Store, backend: Backend, clock: FakeClock) -> None:
        document = await store.create(stage(uid="mine", generation=7, creationTimestamp="1999-01-01T00:00:00Z"))
        assert backend.stamped(document.meta["creationTimestamp"], clock)
        assert document.meta["generation"] == 1
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", document.uid)
        assert document.meta["resourceVersion"] == str(document.version)
        assert document.data["apiVersion"] == "kargo.akuity.io/v1alpha1"

    async def test_gives_back_what_get_gives(self, store: Store) -> None:
        document = await store.create(stage())
        assert (await store.get(STAGE)).raw == document.raw

    async def test_ignores_the_status_of_kinds_that_have_the_subresource(self, store: Store) -> None:
        assert "status" not in (await store.create(stage() | {"status": {"phase": "Steady"}})).data

    async def test_later_writes_have_greater_versions_whatever_they_write(self, store: Store, backend: Backend) -> None:
        versions = [(await store.create(document)).version for document in (stage("a"), config(), stage("b"))]
        assert versions == sorted(set(versions))
        assert await backend.unmoved(store, versions[-1])

    async def test_a_name_is_taken_once(self, store: Store) -> None:
        await store.create(stage())
        with pytest.raises(AlreadyExists, match=r'stages\.kargo\.akuity\.io "test" already exists'):
            await store.create(stage())

    async def test_the_same_name_is_free_in_another_namespace_and_kind(self, store: Store) -> None:
        await store.create(namespace("q"))
        uids = {(await store.create(document)).uid for document in (stage(), stage(space="q"), config("test"))}
        assert len(uids) == 3

    async def test_makes_names_of_generate_name(self, store: Store) -> None:
        generated = [await store.create(stage("", generateName="test-")) for _ in range(5)]
        names = {document.key.name for document in generated}
        assert len(names) == 5
        assert all(re.fullmatch(r"test-[bcdfghjklmnpqrstvwxz2456789]{5}", name) for name in names)

    async def test_cuts_generate_name_so_that_a_label_remains(self, store: Store) -> None:
        document = await store.create(stage("", generateName="x" * 80))
        assert len(document.key.name) == 63

    async def test_needs_its_namespace(self, store: Store) -> None:
        with pytest.raises(NotFound, match='namespaces "nowhere" not found'):
            await store.create(stage(space="nowhere"))

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            pytest.param(stage("Upper"), "metadata.name", id="a name with capitals"),
            pytest.param(stage("a/b"), "metadata.name", id="a name with a slash"),
            pytest.param(stage("x" * 254), "metadata.name", id="a name of 254 characters"),
            pytest.param(stage(""), "metadata.name", id="no name"),
            pytest.param(stage("ok\n"), "metadata.name", id="a name that ends with a newline"),
            pytest.param(stage(space=""), "metadata.namespace", id="no namespace"),
            pytest.param(namespace("a.b"), "metadata.name", id="a namespace with a dot"),
            pytest.param(stage(resourceVersion="4"), "metadata.resourceVersion", id="a version"),
            pytest.param(stage(labels={"a": 1}), "metadata.labels", id="a label that is a number"),
            pytest.param(stage(labels={"a": "b c"}), "metadata.labels[a]", id="a label with a space"),
            pytest.param(stage(labels=["a"]), "metadata.labels", id="labels in a list"),
            pytest.param(stage(annotations={"a": None}), "metadata.annotations", id="an annotation that is null"),
            pytest.param(stage(finalizers="f"), "metadata.finalizers", id="finalizers in a string"),
            pytest.param(stage(ownerReferences=[{}]), "metadata.ownerReferences[0].uid", id="an owner without uid"),
        ],
    )
    async def test_refuses(self, store: Store, document: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as caught:
            await store.create(document)
        assert field in [problem.field for problem in caught.value.problems]

    @pytest.mark.parametrize(
        "document",
        [
            pytest.param({"kind": "Unheard", "metadata": {"name": "a"}}, id="an unknown kind"),
            pytest.param({"kind": "Stage"}, id="no metadata"),
            pytest.param({"kind": "Stage", "metadata": "x"}, id="metadata that is no object"),
            pytest.param(stage() | {"apiVersion": "v9"}, id="another apiVersion"),
            pytest.param(stage() | {"spec": {"n": 2**70}}, id="a number beyond 64 bits"),
            pytest.param(stage() | {"spec": {"a": "x" * 1_600_000}}, id="a document of more than 1.5 MiB"),
        ],
    )
    async def test_refuses_what_is_no_resource(self, store: Store, document: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            await store.create(document)

    @pytest.mark.parametrize("name", ["system:image-pullers", "Deploy Team"])
    async def test_roles_have_names_that_others_must_not_have(self, store: Store, name: str) -> None:
        role = {"kind": "Role", "metadata": {"name": name, "namespace": "p"}, "rules": []}
        key = (await store.create(role)).key
        assert (await store.get(key)).key == Key("Role", "p", name)
        await store.delete(key)
        with pytest.raises(Invalid, match="not valid"):
            await store.create({**role, "metadata": {"name": "a/b", "namespace": "p"}})

    async def test_a_dry_run_checks_everything_and_keeps_nothing(self, store: Store, backend: Backend) -> None:
        before = await store.version()
        document = await store.create(stage(), dry_run=True)
        assert document.uid
        assert not await exists(store, STAGE)
        assert await backend.unmoved(store, before)
        with pytest.raises(NotFound):
            await store.create(stage(space="nowhere"), dry_run=True)


class TestUpdate:
    async def test_replaces_the_spec_and_counts_the_generation(self, store: Store) -> None:
        document = await store.create(stage())
        updated = await store.update(changed(document, spec={"shard": "west"}))
        assert updated.data["spec"] == {"shard": "west"}
        assert updated.meta["generation"] == 2
        assert updated.version > document.version

    async def test_metadata_alone_leaves_the_generation(self, store: Store) -> None:
        document = await store.create(stage())
        updated = await store.update(with_meta(document, labels={"a": "b"}))
        assert updated.meta["generation"] == 1
        assert updated.meta["labels"] == {"a": "b"}

    async def test_of_an_old_version_is_a_conflict(self, store: Store) -> None:
        document = await store.create(stage())
        await store.update(changed(document, spec={"shard": "west"}))
        with pytest.raises(Conflict, match="changed by somebody else"):
            await store.update(changed(document, spec={"shard": "north"}))

    async def test_without_a_version_wins(self, store: Store) -> None:
        await store.create(stage())
        assert (await store.update(stage() | {"spec": {"shard": "west"}})).data["spec"] == {"shard": "west"}

    async def test_of_another_uid_is_a_conflict(self, store: Store) -> None:
        await store.create(stage())
        with pytest.raises(Conflict, match="uid"):
            await store.update(stage(uid="0000"))

    async def test_keeps_what_the_server_owns(self, store: Store) -> None:
        document = await store.create(stage())
        updated = await store.update(
            stage(creationTimestamp="1999-01-01T00:00:00Z", deletionTimestamp="1999-01-01T00:00:00Z", generation=99)
            | {"spec": {}}
        )
        assert updated.meta["creationTimestamp"] == document.meta["creationTimestamp"]
        assert updated.uid == document.uid
        assert updated.meta["generation"] == 2
        assert "deletionTimestamp" not in updated.meta

    async def test_ignores_the_status(self, store: Store) -> None:
        document = await store.create(stage())
        await store.update(changed(document, status={"phase": "A"}), status=True)
        updated = await store.update(stage() | {"status": {"phase": "B"}, "spec": {}})
        assert updated.data["status"] == {"phase": "A"}

    async def test_of_the_status_changes_only_it(self, store: Store) -> None:
        document = await store.create(stage())
        other = with_meta(document, labels={"a": "b"}) | {"spec": {}, "status": {"phase": "A"}}
        updated = await store.update(other, status=True)
        assert updated.data["status"] == {"phase": "A"}
        assert updated.data["spec"] == document.data["spec"]
        assert "labels" not in updated.meta
        assert updated.meta["generation"] == 1

    async def test_of_the_status_needs_the_subresource(self, store: Store) -> None:
        document = await store.create(config())
        with pytest.raises(Invalid, match="status subresource"):
            await store.update(changed(document, status={}), status=True)

    async def test_that_changes_nothing_gives_back_the_document_and_no_version(
        self, store: Store, backend: Backend
    ) -> None:
        document = await store.create(stage(labels={"a": "b"}))
        updated = await store.update(document.data)
        assert updated.raw == document.raw
        assert await backend.unmoved(store, document.version)

    async def test_of_what_is_not_there(self, store: Store) -> None:
        with pytest.raises(NotFound, match=r'stages\.kargo\.akuity\.io "test" not found'):
            await store.update(stage())

    async def test_keeps_fields_nobody_knows(self, store: Store) -> None:
        document = await store.create(stage() | {"novel": {"deep": [1, 2.5, None, "é"]}})
        assert (await store.get(STAGE)).data["novel"] == document.data["novel"] == {"deep": [1, 2.5, None, "é"]}

    async def test_a_dry_run_keeps_nothing(self, store: Store) -> None:
        document = await store.create(stage())
        tried = await store.update(changed(document, spec={"shard": "west"}), dry_run=True)
        assert tried.data["spec"] == {"shard": "west"}
        assert (await store.get(STAGE)).raw == document.raw

    async def test_of_one_version_by_many_succeeds_once(self, store: Store) -> None:
        document = await store.create(stage())
        writes = [store.update(changed(document, spec={"n": number})) for number in range(20)]
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert sum(isinstance(result, Document) for result in results) == 1
        assert sum(isinstance(result, Conflict) for result in results) == 19


class TestPatch:
    async def test_merge_sets_nests_and_removes(self, store: Store) -> None:
        await store.create(stage() | {"spec": {"a": {"b": 1, "c": 2}, "d": [1]}})
        patched = await store.patch(STAGE, {"spec": {"a": {"b": None, "e": 3}, "d": [2]}})
        assert patched.data["spec"] == {"a": {"c": 2, "e": 3}, "d": [2]}

    async def test_json_applies_its_operations_in_order(self, store: Store) -> None:
        await store.create(stage() | {"spec": {"a": [1, 2]}})
        operations = [
            {"op": "test", "path": "/spec/a/0", "value": 1},
            {"op": "add", "path": "/spec/a/-", "value": 3},
            {"op": "remove", "path": "/spec/a/0"},
        ]
        assert (await store.patch(STAGE, operations, PatchType.JSON)).data["spec"] == {"a": [2, 3]}

    async def test_json_that_fails_changes_nothing(self, store: Store) -> None:
        document = await store.create(stage())
        operations = [
            {"op": "add", "path": "/spec/b", "value": 3},
            {"op": "test", "path": "/spec/shard", "value": "west"},
        ]
        with pytest.raises(Invalid, match="operation 1"):
            await store.patch(STAGE, operations, PatchType.JSON)
        assert (await store.get(STAGE)).raw == document.raw

    async def test_strategic_joins_lists_by_their_keys_for_core_kinds(self, store: Store) -> None:
        await store.create(config(meta={"finalizers": ["a.b/c"]}, data={"a": "1", "b": "2"}))
        patch = {"metadata": {"finalizers": ["d.e/f"]}, "data": {"a": None, "c": "3"}}
        patched = await store.patch(Key("ConfigMap", "p", "c"), patch, PatchType.STRATEGIC)
        assert sorted(patched.meta["finalizers"]) == ["a.b/c", "d.e/f"]
        assert patched.data["data"] == {"b": "2", "c": "3"}

    async def test_strategic_is_for_core_kinds_alone(self, store: Store) -> None:
        await store.create(stage())
        with pytest.raises(Invalid, match="strategic"):
            await store.patch(STAGE, {}, PatchType.STRATEGIC)

    async def test_compares_the_version_in_it(self, store: Store) -> None:
        document = await store.create(stage())
        version = document.meta["resourceVersion"]
        await store.patch(STAGE, {"metadata": {"resourceVersion": version}, "spec": {"a": 1}})
        with pytest.raises(Conflict):
            await store.patch(STAGE, {"metadata": {"resourceVersion": version}, "spec": {"a": 2}})

    async def test_of_the_status_changes_only_it(self, store: Store) -> None:
        await store.create(stage())
        patched = await store.patch(STAGE, {"spec": {"a": 1}, "status": {"phase": "A"}}, status=True)
        assert patched.data["status"] == {"phase": "A"}
        assert "a" not in patched.data["spec"]

    @pytest.mark.parametrize("patch", [{"metadata": {"name": "b"}}, {"metadata": {"namespace": "q"}}, {"kind": "X"}])
    async def test_cannot_make_another_resource_of_it(self, store: Store, patch: dict[str, Any]) -> None:
        await store.create(stage())
        with pytest.raises(Invalid):
            await store.patch(STAGE, patch)

    async def test_that_changes_nothing_makes_no_version(self, store: Store, backend: Backend) -> None:
        document = await store.create(stage())
        assert (await store.patch(STAGE, {"spec": {"shard": "east"}})).version == document.version
        assert await backend.unmoved(store, document.version)

    async def test_of_different_fields_by_many_all_hold(self, store: Store) -> None:
        await store.create(stage())
        await asyncio.gather(*(store.patch(STAGE, {"status": {f"f{n}": n}}, status=True) for n in range(50)))
        assert (await store.get(STAGE)).data["status"] == {f"f{n}": n for n in range(50)}


class TestDelete:
    async def test_removes_and_returns_the_last_state(self, store: Store) -> None:
        document = await store.create(stage())
        last = await store.delete(STAGE)
        assert last.uid == document.uid
        assert last.data["spec"] == document.data["spec"]
        with pytest.raises(NotFound):
            await store.delete(STAGE)

    async def test_compares_uid_and_version(self, store: Store) -> None:
        document = await store.create(stage())
        with pytest.raises(Conflict):
            await store.delete(STAGE, uid="other")
        with pytest.raises(Conflict):
            await store.delete(STAGE, version=document.version + 1)
        await store.delete(STAGE, uid=document.uid, version=document.version)
        assert not await exists(store, STAGE)

    async def test_waits_for_finalizers(self, store: Store, backend: Backend, clock: FakeClock) -> None:
        await store.create(stage(finalizers=["a.b/c", "a.b/d"]))
        await clock.advance(60)
        stamped = await store.delete(STAGE)
        assert backend.stamped(stamped.meta["deletionTimestamp"], clock)
        assert stamped.meta["generation"] == 2
        assert (await store.delete(STAGE)).raw == stamped.raw
        await store.patch(STAGE, {"metadata": {"finalizers": ["a.b/d"]}})
        assert await exists(store, STAGE)
        await store.patch(STAGE, {"metadata": {"finalizers": None}})
        assert not await exists(store, STAGE)

    async def test_takes_no_new_finalizers_once_it_began(self, store: Store) -> None:
        await store.create(stage(finalizers=["a.b/c"]))
        await store.delete(STAGE)
        with pytest.raises(Invalid) as caught:
            await store.patch(STAGE, {"metadata": {"finalizers": ["a.b/c", "a.b/d"]}})
        assert "metadata.finalizers" in str(caught.value)
        assert "a.b/d" in str(caught.value)

    async def test_a_dry_run_keeps_it(self, store: Store) -> None:
        document = await store.create(stage())
        await store.delete(STAGE, dry_run=True)
        assert (await store.get(STAGE)).raw == document.raw

    async def test_of_an_owner_takes_along_what_it_alone_owns(self, store: Store) -> None:
        first, second = await store.create(stage("a")), await store.create(stage("b"))
        await store.create(config("both", meta={"ownerReferences": [owner(first), owner(second)]}))
        child = await store.create(config("child", meta={"ownerReferences": [owner(first)]}))
        await store.create(config("grandchild", meta={"ownerReferences": [owner(child)]}))
        await store.delete(first.key)
        await eventually_gone(store, Key("ConfigMap", "p", "grandchild"))
        assert not await exists(store, child.key)

        async def released() -> bool:
            return (await meta(store, Key("ConfigMap", "p", "both")))["ownerReferences"] == [owner(second)]

        await eventually(released)

    async def test_can_orphan_what_is_owned(self, store: Store) -> None:
        first = await store.create(stage("a"))
        child = await store.create(config("child", meta={"ownerReferences": [owner(first)]}))
        await store.delete(first.key, propagation="Orphan")
        await eventually_gone(store, first.key)
        assert "ownerReferences" not in (await store.get(child.key)).meta

    async def test_in_the_foreground_lets_the_owner_go_last(self, store: Store) -> None:
        first = await store.create(stage("a"))
        blocking = owner(first, blockOwnerDeletion=True)
        held = config("child", meta={"ownerReferences": [blocking], "finalizers": ["a.b/c"]})
        child = await store.create(held)
        stamped = await store.delete(first.key, propagation="Foreground")
        assert stamped.meta["finalizers"] == ["foregroundDeletion"]

        async def going() -> bool:
            return "deletionTimestamp" in await meta(store, child.key)

        await eventually(going)
        assert await exists(store, first.key)
        await store.patch(child.key, {"metadata": {"finalizers": None}})
        await eventually_gone(store, child.key)
        await eventually_gone(store, first.key)

    async def test_in_the_foreground_of_what_owns_nothing_waits_for_nothing(self, store: Store) -> None:
        await store.create(stage())
        await store.delete(STAGE, propagation="Foreground")
        await eventually_gone(store, STAGE)

    async def test_owners_in_a_circle_go_together(self, store: Store) -> None:
        first = await store.create(config("a"))
        second = await store.create(config("b", meta={"ownerReferences": [owner(first)]}))
        await store.patch(first.key, {"metadata": {"ownerReferences": [owner(second)]}})
        await store.delete(first.key)
        await eventually_gone(store, second.key)
        assert not await exists(store, first.key)


class TestNamespace:
    async def test_goes_with_all_it_holds(self, store: Store) -> None:
        for number in range(300):
            await store.create(config(f"c{number}"))
        terminating = await store.delete(Key("Namespace", "", "p"))
        assert terminating.data["status"]["phase"] == "Terminating"
        await eventually_gone(store, Key("Namespace", "", "p"))
        assert (await store.list(Query("ConfigMap", "p"))).documents == []

    async def test_that_is_empty_goes(self, store: Store) -> None:
        await store.delete(Key("Namespace", "", "p"))
        await eventually_gone(store, Key("Namespace", "", "p"))

    async def test_waits_for_the_finalizers_inside_and_takes_nothing_new(self, store: Store) -> None:
        await store.create(stage(finalizers=["a.b/c"]))
        await store.delete(Key("Namespace", "", "p"))

        async def going() -> bool:
            return "deletionTimestamp" in await meta(store, STAGE)

        await eventually(going)
        with pytest.raises(Denied, match=r"being (deleted|terminated)"):
            await store.create(config())
        await store.patch(STAGE, {"metadata": {"finalizers": None}})
        await eventually_gone(store, Key("Namespace", "", "p"))

    async def test_is_active_from_the_start(self, store: Store) -> None:
        assert (await store.get(Key("Namespace", "", "p"))).data["status"] == {"phase": "Active"}

    async def test_of_an_owner_goes_with_it(self, store: Store) -> None:
        project = await store.create({"kind": "Project", "metadata": {"name": "q"}})
        space = namespace("q")
        space["metadata"]["ownerReferences"] = [owner(project)]
        await store.create(space)
        await store.create(stage(space="q"))
        await store.delete(project.key)
        await eventually_gone(store, Key("Namespace", "", "q"))
        assert not await exists(store, Key("Stage", "q", "test"))


class TestReopening:
    async def test_everything_is_there_and_watches_resume(
        self, store: Store, backend: Backend, tmp_path: Path, clock: FakeClock
    ) -> None:
        first = await store.create(stage("a", labels={"tier": "front"}))
        second = await store.create(stage("b"))
        await store.close()
        store = backend.open(tmp_path, clock)
        assert (await store.get(first.key)).raw == first.raw
        assert await backend.unmoved(store, second.version)
        assert await names(store, Query("Stage", labels=label("tier", Operator.EXISTS))) == ["a"]
        events = store.watch(Query("Stage"), since=first.version)
        assert await take(events, 1) == [("ADDED", "b")]
        await events.aclose()
        assert (await store.create(stage("c"))).version > second.version
        await store.close()

    async def test_closing_finishes_what_was_accepted(
        self, store: Store, factory: Factory, tmp_path: Path, clock: FakeClock
    ) -> None:
        writes = [asyncio.ensure_future(store.create(config(f"c{number}"))) for number in range(200)]
        await asyncio.sleep(0)
        await store.close()
        documents = await asyncio.gather(*writes)
        store = factory(tmp_path, clock)
        assert {document.key for document in (await store.list(Query("ConfigMap", "p"))).documents} == {
            document.key for document in documents
        }
        await store.close()
