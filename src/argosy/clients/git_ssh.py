"""Git over SSH: the `ssh` program with a configuration of ours alone, one key, and host keys that must be right.

Neither the user's configuration, keys and agent nor the machine's are used. The key lies in a file for as long as one
command runs.
"""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from argosy.clients.git_keys import key_folder, write_key
from argosy.clients.login import Login
from argosy.errors import Permanent
from argosy.rules import git_url

_OPTIONS = (
    *("BatchMode yes", "PreferredAuthentications publickey", "PubkeyAuthentication yes", "IdentitiesOnly yes"),
    *("IdentityAgent none", "PasswordAuthentication no", "KbdInteractiveAuthentication no"),
    *("GlobalKnownHostsFile /dev/null", "UpdateHostKeys no", "VerifyHostKeyDNS no", "HashKnownHosts no"),
    *("ClearAllForwardings yes", "ForwardAgent no", "ForwardX11 no", "PermitLocalCommand no", "Tunnel no"),
    *("ControlMaster no", "ControlPath none", "CanonicalizeHostname no", "ProxyCommand none", "RequestTTY no"),
    *("LogLevel ERROR", "ConnectTimeout 20", "ConnectionAttempts 1"),
    # As over HTTP, a connection on which nothing moves for half a minute is over.
    *("ServerAliveInterval 15", "ServerAliveCountMax 2"),
)


@dataclass(frozen=True, slots=True)
class HostKeys:
    """Which host keys to trust where the Secret does not say.

    Attributes:
        known: a file of host keys; when it is given, other hosts are refused.
        learned: a folder of ours; otherwise the key that a host shows first is kept there, and must stay the same.
    """

    known: Path | None = None
    learned: Path | None = None


@contextlib.contextmanager
def ssh_environment(login: Login | None, address: git_url.Address, hosts: HostKeys) -> Iterator[dict[str, str]]:
    """What git needs in its environment to talk to the server of `address`, until the block ends.

    Raises Permanent when there is no key to log in with, or no way to know the host.
    """
    if login is None or not login.ssh_key:
        has = "a password, which is of no use over SSH" if login else "no key"
        raise Permanent(
            f"{address.url} is read over SSH, and there is {has}",
            advice="Add a Secret labelled kargo.akuity.io/cred-type: git whose sshPrivateKey is the key.",
        )
    with key_folder() as folder:
        write_key(folder / "key", login.ssh_key)
        lines = ["Host *", *_OPTIONS, f"IdentityFile {_quoted(folder / 'key')}"]
        lines += _trust(login, address, hosts, folder)
        (folder / "config").write_text("\n".join(lines) + "\n")
        yield {"GIT_SSH_COMMAND": f"ssh -F {shlex.quote(str(folder / 'config'))}", "GIT_SSH_VARIANT": "ssh"}


def _trust(login: Login, address: git_url.Address, hosts: HostKeys, folder: Path) -> list[str]:
    if login.known_hosts.strip():
        known = folder / "known_hosts"
        write_key(known, login.known_hosts)
        return ["StrictHostKeyChecking yes", f"UserKnownHostsFile {_quoted(known)}"]
    if hosts.known is not None:
        return ["StrictHostKeyChecking yes", f"UserKnownHostsFile {_quoted(hosts.known)}"]
    if hosts.learned is None:
        raise Permanent(
            f"the host key of {address.host} is not known",
            advice="Give the Secret knownHosts, as `ssh-keyscan` prints them, once you have compared them.",
        )
    hosts.learned.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A file of its own for each host: mending one is deleting its file.
    name = re.sub(r"[^a-z0-9.-]", "_", address.host.lower())
    return ["StrictHostKeyChecking accept-new", f"UserKnownHostsFile {_quoted(hosts.learned / name)}"]


def _quoted(path: Path) -> str:
    """A path in a configuration of ssh, which has quotes but no escapes, and expands `%`."""
    text = str(path).replace("%", "%%")
    if any(char in text for char in '"\n$'):
        raise Permanent(f"{path} cannot be named in a configuration of ssh", advice="Choose another folder.")
    return f'"{text}"'
