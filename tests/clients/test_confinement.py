"""Confined programs: what they may touch, in a real kernel."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from argosy.clients import confined
from argosy.clients.confinement import Confinement, environment, is_enforced
from argosy.clients.program import MIB, Call, Finished, Limits, run

READ = "import sys; print(open(sys.argv[1]).read())"
WRITE = "import sys\nwith open(sys.argv[1], 'w') as file: file.write('x')"
CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close(); print('connected')"
ALLOCATE = "import sys; print(len(bytes(int(sys.argv[1]))))"
PYTHON = Path(sys.base_prefix)


async def confined_python(confinement: Confinement, home: Path, code: str, *arguments: str) -> Finished:
    program = os.path.realpath(sys.executable)
    argv = confinement.argv(program, "-I", "-S", "-c", code, *arguments)
    return await run(Call(argv, environment(home), home, name="python"), Limits(seconds=30))


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside/file").write_text("allowed")
    (tmp_path / "outside").write_text("s3cret")
    (tmp_path / "inside/link").symlink_to(tmp_path / "outside")
    return tmp_path / "inside"


def test_this_kernel_has_landlock() -> None:
    assert is_enforced(), "the tests of confinement need a Linux kernel with Landlock (5.13 or later)"


@pytest.mark.parametrize(
    ("path", "code", "out"),
    [
        pytest.param("file", 0, b"allowed\n", id="a file inside"),
        pytest.param("../outside", 1, b"", id="a file outside"),
        pytest.param("link", 1, b"", id="a link out"),
        pytest.param("/proc/self/environ", 1, b"", id="the process"),
    ],
)
async def test_only_what_is_named_can_be_read(inside: Path, tmp_path: Path, path: str, code: int, out: bytes) -> None:
    done = await confined_python(Confinement(read=[inside, PYTHON]), tmp_path / "home", READ, str(inside / path))
    assert (done.code, done.stdout) == (code, out)
    assert b"PermissionError" in done.stderr or code == 0


async def test_only_what_is_named_can_be_written(inside: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    denied = await confined_python(Confinement(read=[inside, PYTHON]), home, WRITE, str(inside / "new"))
    assert b"PermissionError" in denied.stderr
    done = await confined_python(Confinement(read=[PYTHON], write=[inside]), home, WRITE, str(inside / "new"))
    assert (done.code, (inside / "new").read_text()) == (0, "x")
    through = await confined_python(Confinement(read=[PYTHON], write=[inside]), home, WRITE, str(inside / "link"))
    assert b"PermissionError" in through.stderr
    assert (tmp_path / "outside").read_text() == "s3cret"


async def test_only_named_ports_can_be_connected_to(tmp_path: Path) -> None:
    if confined.abi() < 4:
        pytest.fail("the tests of confinement need Linux 6.7 or later")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        denied = await confined_python(Confinement(read=[PYTHON], ports=[1]), tmp_path, CONNECT, str(port))
        assert b"PermissionError" in denied.stderr
        done = await confined_python(Confinement(read=[PYTHON], ports=[port]), tmp_path, CONNECT, str(port))
        assert done.stdout == b"connected\n"


async def test_memory_and_files_are_bounded(inside: Path, tmp_path: Path) -> None:
    small = Confinement(read=[PYTHON], write=[inside], memory=256 * MIB, file=0)
    done = await confined_python(small, tmp_path, ALLOCATE, str(512 * MIB))
    assert b"MemoryError" in done.stderr
    written = await confined_python(small, tmp_path, WRITE, str(inside / "new"))
    assert written.code != 0
    assert (inside / "new").read_text() == ""


def test_the_environment_holds_nothing_but_paths_and_proxies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOSY_SECRET", "s3cret")
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    made = environment(tmp_path / "home", EXTRA="1")
    assert "ARGOSY_SECRET" not in made
    assert (made["https_proxy"], made["EXTRA"], made["HOME"]) == ("http://proxy:3128", "1", str(tmp_path / "home"))


def test_the_port_of_a_proxy_is_allowed_where_any_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "proxy:3128")
    assert '"ports":[443,3128]' in " ".join(Confinement(ports=[443]).argv("/bin/true"))
    assert '"ports":[]' in " ".join(Confinement().argv("/bin/true"))
