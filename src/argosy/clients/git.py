"""The `git` program: isolated from the machine's and the repository's configuration, credentials, bounded in time.

Every call names its repository (`GIT_DIR`) and work tree (`GIT_WORK_TREE`), so that nothing found in a work tree can
stand in for them; no hook, filter, monitor or submodule named by a tree runs.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

from argosy.clients import program
from argosy.clients.git_environment import CONFIG, FIXED, OFFLINE, inherited
from argosy.clients.git_error import classify, classify_promised, lacks_contents, redact
from argosy.clients.git_signing import SigningKey
from argosy.clients.git_ssh import HostKeys, ssh_environment
from argosy.clients.git_trace import TRACE, hear
from argosy.clients.host import Host
from argosy.clients.login import Login, PlainHttp
from argosy.clock import Clock, SystemClock
from argosy.errors import ArgosyError, Permanent, Temporary
from argosy.meter import UNMETERED, Meter
from argosy.rules import git_url
from argosy.rules.push_integration import Integration

_HELPER = (
    '!f() { test "$1" = get && '
    'printf "username=%s\\npassword=%s\\n" "$ARGOSY_GIT_USERNAME" "$ARGOSY_GIT_PASSWORD"; }; f'
)
_OLDEST = (2, 36)
_Access = tuple[dict[str, str], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command works: a repository, perhaps a work tree of it, and configuration that holds only there."""

    git_dir: Path
    work_tree: Path | None = None
    config: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a server. `url` carries no user; build it with `Remote.of`."""

    url: str
    login: Login | None = None
    verify_tls: bool = True

    @classmethod
    def of(cls, url: str, login: Login | None = None, *, verify_tls: bool = True) -> Remote:
        """A user and password within `url` become the login, unless one is given."""
        address = git_url.parse(url)
        if login is None and address.password:
            login = Login(address.username, address.password)
        return cls(address.url, login, verify_tls)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator allows: `file://` and local paths, logins over plain HTTP; seconds a command may take; how
    commits that are new on a branch are integrated before a push; which hosts are trusted over SSH; how many commands
    may talk to one server, and how many seconds of pause that it asks for are waited out."""

    allow_file: bool = False
    plain_http: PlainHttp = PlainHttp.NEVER
    local_seconds: float = 300.0
    remote_seconds: float = 600.0
    per_host: int = 8
    patience: float = 5.0
    integration: Integration = Integration.REBASE_OR_MERGE
    host_keys: HostKeys = field(default_factory=HostKeys)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command that did well said."""

    code: int
    stdout: bytes

    @property
    def text(self) -> str:
        """Standard output without its last line end; bytes that are not UTF-8 are replaced."""
        return self.stdout.decode(errors="replace").rstrip("\n")


@dataclass(frozen=True, slots=True)
class Extra:
    """What few commands need: input, environment, configuration, exit codes that are answers, seconds of its own; how
    many bytes of output are enough, so that git is ended when there are more; whether it cannot be begun again when it
    broke off (`once`)."""

    stdin: bytes = b""
    environment: Mapping[str, str] | None = None
    config: tuple[tuple[str, str], ...] = ()
    accept: Sequence[int] = (0,)
    seconds: float | None = None
    enough: int | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who commits, and when (seconds since 1970): with the date pinned, the same commit gets the same ID again.

    With a key to sign with, it gets the same ID only when its signature is kept (`sources/commit_object.py`).
    """

    name: str
    email: str
    date: int
    key: SigningKey | None = None

    def environment(self) -> dict[str, str]:
        """What git reads author and committer from."""
        return {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", self.name), ("EMAIL", self.email), ("DATE", f"@{self.date} +0000"))
        }


