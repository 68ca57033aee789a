"""What Git says when it fails, turned into errors that advise. Git has few exit codes: its words must be read."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import quote

from argosy.clients.login import Login
from argosy.errors import ArgosyError, Conflict, Failed, NotFound, Permanent, Temporary

_USER_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")


class PushRejected(Conflict):
    """The remote branch moved, so it was not pushed to: fetch, integrate and push again."""


class PushRefused(Failed):
    """The server forbids this push (a protected branch, a hook). Trying again will not help."""


class MergeConflict(Failed):
    """Our commits and the remote's changed the same lines. A person must resolve that."""


class AuthenticationRefused(Permanent):
    """The server refused the login, or wants one."""


class HostKeyRefused(Permanent):
    """The server shows another host key than the one known, or none is known."""


class RepositoryNotFound(Permanent):
    """There is no such repository, or the login may not see it."""


class CorruptRepository(Temporary):
    """The local copy is damaged. It is fetched anew at its next refresh."""


def redact(text: str, login: Login | None) -> str:
    """`text` without the login's secrets in any spelling and without users in URLs."""
    text = _USER_IN_URL.sub("", text)
    if login is None:
        return text
    # Some servers take a token as the user name, with no password.
    secret = login.password or login.username
    basic = base64.b64encode(f"{login.username}:{login.password}".encode()).decode()
    for line in login.ssh_key.splitlines():
        text = text.replace(line.strip(), "***") if len(line.strip()) > 8 else text
    for spelling in (secret, quote(secret), quote(secret, safe=""), basic):
        text = text.replace(spelling, "***") if spelling else text
    return text


def _says(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)


_NO_KEY = _says(
    r"permission denied \(", "load key .*: (invalid format|error in libcrypto|incorrect passphrase|permission denied)"
)
_HOST_KEY = _says("host key verification failed", "remote host identification has changed")
_UNAUTHENTICATED = _says("authentication failed", "could not read (username|password)", "returned error: 401")
_FORBIDDEN = _says("returned error: 403", "access denied", "permission.* denied", "you are not allowed to")
_NO_REPOSITORY = _says(
    r"repository .* not found",
    "does not appear to be a git repository",
    "returned error: (404|410)",
    "repository .* does not exist",
)
_BROKEN = _says("fsck error in packed object")
_NO_REF = _says(
    "couldn't find remote ref",
    "not our ref",
    "request for unadvertised object",
    "unknown revision",
    "needed a single revision",
    "not a valid (commit|object)",
)
_NO_OTHER_OBJECTS = _says("request for unadvertised object", "does not allow request for")
_UNTRUSTED = _says(
    "SSL certificate problem", "certificate verif", "certificate subject name", "self.signed certificate"
)
_NO_PROTOCOL = _says("transport '.*' not allowed", "unable to find remote helper", "protocol .* not supported")
_FULL = _says("no space left on device", "disk quota exceeded")
_UNREACHABLE = _says(
    "could not resolve host",
    "connection closed by|kex_exchange_identification|no route to host",
    "connection (refused|reset|timed out)",
    "failed to connect",
    "operation too slow",
    "timed out",
    "early eof",
    "rpc failed",
    "unexpected disconnect",
    "hung up",
    "empty reply",
    "returned error: (408|425|429|5..)",
    "network is unreachable",
    "ssl_connect|gnutls|tls connection",
    "unable to access",
    "expected flush",
    "bad line length",
    "invalid server response",
    "not valid: is this a git repository",
)
# Lines that start with "remote:" are the server's and say nothing of our copy.
_CORRUPT = _says(
    r"^(fatal|error): (?!remote).*(is corrupt|is empty|bad object|corrupt)",
    r"^(fatal|error): not a git repository",
    r"^(fatal|error): (unable to read (tree|sha1|object)|failed to (read|traverse)|could not parse (commit|object))",
    r"^(fatal|error): .*(inflate|packfile .* cannot be accessed|bad (pack|config|index|tree))",
    r"^(fatal|error): .*missing (blob|tree|commit|object|necessary)",
    r"^(fatal|error): .*did not send all necessary objects",
    r"^(fatal|error): could not fetch [0-9a-f]+ from promisor remote",
)
# Some of these come from the fetch that Git started by itself. Commands that are about no server say none of them.
_LACKS = _says(
    "lazy fetching disabled",
    "could not fetch [0-9a-f]+ from promisor remote",
    "^fatal: (unable to access|authentication failed for|could not read from remote repository)",
    "^fatal: transport '.*' not allowed",
)


def classify(what: str, stderr: str, *, remote: bool) -> ArgosyError:
    """The error for a git command that failed.

    Args:
        what: the deed and its place, such as `Fetching https://host/repo`.
        stderr: what git wrote, already redacted.
        remote: whether the command talked to a server; then an unknown failure is worth another try.
    """
    said = _gist(stderr)
    for pattern, make in _REMOTE if remote else _LOCAL:
        if pattern.search(stderr):
            return make(f"{what} failed: {said}")
    return Temporary(f"{what} failed: {said}") if remote else Permanent(f"{what} failed: {said}")


