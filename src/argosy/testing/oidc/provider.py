"""Runs the provider: who has accounts, which clients it knows, which keys it signs with."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa

from argosy.testing.helm import tools_folder
from argosy.testing.port import free_port

VERSION = "9.13.3"
FOLDER = Path(__file__).parent
CLIENT, CLI, SECRETIVE, STRANGER = "argosy", "argosy-cli", "argosy-secretive", "stranger"
"""Clients: of the web UI, of the command line, one with a secret, and one of somebody else."""
SECRET = "a secret:of tests%"

ACCOUNTS: Mapping[str, Mapping[str, Any]] = {
    "jane": {"email": "jane@example.com", "email_verified": True, "name": "Jane", "groups": ["platform", "devs"]},
    "joe": {"email": "joe@example.com", "email_verified": True, "name": "Joe", "groups": ["devs"]},
}
"""Who can sign in, and what is told of them; the first does where nobody is asked for."""


def installed() -> Path:
    """Where `make tools` puts the package."""
    return tools_folder() / f"oidc-provider-{VERSION}"


def package() -> Path:
    """The package's module. Raises FileNotFoundError, with advice: a missing program is never a reason to skip."""
    found = installed() / "node_modules" / "oidc-provider" / "lib" / "index.js"
    if not found.exists() or not shutil.which("node"):
        raise FileNotFoundError("there is no oidc-provider, or no node: install Node.js 20 or newer, run `make tools`")
    return found


@dataclass
class SigningKey:
    """A key that ID tokens are signed with, by RS256."""

    name: str
    private: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def jwk(self) -> dict[str, str]:
        """The private key as the provider takes it."""
        numbers = self.private.private_numbers()
        public = numbers.public_numbers
        parts = {
            "n": public.n,
            "e": public.e,
            "d": numbers.d,
            "p": numbers.p,
            "q": numbers.q,
            "dp": numbers.dmp1,
            "dq": numbers.dmq1,
            "qi": numbers.iqmp,
        }
        return {"kty": "RSA", "kid": self.name, "use": "sig", "alg": "RS256"} | {
            name: urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).decode().rstrip("=")
            for name, value in parts.items()
        }


@dataclass(frozen=True)
class Running:
    """A provider that runs.

    Attributes:
        issuer: its URL.
        port: of the URL.
        keys: what it signs with.
    """

    issuer: str
    port: int
    keys: Sequence[SigningKey]


@contextlib.contextmanager
def oidc_provider(
    redirects: Sequence[str], keys: Sequence[SigningKey] | None = None, *, port: int = 0, seconds: int = 3600
) -> Iterator[Running]:
    """Serve until the block ends.

    Args:
        redirects: where browsers may be sent back to, with a code, and after signing out.
        keys: the first signs; by default a new one.
        port: of a provider that ran before; 0 takes a free one.
        seconds: that ID tokens are good for.

    Raises FileNotFoundError when there is none to run.
    """
    port = port or free_port()
    keys = keys or [SigningKey("first")]
    issuer = f"http://127.0.0.1:{port}"
    public = {"redirect_uris": [*redirects], "grant_types": ["authorization_code", "refresh_token"]}
    ends = [url.replace("/auth/callback", "/login") for url in redirects]
    common = {**public, "post_logout_redirect_uris": ends, "scope": "openid profile email groups offline_access"}
    native = {**common, "redirect_uris": ["http://localhost/auth/callback"], "application_type": "native"}
    config = {
        "issuer": issuer,
        "port": port,
        "seconds": seconds,
        "accounts": ACCOUNTS,
        "account": next(iter(ACCOUNTS)),
        "keys": [key.jwk() for key in keys],
        "clients": [
            {"client_id": CLIENT, "token_endpoint_auth_method": "none", **common},
            {"client_id": STRANGER, "token_endpoint_auth_method": "none", **common},
            {"client_id": SECRETIVE, "client_secret": SECRET, **common},
            {"client_id": CLI, "token_endpoint_auth_method": "none", **native, "post_logout_redirect_uris": []},
        ],
    }
    environment = {
        "PATH": os.environ["PATH"],
        "OIDC_PROVIDER": package().as_uri(),
        "OIDC_CONFIG": orjson.dumps(config).decode(),
    }
    process = subprocess.Popen(
        ["node", str(FOLDER / "provider.mjs")],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise RuntimeError("the provider did not start")
            yield Running(issuer, port, keys)
        finally:
            process.kill()
