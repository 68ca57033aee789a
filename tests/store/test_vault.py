"""Secrets are nowhere in the clear, cannot be passed off as others, and outlive a change of keys."""

from __future__ import annotations

import base64
import os
import sqlite3
from pathlib import Path

import pytest
from tests.store.store_case import KINDS, database, keys, namespace, open_at, secret

from argosy.clock import SystemClock
from argosy.errors import Invalid, Unavailable
from argosy.resources.meta import Key
from argosy.store.base import Query
from argosy.store.sql import open_store
from argosy.store.vault import Vault

VALUE = base64.b64encode(b"correct horse battery staple").decode()
HERE = Key("Secret", "p", "a")


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in database(folder).parent.iterdir())


async def fill(folder: Path) -> None:
    store = open_at(folder, SystemClock())
    await store.create(namespace())
    await store.create(secret("a", VALUE))
    await store.patch(HERE, {"data": {"v": VALUE[::-1]}})
    await store.patch(HERE, {"data": {"v": VALUE}})
    await store.create(secret("b", VALUE))
    await store.delete(Key("Secret", "p", "b"))
    assert VALUE.encode() not in everything(folder)
    await store.close()


async def test_no_file_of_the_database_tells_a_secret(tmp_path: Path) -> None:
    await fill(tmp_path)
    assert VALUE.encode() not in everything(tmp_path)
    assert VALUE[::-1].encode() not in everything(tmp_path)
    store = open_at(tmp_path, SystemClock())
    assert (await store.get(HERE)).data["data"] == {"v": VALUE}
    assert VALUE not in repr(await store.get(HERE))
    page = await store.list(Query("Secret", fields={"type": "Opaque"}))
    assert [document.data["data"] for document in page.documents] == [{"v": VALUE}]
    events = store.watch(Query("Secret"), since=1)
    seen = [await anext(events) for _ in range(5)]
    assert [event.document.data["data"]["v"] for event in seen if event.document] == [
        VALUE,
        VALUE[::-1],
        VALUE,
        VALUE,
        VALUE,
    ]
    await events.aclose()
    await store.close()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE resource SET name = 'c' WHERE name = 'a'", id="under another name"),
        pytest.param("UPDATE resource SET namespace = 'q' WHERE name = 'a'", id="in another namespace"),
        pytest.param("UPDATE resource SET uid = 'other' WHERE name = 'a'", id="with another uid"),
        pytest.param("UPDATE resource SET stored = '{}' WHERE name = 'a'", id="replaced by something in the clear"),
        pytest.param("UPDATE resource SET stored = x'01' WHERE name = 'a'", id="cut short"),
    ],
)
async def test_a_secret_tampered_with_is_refused(tmp_path: Path, change: str) -> None:
    await fill(tmp_path)
    with sqlite3.connect(database(tmp_path)) as connection:
        connection.execute(change)
    connection.close()
    store = open_at(tmp_path, SystemClock())
    with pytest.raises(Unavailable, match="cannot be decrypted"):
        await store.list(Query("Secret"))
    await store.close()


@pytest.mark.parametrize("place", [1, 10, 30, -1], ids=["key", "nonce", "content", "tag"])
def test_one_changed_byte_is_refused(tmp_path: Path, place: int) -> None:
    vault = Vault.unlock(keys(tmp_path), create=True)
    sealed = bytearray(vault.seal(HERE, "uid", b'{"kind": "Secret"}'))
    sealed[place] ^= 1
    with pytest.raises(Unavailable, match="cannot be decrypted"):
        vault.open(HERE, "uid", bytes(sealed))


async def test_rotation_seals_everything_again_and_forgets_the_old_key(tmp_path: Path) -> None:
    await fill(tmp_path)
    old = keys(tmp_path).read_bytes()
    store = open_at(tmp_path, SystemClock())
    await store.rotate()
    assert (await store.get(HERE)).data["data"] == {"v": VALUE}
    await store.create(secret("c", VALUE))
    await store.close()
    new = keys(tmp_path).read_bytes()
    assert new != old
    store = open_at(tmp_path, SystemClock())
    assert len((await store.list(Query("Secret"))).documents) == 2
    events = store.watch(Query("Secret"), since=1)
    assert len([await anext(events) for _ in range(6)]) == 6
    await events.aclose()
    await store.close()
    keys(tmp_path).write_bytes(old)
    store = open_at(tmp_path, SystemClock())
    with pytest.raises(Unavailable, match="does not hold"):
        await store.get(HERE)
    await store.close()


async def test_without_its_key_file_a_database_with_secrets_is_refused(tmp_path: Path) -> None:
    await fill(tmp_path)
    keys(tmp_path).unlink()
    with pytest.raises(Unavailable, match=r"key file .* is missing"):
        open_at(tmp_path, SystemClock())
    assert not keys(tmp_path).exists()


def test_the_key_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    os.umask(os.umask(0o000))
    Vault.unlock(keys(tmp_path), create=True)
    assert keys(tmp_path).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in keys(tmp_path).parent.iterdir()] == ["ring"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    Vault.unlock(keys(tmp_path), create=True)
    keys(tmp_path).chmod(mode)
    with pytest.raises(Unavailable, match="open to others") as caught:
        Vault.unlock(keys(tmp_path), create=True)
    assert f"chmod 600 {keys(tmp_path)}" in caught.value.advice


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": []}', b'{"keys": [{"id": "x", "key": "y"}]}', b"\xff"])
def test_a_file_that_is_no_key_ring_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ring"
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(Unavailable, match="not a key ring"):
        Vault.unlock(path, create=True)
    assert path.read_bytes() == content


def test_the_key_file_may_not_lie_beside_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{database(tmp_path)}"
    with pytest.raises(Invalid, match="lies in the folder of the database"):
        open_store(url, KINDS, clock=SystemClock(), key_file=database(tmp_path).parent / "keys" / "ring")


def test_the_same_document_is_sealed_differently_each_time(tmp_path: Path) -> None:
    vault = Vault.unlock(keys(tmp_path), create=True)
    sealed = {vault.seal(HERE, "uid", b"{}") for _ in range(100)}
    assert len(sealed) == 100
    assert {vault.open(HERE, "uid", item) for item in sealed} == {b"{}"}
