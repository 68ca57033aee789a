"""Discovery of images: what is found, and how few requests it takes."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from argosy.clients.http import Http, Policy, Refused
from argosy.clients.login import Login
from argosy.clients.oci import OCI_INDEX, OCI_MANIFEST, Oci, Target
from argosy.clock import SystemClock
from argosy.errors import Invalid, Permanent, Temporary
from argosy.resources.warehouse import ImageSubscription
from argosy.rules import image_url
from argosy.rules.image import CREATED_CLAIMS, CacheByTag, Wanted
from argosy.sources.image import discover
from argosy.sources.tag_index import TagIndexes
from argosy.testing.docker_registry import Auth, docker_registry, missing
from argosy.testing.image_push import NewImage, push_image
from argosy.testing.registry import Fault, Registry
from argosy.testing.stall import longest_turn_of

KEY = b"a key of the test"
ROBOT = Login("robot", "hunter2")
PLATFORMS = ("linux/amd64", "linux/arm64")


@pytest.fixture
async def oci() -> AsyncIterator[Oci]:
    http = Http(SystemClock(), Policy(connect=1.0, read=0.3, total=2.0, backoff=0.001, patience=0.05))
    yield Oci(http, SystemClock())
    await http.close()


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with Registry().serve() as served:
        yield served


@pytest.fixture
def indexes(oci: Oci) -> TagIndexes:
    return TagIndexes(oci, KEY)


def subscription(host: str, **fields: Any) -> ImageSubscription:
    return ImageSubscription.model_validate({"repoURL": f"{host}/app"} | fields)


def target(host: str, login: Login | None = None) -> Target:
    return Target(image_url.parse(f"{host}/app"), login)


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


async def push(oci: Oci, host: str, *tags: str, **fields: Any) -> list[str]:
    return [await push_image(oci, target(host), tag, NewImage(content=tag, **fields)) for tag in tags]


def tags_of(result: Any) -> list[str]:
    return [reference.tag for reference in result.references]


class TestStrategies:
    @pytest.mark.parametrize("strategy", ["SemVer", "Lexical"])
    async def test_choosing_among_very_many_tags_holds_up_nothing_else(
        self, registry: Registry, oci: Oci, indexes: TagIndexes, strategy: str
    ) -> None:
        [digest] = await push(oci, registry.host, "0.0.0")
        tags = [f"{number % 97}.{number}.0-rc.{number}" for number in range(30_000)]
        registry.content.repositories["app"].tags |= dict.fromkeys(tags, digest)
        fields = {"imageSelectionStrategy": strategy, "allowTagsRegexes": ["rc", "^[0-9.]+$"], "discoveryLimit": 1}
        wanted = subscription(registry.host, **fields)
        start = time.thread_time()
        Wanted(wanted).best_first(tags)
        at_once = time.thread_time() - start
        found, longest = await longest_turn_of(discover(wanted, indexes, None))
        assert len(tags_of(found)) == 1
        assert longest < at_once / 2

    async def test_versions_are_found_best_first_with_digest_annotations_and_time(
        self, registry: Registry, oci: Oci, indexes: TagIndexes
    ) -> None:
        annotations = {"org.opencontainers.image.revision": "abc"}
        digests = await push(oci, registry.host, "1.0.0", "1.1.0", annotations=annotations, created=day(2))
        await push(oci, registry.host, "latest")
        found = await discover(subscription(registry.host), indexes, None, name="app")
        assert found.dump() == {
            "repoURL": f"{registry.host}/app",
            "platform": "",
            "references": [
                {"tag": tag, "digest": digest, "annotations": annotations, "createdAt": "2026-01-02T00:00:00Z"}
                for tag, digest in (("1.1.0", digests[1]), ("1.0.0", digests[0]))
            ],
            "subscriptionName": "app",
        }

    async def test_only_as_many_images_are_looked_at_as_are_wanted(
        self, registry: Registry, oci: Oci, indexes: TagIndexes
    ) -> None:
        await push(oci, registry.host, *(f"1.{minor}.0" for minor in range(10)))
        registry.requests.clear()
        found = await discover(subscription(registry.host, discoveryLimit=3), indexes, None)
        assert tags_of(found) == ["1.9.0", "1.8.0", "1.7.0"]
        assert registry.count() == 1 + 3 * 2

    async def test_a_platform_rules_images_out_and_the_next_ones_take_their_place(
        self, registry: Registry, oci: Oci, indexes: TagIndexes
    ) -> None:
        both = await push(oci, registry.host, "1.0.0", "1.1.0", platforms=PLATFORMS)
        await push(oci, registry.host, "1.2.0", platforms=("linux/amd64",))
        await push(oci, registry.host, "1.3.0")
        wanted = subscription(registry.host, platform="linux/arm64", discoveryLimit=2)
        found = await discover(wanted, indexes, None)
        assert found.platform == "linux/arm64"
        assert [reference.digest for reference in found.references] == both[::-1]

    async def test_the_newest_build_whatever_its_tag(self, registry: Registry, oci: Oci, indexes: TagIndexes) -> None:
        for number, tag in enumerate(["zeta", "alpha", "beta"], 1):
            await push(oci, registry.host, tag, created=day(number))
        await push(oci, registry.host, "claimed", annotations={CREATED_CLAIMS[0]: "2026-01-09T00:00:00Z"})
        wanted = subscription(registry.host, imageSelectionStrategy="NewestBuild", discoveryLimit=3)
        assert tags_of(await discover(wanted, indexes, None)) == ["claimed", "beta", "alpha"]

    async def test_a_moving_tag_is_followed(self, registry: Registry, oci: Oci, indexes: TagIndexes) -> None:
        wanted = subscription(registry.host, imageSelectionStrategy="Digest", constraint="latest")
        assert tags_of(await discover(wanted, indexes, None)) == []
        seen = []
        for content in ("one", "two"):
            digest = await push_image(oci, target(registry.host), "latest", NewImage(content=content))
            found = await discover(wanted, indexes, None)
            assert [reference.digest for reference in found.references] == [digest]
            seen.append(digest)
        assert seen[0] != seen[1]
        registry.requests.clear()
        await discover(wanted, indexes, None)
        assert registry.requests == ["HEAD /v2/app/manifests/latest"]

    async def test_a_tag_that_was_deleted_meanwhile_is_left_out(
        self, registry: Registry, oci: Oci, indexes: TagIndexes
    ) -> None:
        await push(oci, registry.host, "1.0.0", "1.1.0")
        registry.faults.append(Fault("GET /v2/app/manifests/1.1.0", 404))
        assert tags_of(await discover(subscription(registry.host), indexes, None)) == ["1.0.0"]


class TestRequests:
    """What a look costs when nothing, or little, is new."""

    async def test_with_trusted_tags_a_look_without_news_is_one_request(
        self, registry: Registry, oci: Oci, indexes: TagIndexes
    ) -> None:
        await push(oci, registry.host, *(f"1.{minor}.0" for minor in range(30)), platforms=PLATFORMS)
        for strategy in ("SemVer", "Lexical", "NewestBuild"):
            wanted = subscription(registry.host, cacheByTag=True, imageSelectionStrategy=strategy)
            before = await discover(wanted, indexes, None)
            registry.requests.clear()
            assert await discover(wanted, indexes, None) == before
            assert registry.requests == ["GET /v2/app/tags/list?n=10000"]

    async def test_without_trust_each_image_costs_one_head(
        self, registry: Registry, oci: Oci, indexes: TagIndexes
    ) -> None:
        await push(oci, registry.host, "1.0.0", "1.1.0", platforms=PLATFORMS)
        await discover(subscription(registry.host), indexes, None)
        registry.requests.clear()
        await discover(subscription(registry.host), indexes, None)
        assert (registry.count("HEAD"), registry.count()) == (2, 3)

    async def test_a_moved_tag_is_noticed_only_without_trust(
        self, registry: Registry, oci: Oci, indexes: TagIndexes
    ) -> None:
        old = (await push(oci, registry.host, "1.0.0"))[0]
        trusting = subscription(registry.host, cacheByTag=True)
        await discover(trusting, indexes, None)
        new = await push_image(oci, target(registry.host), "1.0.0", NewImage(content="other"))
        assert (await discover(trusting, indexes, None)).references[0].digest == old
        assert (await discover(subscription(registry.host), indexes, None)).references[0].digest == new

    async def test_the_operator_may_forbid_trust(self, registry: Registry, oci: Oci, indexes: TagIndexes) -> None:
        await push(oci, registry.host, "1.0.0")
        trusting = subscription(registry.host, cacheByTag=True)
        await discover(trusting, indexes, None)
        registry.requests.clear()
        await discover(trusting, indexes, None, policy=CacheByTag.FORBID)
        assert registry.count("HEAD") == 1

    async def test_many_warehouses_on_one_repository_share_their_looks(
        self, registry: Registry, oci: Oci, indexes: TagIndexes
    ) -> None:
        await push(oci, registry.host, "1.0.0", "1.1.0")
        registry.requests.clear()
        found = await asyncio.gather(*(discover(subscription(registry.host), indexes, None) for _ in range(57)))
        assert all(tags_of(each) == ["1.1.0", "1.0.0"] for each in found)
        assert registry.count("tags/list") <= 2
        assert registry.count() < 20

    async def test_spellings_of_a_repository_share_one_index(self, oci: Oci, indexes: TagIndexes) -> None:
        one, other = (Target(image_url.parse(url)) for url in ("docker.io/library/nginx", "nginx"))
        assert indexes.of(one) is indexes.of(other)

    async def test_logins_do_not_share_what_they_see(self, registry: Registry, oci: Oci, indexes: TagIndexes) -> None:
        await push(oci, registry.host, "1.0.0")
        registry.auth, registry.users = "basic", {"robot": "hunter2"}
        wanted = subscription(registry.host, cacheByTag=True)
        assert tags_of(await discover(wanted, indexes, ROBOT)) == ["1.0.0"]
        for stranger in (None, Login("robot", "guessed")):
            with pytest.raises(Refused):
                await discover(wanted, indexes, stranger)


async def test_an_image_of_more_manifests_than_anybody_can_read_is_refused(
    registry: Registry, indexes: TagIndexes
) -> None:
    def index(name: str, *digests: str) -> str:
        platform = {"os": "linux", "architecture": "amd64"}
        entries = [{"digest": digest, "platform": platform} for digest in digests]
        content = orjson.dumps({"mediaType": OCI_INDEX, "manifests": entries, "annotations": {"name": name}})
        return registry.content.put_manifest("app", name, OCI_INDEX, content)

    config = registry.content.put_blob("app", b"{}")
    image = registry.content.put_manifest("app", "x", OCI_MANIFEST, orjson.dumps({"config": {"digest": config}}))
    many = [index(f"{first}-{second}", image) for first in range(30) for second in range(30)]
    index("1.0.0", *(index(f"of-{number}", *many[30 * number : 30 * number + 30]) for number in range(30)))
    wanted = subscription(registry.host, constraint="1.0.0")
    with pytest.raises(Permanent, match="more than 500 manifests"):
        await discover(wanted, indexes, None)
    assert registry.count("/manifests/") < 510


class TestKeptIndexes:
    async def test_an_index_survives_a_restart(self, registry: Registry, oci: Oci, tmp_path: Path) -> None:
        await push(oci, registry.host, "1.0.0", "1.1.0", created=day(1), platforms=PLATFORMS)
        wanted = subscription(registry.host, cacheByTag=True, platform=PLATFORMS[0])
        before = await discover(wanted, TagIndexes(oci, KEY, tmp_path / "cache"), None)
        registry.requests.clear()
        assert await discover(wanted, TagIndexes(oci, KEY, tmp_path / "cache"), None) == before
        assert registry.count() == 1

    async def test_its_file_is_private_and_names_neither_repository_nor_login(
        self, registry: Registry, oci: Oci, tmp_path: Path
    ) -> None:
        await push(oci, registry.host, "1.0.0")
        await discover(subscription(registry.host), TagIndexes(oci, KEY, tmp_path), ROBOT)
        [file] = tmp_path.iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        assert "app" not in file.name
        assert b"hunter2" not in file.read_bytes()

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"tags": "x"}'])
    async def test_a_damaged_index_is_built_anew(
        self, registry: Registry, oci: Oci, tmp_path: Path, content: bytes
    ) -> None:
        await push(oci, registry.host, "1.0.0")
        wanted = subscription(registry.host)
        before = await discover(wanted, TagIndexes(oci, KEY, tmp_path), None)
        [file] = tmp_path.iterdir()
        file.write_bytes(content)
        assert await discover(wanted, TagIndexes(oci, KEY, tmp_path), None) == before
        assert orjson.loads(file.read_bytes())["tags"] == ["1.0.0"]

    async def test_a_folder_that_cannot_be_written_costs_only_the_cache(
        self, registry: Registry, oci: Oci, tmp_path: Path
    ) -> None:
        await push(oci, registry.host, "1.0.0")
        (tmp_path / "file").touch()
        found = await discover(subscription(registry.host), TagIndexes(oci, KEY, tmp_path / "file" / "x"), None)
        assert tags_of(found) == ["1.0.0"]

    async def test_what_is_no_longer_tagged_is_forgotten(self, registry: Registry, oci: Oci, tmp_path: Path) -> None:
        await push(oci, registry.host, "1.0.0", "1.1.0")
        indexes = TagIndexes(oci, KEY, tmp_path)
        await discover(subscription(registry.host), indexes, None)
        registry.content.delete_tag("app", "1.0.0")
        await discover(subscription(registry.host), indexes, None)
        [file] = tmp_path.iterdir()
        kept = orjson.loads(file.read_bytes())
        assert (list(kept["digests"]), len(kept["images"])) == (["1.1.0"], 1)


class TestTrouble:
    async def test_progress_is_kept_when_the_registry_stops_answering(
        self, registry: Registry, oci: Oci, tmp_path: Path
    ) -> None:
        await push(oci, registry.host, *(f"1.{minor}.0" for minor in range(8)))
        indexes = TagIndexes(oci, KEY, tmp_path)
        wanted = subscription(registry.host, imageSelectionStrategy="NewestBuild")
        registry.faults.append(Fault("manifests/1.7.0", 429, {"retry-after": "0"}, times=3))
        with pytest.raises(Temporary, match="429"):
            await discover(wanted, indexes, None)
        registry.requests.clear()
        assert len((await discover(wanted, indexes, None)).references) == 8
        assert registry.count("HEAD") > 0

    @pytest.mark.parametrize(
        ("media_type", "body", "message"),
        [
            ("application/vnd.docker.distribution.manifest.v1+prettyjws", b"{}", "is no container image"),
            ("application/vnd.oci.image.index.v1+json", b'{"manifests": []}', "lists no image"),
            ("application/vnd.oci.image.manifest.v1+json", b"{}", "names no config"),
            ("", b"{}", "of no stated type"),
        ],
    )
    async def test_what_is_no_image_is_named(
        self, registry: Registry, indexes: TagIndexes, media_type: str, body: bytes, message: str
    ) -> None:
        registry.content.put_manifest("app", "1.0.0", media_type, body)
        with pytest.raises(Permanent, match=message) as caught:
            await discover(subscription(registry.host), indexes, None)
        assert f"{registry.host}/app@sha256:" in str(caught.value)

    async def test_a_config_that_is_not_json(self, registry: Registry, indexes: TagIndexes) -> None:
        config = registry.content.put_blob("app", b"\x00binary")
        manifest = orjson.dumps({"config": {"digest": config}})
        registry.content.put_manifest("app", "1.0.0", "application/vnd.oci.image.manifest.v1+json", manifest)
        with pytest.raises(Permanent, match="config is not a JSON object"):
            await discover(subscription(registry.host), indexes, None)

    async def test_indexes_within_indexes_have_an_end(self, registry: Registry, indexes: TagIndexes) -> None:
        media_type = "application/vnd.oci.image.index.v1+json"
        digest = "sha256:" + "0" * 64
        for _ in range(9):
            entry = {"digest": digest, "platform": {"os": "linux", "architecture": "amd64"}}
            body = orjson.dumps({"manifests": [entry]})
            digest = registry.content.put_manifest("app", "1.0.0", media_type, body)
        with pytest.raises(Permanent, match="is no container image"):
            await discover(subscription(registry.host), indexes, None)

    async def test_a_wrong_subscription_costs_no_request(self, registry: Registry, indexes: TagIndexes) -> None:
        wanted = subscription(registry.host, allowTags="^1")
        with pytest.raises(Invalid, match=rf"image {registry.host}/app: allowTags is no longer supported"):
            await discover(wanted, indexes, None)
        assert registry.count() == 0


@pytest.mark.parametrize("auth", ["none", "basic", "token"])
async def test_a_real_registry_in_every_mode(auth: Auth, tmp_path: Path, oci: Oci) -> None:
    if missing() and not os.environ.get("CI"):
        pytest.skip(f"not installed: {missing()}")
    async with docker_registry(tmp_path, auth, {"robot": "hunter2"}) as host:
        login = None if auth == "none" else ROBOT
        for tag in ("1.0.0", "1.1.0"):
            await push_image(oci, target(host, login), tag, NewImage(PLATFORMS, content=tag, created=day(1)))
        wanted = subscription(host, platform="linux/arm64", cacheByTag=True)
        found = await discover(wanted, TagIndexes(oci, KEY), login)
        assert tags_of(found) == ["1.1.0", "1.0.0"]
        assert found.references[0].created_at == day(1)
