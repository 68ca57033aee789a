"""Git URLs: one spelling for comparing them, and what may be read off them. Nothing here talks to a server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

_SCP = re.compile(r"^((?:[\w-]+@)?[\w-]+(?:\.[\w-]+)*)(?::(.*))?$", re.ASCII)
_HOST = re.compile(r"^(?:[^\s\[\]<>\"\\^`{|}/?#@:]*|\[[0-9a-f:.%\w]+\])(?::\d*)?$", re.IGNORECASE)
_SSH_USER_HOST = re.compile(
    r"^(?:(?P<user>\w[\w.-]*)@)?(?P<host>[a-z0-9][a-z0-9_.-]*|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?$",
    re.ASCII | re.IGNORECASE,
)
_PATH_SAFE = "/:@!$&'()*+,;=~-._%"
_LOOPBACK = re.compile(r"^(localhost|127(\.\d{1,3}){3}|::1)\Z", re.ASCII | re.IGNORECASE)


def sanitize(url: str) -> str:
    """Without unprintable characters and outer spaces, as pasted text often has them."""
    return "".join(char for char in url if char.isprintable()).strip()


def normalize(url: str) -> str:
    """The spelling under which two Git URLs are compared: lower case, no user of HTTP URLs, no `.git`, no last slash.

    `git@host:path` becomes `ssh://git@host/path`. What cannot be normalised (a query, a broken host) comes back as it
    is. Matches `NormalizeGit` in Kargo's `pkg/urls/git.go`.
    """
    lowered = sanitize(url.lower())
    if lowered.startswith(("http://", "https://", "ssh://")):
        return _normalize_url(lowered) or url
    matched = _SCP.match(lowered)
    if matched is None:
        return url
    user_host, path = matched[1], _trim(matched[2] or "")
    if ":" in path.split("/", 1)[0]:
        return url
    return f"ssh://{user_host}/{quote(path, safe=_PATH_SAFE + '?#')}" if path else f"ssh://{user_host}"


def _normalize_url(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    user, at, host = parts.netloc.rpartition("@")
    if parts.query or not _HOST.match(host):
        return None
    netloc = host if parts.scheme in ("http", "https") else f"{user}{at}{host}"
    path = quote(_trim(parts.path), safe=_PATH_SAFE)
    return urlunsplit(SplitResult(parts.scheme, netloc, path, "", parts.fragment))


def _trim(path: str) -> str:
    return path.removesuffix("/").removesuffix(".git")


@dataclass(frozen=True, slots=True)
class Address:
    """A Git URL taken apart. `url` holds no password, and no user unless it is one of SSH; `password` is a secret."""

    url: str
    scheme: str
    host: str
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Address(url={self.url!r})"

    @property
    def is_web(self) -> bool:
        """Whether it is read over HTTP, with or without TLS."""
        return self.scheme in ("http", "https")

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine."""
        return is_loopback(self.host)

    @property
    def origin(self) -> str:
        """Scheme, host and port: all that a credential is bound to."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def identity(self) -> str:
        """The spelling that keys caches of the repository's content.

        Unlike `normalize` it keeps the case of the path: two repositories whose names differ in case are not the same,
        and handing one's content to readers of the other would be worse than fetching twice.
        """
        if self.scheme not in ("http", "https"):
            return self.url
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.lower()}{_trim(parts.path)}"


def parse(url: str) -> Address:
    """Take `url` apart. Never raises: what is no URL of a repository has an empty scheme."""
    cleaned = sanitize(url)
    if cleaned.startswith("/"):
        return Address(url=cleaned, scheme="file", host="")
    if "://" not in cleaned:
        return _parse_scp(cleaned)
    try:
        parts = urlsplit(cleaned)
        host = parts.hostname or ""
    except ValueError:
        return Address(url=cleaned, scheme="", host="")
    if parts.scheme == "ssh":
        return _parse_ssh(cleaned, parts)
    user, _, netloc = parts.netloc.rpartition("@")
    if parts.scheme not in ("http", "https") or not user:
        return Address(url=cleaned, scheme=parts.scheme, host=host)
    username, _, password = user.partition(":")
    bare = urlunsplit(parts._replace(netloc=netloc))
    return Address(bare, parts.scheme, host, unquote(username), unquote(password))


def _parse_scp(text: str) -> Address:
    """`user@host:path`. Two colons would call a helper program of Git's, a dash be an option of `ssh`: refused."""
    user_host, colon, path = text.partition(":")
    found = _SSH_USER_HOST.match(user_host)
    if found is None or not colon or not path or path.startswith(("-", ":")):
        return Address(url=text, scheme="", host="")
    return Address(url=text, scheme="ssh", host=found["host"], username=found["user"] or "")


def _parse_ssh(text: str, parts: SplitResult) -> Address:
    """`ssh://user@host:port/path`. What could be taken for an option of `ssh` is refused; a password is taken out."""
    user, at, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    found = _SSH_USER_HOST.match(f"{name}{at}{host}")
    if found is None or not parts.path.strip("/") or parts.path.startswith("/-") or parts.query or parts.fragment:
        return Address(url=text, scheme="", host="")
    bare = urlunsplit(parts._replace(netloc=f"{name}{at}{host}"))
    return Address(url=bare, scheme="ssh", host=found["host"].strip("[]"), username=name)


def resolve_relative(base: str, url: str) -> str:
    """The URL that a submodule's `url` means in a repository with the URL `base`: as Git, `./` and `../` are relative.

    Raises ValueError when it would lead out of the server that `base` names.
    """
    if not url.startswith(("./", "../")):
        return url
    rest, separator, start = url, "/", base.rstrip("/")
    while rest.startswith(("./", "../")):
        if rest.startswith("../"):
            cut = max(start.rfind("/"), start.rfind(":"))
            separator, start = start[cut : cut + 1], start[: max(cut, 0)]
        rest = rest.removeprefix("../") if rest.startswith("../") else rest.removeprefix("./")
    found = parse(f"{start}{separator}{rest.rstrip('/')}")
    home = parse(base)
    if not found.scheme or (found.scheme, found.host) != (home.scheme, home.host):
        raise ValueError(f"{url} leads out of {base}")
    return found.url


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, is this machine."""
    return _LOOPBACK.match(host) is not None
