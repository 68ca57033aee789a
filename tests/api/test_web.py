"""The pages of the UI: one for every address of it, files that are kept for ever, and nothing else open."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from argosy.api.web import Web, is_page


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>the page</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "main-abc.js").write_text("1;" * 600)
    (folder / "assets" / "main-abc.js.gz").write_bytes(gzip.compress(b"1;" * 600))
    (folder / "secret.txt").write_text("nobody asked for this")
    return folder


def visitor(folder: Path) -> httpx2.AsyncClient:
    app = Starlette(routes=[Route("/{path:path}", Web(folder))])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://argosy")


@pytest.mark.parametrize("path", ["/", "/login", "/project/a", "/project/a/stage/b%2Fc", "/settings", "/create/x"])
async def test_every_address_of_the_ui_is_the_one_page(built: Path, path: str) -> None:
    async with visitor(built) as caller:
        answer = await caller.get(path)
    assert answer.status_code == 200
    assert "the page" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


async def test_files_named_by_their_content_are_kept_for_ever_and_sent_short(built: Path) -> None:
    async with visitor(built) as caller:
        await caller.get("/")
        answer = await caller.get("/assets/main-abc.js", headers={"Accept-Encoding": "gzip, br;q=0.5"})
        plain = await caller.get("/assets/main-abc.js", headers={"Accept-Encoding": "identity"})
        again = await caller.get("/assets/main-abc.js", headers={"If-None-Match": answer.headers["etag"]})
        head = await caller.head("/assets/main-abc.js", headers={"Accept-Encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text == plain.text == "1;" * 600
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (again.status_code, again.content) == (304, b"")
    assert (head.headers["content-length"], head.content) == ("1200", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/assets/none.js",
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/projects-and-more",
    ],
)
async def test_nothing_else_is_there(built: Path, path: str) -> None:
    async with visitor(built) as caller:
        answer = await caller.get(path)
    assert answer.status_code == 404
    assert "nobody" not in answer.text


async def test_whoever_browses_to_what_is_not_there_sees_a_page_that_says_so(built: Path) -> None:
    async with visitor(built) as caller:
        accepting = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        seen = await caller.get("/nothing", headers=accepting)
        assert (seen.status_code, seen.text) == (404, (await caller.get("/")).text)
        assert "content-security-policy" in seen.headers
        for other in (await caller.post("/nothing", headers=accepting), await caller.get("/nothing")):
            assert (other.status_code, "the page" in other.text) == (404, False)


async def test_pages_are_only_read(built: Path) -> None:
    async with visitor(built) as caller:
        answer = await caller.post("/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_checkout_without_built_pages_says_how_to_build_them(tmp_path: Path) -> None:
    async with visitor(tmp_path / "none") as caller:
        answer = await caller.get("/project/a")
    assert answer.status_code == 404
    assert "make ui" in answer.text


async def test_pages_built_anew_are_served_without_a_restart_and_open_ones_go_on(built: Path) -> None:
    async with visitor(built) as caller:
        await caller.get("/")
        (built / "assets" / "main-abc.js").unlink()
        (built / "index.html").write_text("<!doctype html><title>another page</title>")
        os.utime(built / "index.html", ns=(1, 1))
        assert "another" in (await caller.get("/")).text
        assert (await caller.get("/assets/main-abc.js", headers={"Accept-Encoding": "identity"})).status_code == 200
        (built / "index.html").unlink()
        assert (await caller.get("/")).status_code == 404


def test_no_path_of_the_api_is_a_page() -> None:
    for path in ("/apis/kargo.akuity.io", "/api/v1", "/v1beta1/projects", "/openapi.json", "/metrics", "/auth/login"):
        assert not is_page(path)


async def test_the_guard_lets_everybody_read_pages_and_nothing_more(client: httpx2.AsyncClient) -> None:
    client.headers.pop("Authorization")
    assert (await client.get("/login")).headers["content-type"] == "text/html; charset=utf-8"
    assert (await client.get("/v1beta1/projects")).status_code == 401
    assert (await client.get("/somewhere")).status_code == 401
