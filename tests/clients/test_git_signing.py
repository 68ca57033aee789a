"""Keys to sign with: which can be used, what is said of those that cannot, and where they are meanwhile."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from argosy.clients.git_keys import key_folder, places, sweep, write_key
from argosy.clients.git_signing import SigningKey, signing
from argosy.errors import Permanent
from argosy.testing.signing_key import gpg_key, ssh_key


@pytest.fixture
def gpg() -> Iterator[str]:
    with gpg_key() as pair:
        yield pair.private


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where keys of this test lie; its path is as short as that of memory."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def left(place: Path) -> list[str]:
    return [path.name for path in place.glob("argosy-key-*")]


async def test_a_gpg_key_is_held_while_it_is_needed_and_no_longer(gpg: str) -> None:
    async with signing(SigningKey(gpg)) as ready:
        home = Path(ready.environment["GNUPGHOME"])
        assert home.stat().st_mode & 0o777 == 0o700
        assert dict(ready.config)["commit.gpgSign"] == "true"
        sockets = list(home.glob("S.gpg-agent"))
    assert sockets
    assert not home.exists()
    # An agent that still lived would answer on a socket of its own.
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(home) not in listed


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
async def test_an_ssh_key_lies_in_a_file_of_this_user_alone(place: Path, kind: str) -> None:
    pair = ssh_key(place, kind=kind)
    async with signing(SigningKey(f"  {pair.private.strip()}\r\n")) as ready:
        path = Path(dict(ready.config)["user.signingKey"])
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert left(place) == []


async def test_a_gpg_key_can_be_used_where_paths_are_long(
    gpg: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its agent listens on a socket, whose path may not be."""
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    async with signing(SigningKey(gpg)) as ready:
        assert not ready.environment["GNUPGHOME"].startswith(str(long))


async def test_nothing_is_left_when_the_block_fails(place: Path) -> None:
    pair = ssh_key(place)
    with pytest.raises(RuntimeError, match="stop"):
        async with signing(SigningKey(pair.private)):
            raise RuntimeError("stop")
    assert left(place) == []


def expired(_: Path) -> str:
    with gpg_key(options=("--faked-system-time", "20200101T000000")) as pair:
        return pair.private


def protected(_: Path) -> str:
    with gpg_key(passphrase="a b") as pair:
        return pair.private


def cut(_: Path) -> str:
    with gpg_key() as pair:
        return pair.private[:200]


USELESS: dict[str, tuple[Callable[[Path], str], str]] = {
    "an expired key": (expired, "has expired"),
    "a key with a passphrase": (protected, "without a passphrase"),
    "an SSH key with a passphrase": (lambda place: ssh_key(place, passphrase="geheim").private, "without a passphrase"),
    "half a key": (cut, "it cannot be read"),
    "half an SSH key": (lambda place: ssh_key(place).private[:200], "it cannot be read"),
    "a public key": (lambda place: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDM\n", "is no private key"),
    "something else": (lambda place: "hunter2", "is no private key"),
}


@pytest.mark.parametrize("why", USELESS)
async def test_a_key_that_cannot_be_used_is_told_with_advice_and_without_the_key(tmp_path: Path, why: str) -> None:
    make, told = USELESS[why]
    text = make(tmp_path)
    with pytest.raises(Permanent, match=told) as error:
        async with signing(SigningKey(text)):
            pass
    assert error.value.advice
    assert not [line for line in text.splitlines() if len(line) > 6 and line in str(error.value)]


def test_a_key_shows_in_no_text(gpg: str) -> None:
    key = SigningKey(gpg)
    assert gpg not in f"{key!r} {key}"


def test_sweeping_takes_what_a_crash_left_and_nothing_that_is_in_use(place: Path) -> None:
    with key_folder(place) as used:
        dead = place / "argosy-key-dead"
        dead.mkdir()
        write_key(dead / "lock", "")
        fresh = place / "argosy-key-fresh"
        fresh.mkdir()
        old = place / "argosy-key-old"
        old.mkdir()
        os.utime(old, (0, 0))
        link = place / "argosy-key-link"
        link.symlink_to(place)
        sweep([place])
        assert sorted(left(place)) == sorted([used.name, "argosy-key-fresh", "argosy-key-link"])


def test_keys_lie_in_memory_where_there_is_any() -> None:
    assert str(places()[0]) in (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm", os.environ.get("TMPDIR", "/tmp"))