class Git:
    """Runs `git`. One instance serves the process; at most `policy.per_host` commands talk to one host at once."""

    def __init__(self, policy: Policy | None = None, clock: Clock | None = None, meter: Meter = UNMETERED) -> None:
        self.policy = policy or Policy()
        self._clock = clock or SystemClock()
        self._meter = meter
        self._hosts: dict[str, Host] = {}
        self._inherited = inherited(os.environ)

    async def check_version(self) -> str:
        """The version of git. Raises Permanent when it is missing or too old."""
        answer = await self.local(Place(Path("/nonexistent")), "version")
        found = re.search(r"(\d+)\.(\d+)", answer.text)
        if found is None or (int(found[1]), int(found[2])) < _OLDEST:
            oldest = ".".join(map(str, _OLDEST))
            raise Permanent(f"{answer.text} is too old", advice=f"Install git {oldest} or newer")
        return answer.text.removeprefix("git version ")

    async def local(self, place: Place, *args: str, extra: Extra | None = None) -> Answer:
        """Run a command that talks to no server.

        Raises CorruptRepository, NotFound (no such revision), Temporary (disk full, too slow) or Permanent.
        """
        extra = extra or Extra()
        done = await self._offline(place, args, extra)
        if done.code in extra.accept:
            return Answer(done.code, done.stdout)
        raise classify(f"git {args[0]}", done.stderr.decode(errors="replace"), remote=False)

    async def promised(self, place: Place, remote: Remote, *args: str, extra: Extra | None = None) -> Answer:
        """Run a command that is about no server in a partial clone of `remote`, whose promisor `place` configures.

        The server is asked only when the command turns out to lack contents, and at once for one that cannot be begun
        again.
        Raises what `local` raises, and what `remote` does when contents are lacking and cannot be had.
        """
        extra = extra or Extra()
        done = None if extra.once else await self._offline(place, args, extra)
        # Old versions of Git are killed by the pipe to the fetch that may not be.
        if done is None or done.code < 0 or lacks_contents(done.stderr.decode(errors="replace")):
            done = await self.attempt(place, remote, *args, extra=extra)
        complaint = done.stderr.decode(errors="replace")
        if done.code in extra.accept and not lacks_contents(complaint):
            return Answer(done.code, done.stdout)
        raise self._postponed(classify_promised(f"git {args[0]}", remote.url, complaint), remote)

    async def remote(self, place: Place, remote: Remote, *args: str, extra: Extra | None = None) -> Answer:
        """Run a command that talks to `remote`, whose URL the caller puts among `args`.

        Raises AuthenticationRefused, RepositoryNotFound, NotFound (no such ref), Temporary (network, 429, 5xx) or
        Permanent.
        """
        extra = extra or Extra()
        done = await self.attempt(place, remote, *args, extra=extra)
        if done.code in extra.accept:
            return Answer(done.code, done.stdout)
        error = classify(f"git {args[0]} on {remote.url}", done.stderr.decode(errors="replace"), remote=True)
        raise self._postponed(error, remote)

    def _postponed(self, error: ArgosyError, remote: Remote) -> ArgosyError:
        """`error`, which is worth another try only when the server wants to be asked again."""
        if isinstance(error, Temporary):
            error.after = self._host(git_url.parse(remote.url)).pause
        return error

    async def attempt(self, place: Place, remote: Remote, *args: str, extra: Extra) -> program.Finished:
        """As `remote`, but return failures too, with secrets taken out of what git wrote."""
        address = git_url.parse(remote.url)
        self._check_allowed(address)
        if extra.seconds is None:
            extra = replace(extra, seconds=self.policy.remote_seconds)
        if args[0] == "ls-remote":
            extra = replace(extra, environment={**(extra.environment or {}), **TRACE})
        host = self._host(address)
        async with host.turn():
            try:
                with self._access(remote, address) as access:
                    done = await self._run(place, args, extra, self._environment(place, extra, access))
            except Temporary as error:
                raise Temporary(f"git {args[0]} on {remote.url} failed: {error.message}") from error
        heard = hear(done.stderr.decode(errors="replace"), self._clock)
        if heard.throttled:
            host.throttled(heard.after)
        else:
            host.succeeded()
        if args[0] == "ls-remote" and not done.code and not done.stdout and not heard.by_git and address.is_web:
            raise Temporary(f"git ls-remote on {remote.url} failed: the answer breaks off, or is none of a Git server")
        return replace(done, stderr=redact(heard.complaint, remote.login).encode())

    def _host(self, address: git_url.Address) -> Host:
        """The turns to talk to a server. One that asks to be left alone is, by everyone."""
        known = self._hosts.get(address.origin)
        if known is None:
            known = Host(address.host, self._clock, self.policy.per_host, self.policy.patience)
            self._hosts[address.origin] = known
        return known

    def _check_allowed(self, address: git_url.Address) -> None:
        if address.scheme in ("http", "https", "ssh") and address.host:
            return
        if address.scheme == "file" and self.policy.allow_file:
            return
        reason = {"file": "local repositories are not allowed here"}
        raise Permanent(
            f"{address.url} cannot be read: {reason.get(address.scheme, 'this is no URL of a Git repository')}",
            advice="Use an https:// URL",
        )

    @contextlib.contextmanager
    def _access(self, remote: Remote, address: git_url.Address) -> Iterator[_Access]:
        """Environment and configuration of one call."""
        if address.scheme == "ssh":
            with ssh_environment(remote.login, address, self.policy.host_keys) as environment:
                yield environment, [("protocol.ssh.allow", "always")]
        else:
            yield self._credentials(remote, address)

    def _credentials(self, remote: Remote, address: git_url.Address) -> _Access:
        """Of a call that is not over SSH. The helper is bound to the scheme, host and port of the URL."""
        config = [("protocol.file.allow", "always" if self.policy.allow_file else "never")]
        if not remote.verify_tls:
            config.append(("http.sslVerify", "false"))
        login = remote.login
        if login is None or address.scheme == "file":
            return {}, config
        self.policy.plain_http.check(address.scheme, address.host, where=address.url)
        if any(char in login.username + login.password for char in "\n\r\0"):
            raise Permanent(
                f"The credentials for {address.url} hold a line break",
                advice="Write the Secret again without a line break at the end of its values",
            )
        config.append((f"credential.{address.origin}.helper", _HELPER))
        # Git asks for the password alone when a user name is known, and some servers take any user name.
        user = login.username or "git"
        return {"ARGOSY_GIT_USERNAME": user, "ARGOSY_GIT_PASSWORD": login.password}, config

    def _environment(self, place: Place, extra: Extra, access: _Access | None = None) -> dict[str, str]:
        secrets, config = access or ({}, [])
        pairs = [*CONFIG, *place.config, *extra.config, *config]
        return {
            **self._inherited,
            **FIXED,
            **(extra.environment or {}),
            **secrets,
            "GIT_DIR": str(place.git_dir),
            **({"GIT_WORK_TREE": str(place.work_tree)} if place.work_tree else {}),
            "GIT_CONFIG_COUNT": str(len(pairs)),
            **{f"GIT_CONFIG_KEY_{index}": key for index, (key, _) in enumerate(pairs)},
            **{f"GIT_CONFIG_VALUE_{index}": value for index, (_, value) in enumerate(pairs)},
        }

    async def _offline(self, place: Place, args: Sequence[str], extra: Extra) -> program.Finished:
        return await self._run(place, args, extra, {**self._environment(place, extra), **OFFLINE})

    async def _run(
        self, place: Place, args: Sequence[str], extra: Extra, environment: dict[str, str]
    ) -> program.Finished:
        directory = place.work_tree or (place.git_dir if place.git_dir.is_dir() else Path("/"))
        call = program.Call(["git", *args], environment, directory, extra.stdin)
        limits = program.Limits(extra.seconds or self.policy.local_seconds)
        if extra.enough is not None:
            limits = replace(limits, output=extra.enough, cut=True)
        begun, result = perf_counter(), "error"
        try:
            done = await program.run(call, limits)
            result = "success" if done.code in extra.accept else "failure"
            return done
        finally:
            self._meter.took("git_command", perf_counter() - begun, command=args[0], result=result)
