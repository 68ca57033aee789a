"""Keys to sign with, made for a test, and a judge of signatures that shares no code with Argosy."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argosy.testing.git_repository import GitRepository

KARGO = "Kargo <no-reply@kargo.io>"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key as a Secret would hold it, and what trusts it.

    Attributes:
        private: the key's text.
        config: configuration with which `git verify-commit` trusts this key alone.
        environment: what that needs besides.
    """

    private: str = field(repr=False)
    config: Sequence[str]
    environment: dict[str, str]

    def trusts(self, repository: GitRepository, revision: str, *, kind: str = "commit") -> bool:
        """Whether a commit or (`kind="tag"`) a tag of the repository bears a good signature of this key."""
        arguments = [word for pair in self.config for word in ("-c", pair)]
        done = subprocess.run(
            ["git", f"--git-dir={repository.path}", *arguments, f"verify-{kind}", revision],
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **self.environment},
            capture_output=True,
            check=False,
        )
        return done.returncode == 0


@contextlib.contextmanager
def gpg_key(user: str = KARGO, *, passphrase: str = "", options: Sequence[str] = ()) -> Iterator[KeyPair]:
    """A GPG key of `user`. `options` go before the command, such as `--faked-system-time`."""
    # Sockets lie in this folder, whose path must be short.
    home = tempfile.mkdtemp(prefix="gpg-")
    environment = {"PATH": os.environ["PATH"], "GNUPGHOME": home}
    Path(home, "gpg-agent.conf").write_text("s2k-count 65536\n")  # otherwise it takes seconds to find a good one

    def gpg(*arguments: str) -> str:
        secret = ("--pinentry-mode", "loopback", "--passphrase", passphrase)
        command = ["gpg", "--batch", "--quiet", *secret, *options, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        return done.stdout.decode()

    try:
        expires = "1d" if options else "never"
        gpg("--quick-generate-key", user, "ed25519", "sign", expires)
        private = gpg("--armor", "--export-secret-keys")
        yield KeyPair(private, ("gpg.format=openpgp",), {"GNUPGHOME": home})
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False)
        shutil.rmtree(home, ignore_errors=True)


def ssh_key(folder: Path, *, passphrase: str = "", kind: str = "ed25519") -> KeyPair:
    """An SSH key; `folder` must exist and may hold one key of a kind."""
    path = folder / f"id_{kind}"
    size = ("-b", "2048", "-m", "PEM") if kind == "rsa" else ()
    command = ["ssh-keygen", "-q", "-t", kind, *size, "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True)
    signers = folder / f"signers_{kind}"
    signers.write_text(f"kargo {path.with_suffix('.pub').read_text()}")
    config = ("gpg.format=ssh", f"gpg.ssh.allowedSignersFile={signers}")
    return KeyPair(path.read_text(), config, {})
