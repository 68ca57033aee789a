"""Signing commits and tags: git calls `gpg` or `ssh-keygen`, for which the key lies in a folder of its own meanwhile.

The key stands in no argument list, no environment and no log. Nothing of the machine's or the user's keyring is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from argosy.clients import program
from argosy.clients.git_keys import key_folder, place_for_sockets, write_key
from argosy.errors import Permanent

_PGP = "-----BEGIN PGP PRIVATE KEY BLOCK-----"
_GPG_CONF = "batch\nno-tty\npinentry-mode loopback\ntrust-model always\nno-auto-key-locate\nno-auto-key-retrieve\n"
_AGENT_CONF = "allow-loopback-pinentry\ndisable-scdaemon\nmax-cache-ttl 0\n"
_LIMITS = program.Limits(seconds=60.0)
_SIGNER = "argosy"
_REASONS = (
    (
        ("passphrase", "can't get input", "inappropriate ioctl"),
        "a passphrase protects it",
        "Give a key without a passphrase.",
    ),
    (("no secret key", "not found"), "it is no private key", "Export the private key, not the public one."),
    (
        ("unusable", "expired", "revoked", "disabled", "no default secret key"),
        "it has expired, was revoked or may not sign",
        "Give a key that is valid and may sign.",
    ),
)


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key without a passphrase: OpenPGP in armor, or SSH. Its `repr` shows nothing of it."""

    text: str

    def __repr__(self) -> str:
        return "SigningKey(...)"

    @property
    def is_ssh(self) -> bool:
        """Raises Permanent for what is neither kind of key."""
        if _PGP in self.text:
            return False
        first = self.text.strip().partition("\n")[0]
        if first.startswith("-----BEGIN ") and first.rstrip().endswith("PRIVATE KEY-----"):
            return True
        raise Permanent(
            "the signing key is no private key",
            advice="Give a private key: of GPG in armor (`gpg --export-secret-keys --armor`), or of SSH.",
        )


@dataclass(frozen=True, slots=True)
class Signing:
    """What lets git sign, and trust what the same key has signed: configuration and environment of a command."""

    config: tuple[tuple[str, str], ...]
    environment: Mapping[str, str]


@contextlib.asynccontextmanager
async def signing(key: SigningKey) -> AsyncIterator[Signing]:
    """Hold the key ready for git commands until the block ends. Raises Permanent for a key that cannot be used."""
    with key_folder(None if key.is_ssh else place_for_sockets()) as folder:
        if key.is_ssh:
            yield await _with_ssh(key, folder)
            return
        try:
            yield await _with_gpg(key, folder)
        finally:
            await asyncio.shield(_end_agent(folder))


async def detached_signature(key: SigningKey, text: str) -> str:
    """The signature of `text` as a tag carries it at its end, in armor. Raises Permanent for a key of no use."""
    async with signing(key) as ready:
        name = dict(ready.config)["user.signingKey"]
        folder = Path(ready.environment.get("GNUPGHOME") or Path(name).parent)
        command = ["ssh-keygen", "-Y", "sign", "-n", "git", "-f", name]
        if not key.is_ssh:
            command = ["gpg", "--detach-sign", "--armor", "--local-user", name]
        done = await _run(folder, *command, stdin=text.encode())
    if done.code != 0:
        raise _unusable(done.stderr.decode(errors="replace"))
    return done.stdout.decode()


async def _with_ssh(key: SigningKey, folder: Path) -> Signing:
    path, signers = folder / "key", folder / "signers"
    write_key(path, key.text)
    done = await _run(folder, "ssh-keygen", "-y", "-P", "", "-f", str(path))
    if done.code != 0:
        raise _unusable(done.stderr.decode(errors="replace"))
    public = " ".join(done.stdout.decode().split()[:2])
    signers.write_text(f'{_SIGNER} namespaces="git" {public}\n')
    path.with_suffix(".pub").write_text(f"{public}\n")
    config = (
        ("gpg.format", "ssh"),
        ("gpg.ssh.program", "ssh-keygen"),
        ("gpg.ssh.allowedSignersFile", str(signers)),
        ("user.signingKey", str(path)),
        ("commit.gpgSign", "true"),
    )
    return Signing(config, {})


async def _with_gpg(key: SigningKey, folder: Path) -> Signing:
    (folder / "gpg.conf").write_text(_GPG_CONF)
    (folder / "gpg-agent.conf").write_text(_AGENT_CONF)
    done = await _run(folder, "gpg", "--import", stdin=key.text.encode())
    if done.code != 0:
        raise _unusable(done.stderr.decode(errors="replace"))
    listed = await _run(folder, "gpg", "--with-colons", "--list-secret-keys")
    rows = [line.split(":") for line in listed.stdout.decode(errors="replace").splitlines()]
    prints = [row[9] for row in rows if row[0] == "fpr"]
    if not prints:
        raise _unusable("it holds no secret key")
    trial = await _run(folder, "gpg", "--detach-sign", "--armor", "--local-user", prints[0], stdin=b"trial")
    if trial.code != 0:
        raise _unusable(trial.stderr.decode(errors="replace"))
    config = (
        ("gpg.format", "openpgp"),
        ("gpg.program", "gpg"),
        ("user.signingKey", prints[0]),
        ("commit.gpgSign", "true"),
    )
    return Signing(config, {"GNUPGHOME": str(folder)})


async def _end_agent(folder: Path) -> None:
    """`gpg` starts an agent that would stay. It also ends by itself when its folder has gone."""
    with contextlib.suppress(Exception):
        await _run(folder, "gpgconf", "--kill", "all")


async def _run(folder: Path, *argv: str, stdin: bytes = b"") -> program.Finished:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "HOME": str(folder),
        "GNUPGHOME": str(folder),
    }
    return await program.run(program.Call(argv, environment, folder, stdin), _LIMITS)


def _unusable(why: str) -> Permanent:
    """`why` is what a program wrote. It is looked at and not shown: it speaks of folders that are gone."""
    lowered = why.lower()
    for words, message, advice in _REASONS:
        if any(word in lowered for word in words):
            return Permanent(f"the signing key cannot be used: {message}", advice=advice)
    return Permanent(
        "the signing key cannot be used: it cannot be read",
        advice="Export the private key again, whole, and without a passphrase.",
    )
