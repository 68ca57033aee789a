"""Where the LFS server of a repository read over SSH is, and what to log in with: its host says, over SSH.

The command `git-lfs-authenticate` and its answer are those of Git LFS (docs/api/server-discovery.md there).
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from argosy.clients import program
from argosy.clients.git import Remote
from argosy.clients.git_error import classify
from argosy.clients.git_ssh import HostKeys, ssh_environment
from argosy.errors import ArgosyError, Permanent
from argosy.rules import git_url

_SECONDS = 60.0
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Granted:
    """The server's URL, without `/objects/batch`, and headers to send to it, which hold secrets."""

    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)


class _Answer(BaseModel):
    href: str = ""
    header: dict[str, str] = Field(default_factory=dict)


async def authenticate(remote: Remote, hosts: HostKeys, operation: str = "download") -> Granted:
    """Ask the host of `remote` for its LFS server. Raises AuthenticationRefused, Temporary or Permanent."""
    address = git_url.parse(remote.url)
    user, host, port, path = _target(address)
    with ssh_environment(remote.login, address, hosts) as environment:
        argv = [
            *shlex.split(environment["GIT_SSH_COMMAND"]),
            *(["-p", port] if port else []),
            "--",
            f"{user}@{host}" if user else host,
            f"git-lfs-authenticate {shlex.quote(path)} {operation}",
        ]
        given = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": "/nonexistent"}
        call = program.Call(argv, given, Path("/"), name="ssh")
        done = await program.run(call, program.Limits(_SECONDS, _LONGEST))
    if done.code != 0:
        raise _refusal(remote, done)
    return _read(remote, host, path, done.stdout)


def _target(address: git_url.Address) -> tuple[str, str, str, str]:
    """User, host, port and path, of `ssh://user@host:port/path` or `user@host:path`."""
    if "://" in address.url:
        parts = urlsplit(address.url)
        return parts.username or "", parts.hostname or "", str(parts.port or ""), parts.path
    place, _, path = address.url.partition(":")
    user, _, host = place.rpartition("@")
    return user, host, "", path


def _refusal(remote: Remote, done: program.Finished) -> ArgosyError:
    told = done.stderr.decode(errors="replace").strip()
    if done.code == 255:  # of ssh itself, as ssh(1) says
        return classify(f"asking for the LFS server of {remote.url}", told, remote=True)
    return Permanent(
        f"the host of {remote.url} names no LFS server: {told[-300:] or f'exit code {done.code}'}",
        advice="Turn on Git LFS there, use the https:// URL with a token, or leave out lfs: true",
    )


def _read(remote: Remote, host: str, path: str, text: bytes) -> Granted:
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError:
        raise Permanent(
            f"the host of {remote.url} answers git-lfs-authenticate with something that is no answer to it",
            advice="Use the https:// URL of the repository with a token, or leave out lfs: true",
        ) from None
    bare = path.strip("/")
    guess = f"https://{host}/{bare}{'' if bare.endswith('.git') else '.git'}/info/lfs"
    return Granted((answer.href or guess).rstrip("/"), tuple(answer.header.items()))