def lacks_contents(stderr: str) -> bool:
    """Whether a command in a partial clone lacked an object and could not fetch it."""
    return _LACKS.search(stderr) is not None


def classify_promised(deed: str, url: str, stderr: str) -> ArgosyError:
    """As `classify`, for a command in a partial clone that could fetch from `url` what it lacked."""
    if not lacks_contents(stderr):
        return classify(deed, stderr, remote=False)
    what = f"{deed}, which needs contents of {url},"
    error = classify(what, stderr, remote=True)
    if _NO_OTHER_OBJECTS.search(stderr):
        advice = "This server does not support partial clones: take `blobless` out"
        return Permanent(f"{what} failed: {_gist(stderr)}", advice=advice)
    if isinstance(error, CorruptRepository):  # what is lacking is at the server, not damaged
        return Temporary(error.message)
    return error


_TELLING = re.compile(r"(fatal:|error:|remote:|!|ERROR:|Host key|ssh: |kex_|Connection |\S+@\S+: |No \S+ host key)")


def _gist(stderr: str) -> str:
    """The telling lines of git's output, on one line of at most 500 characters."""
    lines = [
        line.strip() for line in stderr.splitlines() if line.strip() and not line.startswith(("hint:", "warning:"))
    ]
    telling = [line for line in lines if _TELLING.match(line)] or lines
    return " ".join(telling)[:500].rstrip(".") or "git gave no reason"


def _advise(kind: Callable[..., ArgosyError], advice: str) -> Callable[[str], ArgosyError]:
    return lambda message: kind(message, advice=advice)


_Table = tuple[tuple[re.Pattern[str], Callable[[str], ArgosyError]], ...]
_LOCAL: _Table = (
    (_FULL, _advise(Temporary, "Free some disk space in the data directory")),
    (_CORRUPT, _advise(CorruptRepository, "The local copy of the repository will be fetched anew")),
    (_NO_REF, _advise(NotFound, "Check that the branch, tag or commit exists in the repository")),
)
_REMOTE: _Table = (
    (
        _HOST_KEY,
        _advise(
            HostKeyRefused,
            "Find out why the key of the host is another. If it was changed on purpose, write the new one into "
            "knownHosts of the Secret, or delete the host's file in the folder host-keys of the data folder",
        ),
    ),
    (
        _NO_KEY,
        _advise(
            AuthenticationRefused,
            "Check sshPrivateKey of the credentials Secret: a private key without a passphrase, whose public key the "
            "server knows",
        ),
    ),
    (
        _UNAUTHENTICATED,
        _advise(
            AuthenticationRefused,
            "Check the username and password of the credentials Secret for this repository, or add one labelled "
            "kargo.akuity.io/cred-type: git",
        ),
    ),
    (
        _UNTRUSTED,
        _advise(
            Permanent,
            "Add its authority to the trusted ones (SSL_CERT_FILE), or set insecureSkipTLSVerify if you must",
        ),
    ),
    (_NO_PROTOCOL, _advise(Permanent, "Use an https:// URL; file:// is read only where the operator allows it")),
    *_LOCAL[:1],
    (_BROKEN, _advise(Permanent, "The repository holds an object that could harm its readers; remove it from there")),
    (_NO_REPOSITORY, _advise(RepositoryNotFound, "Check the URL, and that the credentials may see the repository")),
    (_NO_REF, _advise(NotFound, "Check that the branch, tag or commit exists in the repository")),
    (_FORBIDDEN, _advise(AuthenticationRefused, "Give these credentials access to the repository")),
    (_UNREACHABLE, _advise(Temporary, "")),
    *_LOCAL[1:2],
)

_MOVED = _says(
    r"\((non-fast-forward|fetch first|stale info|cannot lock ref.*|incorrect old value provided|failed to update ref"
    r"|reference already exists|needs force|remote ref updated since checkout)\)"
)

_IN_THE_WAY = _says(r"'(refs/[^']*)' exists; cannot create")


# A transaction says why it failed only beside the report.
_TRANSACTION_LOST = _says(r"cannot lock ref '[^']*': (reference already exists|is at |unable to create)")


def classify_push(what: str, report: str, stderr: str) -> ArgosyError:
    """The error for a push that failed: `report` is its `--porcelain` output, `stderr` already redacted."""
    rejected = "; ".join(line.split("\t")[-1] for line in report.splitlines() if line.startswith("!"))
    if not rejected:
        return classify(what, stderr, remote=True)
    lost = "(atomic transaction failed)" in rejected and _TRANSACTION_LOST.search(stderr)
    in_the_way = _IN_THE_WAY.search(stderr)
    if not in_the_way and (lost or _MOVED.search(rejected)):
        return PushRejected(f"{what} was rejected: {rejected}", advice="The branch moved; integrate its commits first")
    hints = " ".join(line.removeprefix("remote:").strip() for line in stderr.splitlines() if line.startswith("remote:"))
    reason = f"{rejected} {hints}".strip()[:500]
    advice = "Check the branch's protection rules and the server's hooks"
    if in_the_way:
        advice = f"Choose another name, or delete {in_the_way[1]}: one cannot lie below the other"
    return PushRefused(f"{what} was refused: {reason}", advice=advice)
