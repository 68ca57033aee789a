"""The demo as a new user meets it: start it, push a version, see three Stages move, end it, start it again."""

from __future__ import annotations

import os
import queue
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from argosy.testing.demo.folder import Folder
from argosy.testing.git_repository import GitRepository
from argosy.testing.kubectl import Kubectl

PROGRAM = Path(sys.executable).with_name("argosy")
PATIENCE = 60.0


class Terminal:
    """A program that goes on, and what it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.text = ""
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self._lines.put(line)

    def until(self, *parts: str) -> str:
        """Wait for a line that holds all `parts`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                line = self._lines.get(timeout=0.1)
            except queue.Empty:
                continue
            self.text += line
            if all(part in line for part in parts):
                return line
        raise AssertionError(f"no line with {parts}, but:\n{self.text}")

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


class User:
    """Types commands, with a home and a folder of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._environment = {**os.environ, "HOME": str(home), "ARGOSY_CONFIG": str(home / "argosy" / "config.yaml")}
        for name in ("ARGOSY_SERVER", "ARGOSY_TOKEN", "ARGOSY_PROJECT", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            self._environment.pop(name, None)

    def starts(self, *words: str) -> Terminal:
        process = subprocess.Popen(
            [str(PROGRAM), *words],
            cwd=self.home,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return Terminal(process)

    def types(self, *words: str) -> str:
        """The output of a command that must succeed."""
        done = self.tries(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def tries(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), *words],
            cwd=self.home,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path)


@pytest.fixture
def start(user: User) -> Iterator[Callable[[], Terminal]]:
    """Starts the demo, as often as a test likes; whatever still runs is ended."""
    started: list[Terminal] = []

    def begin() -> Terminal:
        started.append(user.starts("demo", "--data", ".demo"))
        started[-1].until("Argosy is ready")
        return started[-1]

    yield begin
    for terminal in started:
        if terminal.process.poll() is None:
            terminal.process.kill()
        terminal.process.wait()


def test_a_version_travels_through_three_stages_before_the_eyes_of_its_user(
    user: User, start: Callable[[], Terminal]
) -> None:
    demo, folder = start(), Folder(user.home / ".demo")
    demo.until("dev", "runs", "web 1.0.0")
    # What waits twenty seconds for a person need not do so for a test; and this is how a user would change it.
    folder.pipeline.write_text(folder.pipeline.read_text().replace("requiredSoakTime: 20s", "requiredSoakTime: 1s"))
    user.types("apply", "-f", ".demo/pipeline.yaml")
    demo.until("prod", "may take")

    watching = Terminal(Kubectl(folder.kubeconfig, user.home).start("get", "stages", "-n", "demo", "-w"))
    try:
        watching.until("staging", "verified")
        pushed = user.types("demo", "push", "1.2.3")
        assert "acme/web:1.2.3" in pushed
        demo.until("dev", "runs", "web 1.2.3", "on stage/dev")
        demo.until("staging", "runs", "web 1.2.3", "on stage/staging")
        demo.until("prod", "may take")
        user.types("promote", "--stage", "prod", "--warehouse", "web", "--wait", "--project", "demo")
        commit = demo.until("prod", "runs", "web 1.2.3", "on stage/prod").partition("commit ")[2][:7]
        for stage in ("dev", "staging", "prod"):
            watching.until(stage, "verified")
        assert "Nothing will follow" in user.types("demo", "push", "1.1.0")
        assert "Try 1.2.4" in user.tries("demo", "push", "1.2.3").stderr
    finally:
        watching.process.kill()
        watching.process.wait()

    repository = GitRepository(folder.repository)
    assert repository.head("stage/prod").startswith(commit)
    assert len(repository.log("stage/prod")) == 2, "the branch begins empty, and one promotion went there"
    for stage in ("dev", "staging", "prod"):
        values = repository.read("values.yaml", f"stage/{stage}")
        begun = repository.read(f"values/{stage}.yaml")
        assert values == begun.replace('"0.0.0"', '"1.2.3"')
    assert demo.end() == 0


def test_the_admin_whose_password_is_told_may_log_in(user: User, start: Callable[[], Terminal]) -> None:
    demo = start()
    told = demo.until("web pages")
    url, password = re.search(r"(https://\S+) .*password (\S+)\)", told).groups()  # type: ignore[union-attr]
    authority = user.home / ".demo" / "server" / "tls" / "ca.crt"
    trust = ssl.create_default_context(cafile=str(authority))
    headers = {"Authorization": f"Bearer {password}"}
    assert httpx2.post(f"{url}/v1beta1/login", headers=headers, verify=trust).status_code == 200
    headers = {"Authorization": f"Bearer {password[:-1]}"}
    assert httpx2.post(f"{url}/v1beta1/login", headers=headers, verify=trust).status_code in (401, 403)


def test_a_pushed_commit_travels_too(user: User, start: Callable[[], Terminal]) -> None:
    demo, folder = start(), Folder(user.home / ".demo")
    demo.until("dev", "runs", "web 1.0.0")
    repository = GitRepository(folder.repository)
    changed = repository.read("values/dev.yaml").replace("replicas: 1", "replicas: 3")
    commit = repository.commit({"values/dev.yaml": changed}, "Three in dev")
    demo.until("dev", "runs", f"configuration {commit[:7]}")
    assert "replicas: 3" in repository.read("values.yaml", "stage/dev")


def test_the_demo_goes_on_where_it_was_even_after_a_kill(user: User, start: Callable[[], Terminal]) -> None:
    demo, folder = start(), Folder(user.home / ".demo")
    demo.until("dev", "runs", "web 1.0.0")
    log = GitRepository(folder.repository).log("stage/dev")
    demo.process.kill()
    demo.process.wait()
    refused = user.tries("demo", "push", "1.2.3")
    assert refused.returncode == 1
    assert "is not running" in refused.stderr

    again = start()
    again.until("dev", "runs", "web 1.0.0")
    second = user.tries("demo", "--data", ".demo")
    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert user.types("demo", "push", "1.2.3")
    again.until("dev", "runs", "web 1.2.3")
    assert len(GitRepository(folder.repository).log("stage/dev")) == len(log) + 1
    assert again.end() == 0


def test_the_commands_it_names_reach_it_while_another_server_stays_current(
    user: User, start: Callable[[], Terminal]
) -> None:
    config = user.home / "argosy" / "config.yaml"
    config.parent.mkdir(mode=0o700)
    config.write_text("current-context: work\ncontexts: [{name: work, server: 'https://work.example'}]\n")
    config.chmod(0o600)
    demo = start()
    command = demo.until("argosy get stages").partition("get stages")[2].split()
    assert command == ["--watch", "--context", "demo"]
    assert "dev" in user.types("get", "stages", "--context", "demo")
    assert user.types("config", "get-contexts").splitlines()[1].split()[:2] == ["*", "work"]
