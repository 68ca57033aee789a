"""Confinement: programs that read what strangers wrote see only the files they need, and connect only where they may.

Landlock does it, where the kernel has it (Linux 5.13, for connections 6.7); limits on memory and files hold everywhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from argosy.clients import confined
from argosy.clients.program import MIB

_SCRIPT = Path(confined.__file__)
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"),
    *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/ld.so.cache", "/etc/localtime", "/etc/passwd"),
    *("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/run/systemd/resolve"),
    *("/dev/zero", "/dev/random", "/dev/urandom", "/sys/kernel/mm/transparent_hugepage"),
)
_PASSED_ON = (
    *("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a program may touch besides the programs and certificates of the system.

    Attributes:
        read, write: folders and files.
        ports: TCP ports it may connect to; those of the proxies of the environment are added when there are any.
        memory, file: bytes of address space, and of one file.
    """

    read: Sequence[Path] = ()
    write: Sequence[Path] = ()
    ports: Collection[int] = ()
    memory: int = 4096 * MIB
    file: int = 256 * MIB

    def argv(self, *program: str) -> list[str]:
        """How to run a program within it; the first is the path of its file."""
        certificates = [os.environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
        ports = set(self.ports)
        order = {
            "read": [*_SYSTEM, *certificates, os.path.realpath(program[0]), *map(str, self.read)],
            "write": [os.devnull, *map(str, self.write)],
            "ports": sorted(ports | _proxy_ports(os.environ) if ports else ports),
            "memory": self.memory,
            "file": self.file,
        }
        return [sys.executable, "-I", "-S", str(_SCRIPT), orjson.dumps(order).decode(), *program]


@cache
def is_enforced() -> bool:
    """Whether the kernel keeps confined programs from other files."""
    return confined.abi() > 0


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a confined program: where programs and certificates are, and `home` for what is its own."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    folders = {
        "HOME": home,
        "TMPDIR": home / "tmp",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return passed_on | {name: str(folder) for name, folder in folders.items()} | {"LC_ALL": "C", "TZ": "UTC"} | more


def _proxy_ports(variables: Mapping[str, str]) -> set[int]:
    ports: set[int] = set()
    for name, value in variables.items():
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy") and value:
            url = urlsplit(value if "://" in value else f"http://{value}")
            ports.add(url.port or (443 if url.scheme == "https" else 80))
    return ports
