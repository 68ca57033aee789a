"""The process is killed within what Git steps do, while it signs with the key that the ClusterConfig names."""

from __future__ import annotations

import shutil
import signal
from base64 import b64encode
from pathlib import Path

import pytest
from tests.story.crash import promoting, start

from argosy.testing.git_repository import GitRepository
from argosy.testing.signing_key import KeyPair, ssh_key

CLUSTER = """
apiVersion: v1
kind: Secret
metadata: {name: signer, namespace: kargo-system-resources}
data: {signingKey: KEY}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: ClusterConfig
metadata: {name: cluster}
spec:
  gitClient: {name: Fleet, email: fleet@example.com, signingKeySecret: {name: signer}}
---"""
PIPELINE = CLUSTER + promoting("""
- uses: git-clone
  config: {repoURL: CONFIG, checkout: [{branch: env/dev, create: true, path: ./out}]}
- uses: file-write
  config: {path: ./out/commit, contents: "${{ commitFrom('APP').ID }}"}
- uses: git-commit
  config: {path: ./out, message: "Promote to ${{ ctx.stage }}"}
- uses: git-push
  config: {path: ./out}
- uses: git-tag
  config: {path: ./out, tag: "promotions/1", message: "Promotion"}
- uses: git-push
  config: {path: ./out, tag: "promotions/1"}
""")
PLACES = [
    *("clone.making=kill", "clone.made=kill", "commit.signing=kill@1", "commit.signing=kill@2"),
    *("push.intended=kill@1", "push.pushed=kill@1", "push.intended=kill@2", "push.pushed=kill@2"),
]


@pytest.fixture
def pair(tmp_path: Path) -> KeyPair:
    return ssh_key(tmp_path)


@pytest.fixture
def config(tmp_path: Path, pair: KeyPair) -> GitRepository:
    app, config = GitRepository.create(tmp_path / "app.git"), GitRepository.create(tmp_path / "config.git")
    app.commit({"main.py": "print('hello')"}, "First")
    config.commit({"README": ""}, "Start")
    text = PIPELINE.replace("APP", app.url).replace("CONFIG", config.url)
    (tmp_path / "system").mkdir()
    (tmp_path / "keys").mkdir()
    (tmp_path / "system" / "pipeline.yaml").write_text(text.replace("KEY", b64encode(pair.private.encode()).decode()))
    return config


@pytest.mark.parametrize("lose", [(), ("workspaces", "pool", "mirrors")], ids=["disk kept", "disk lost"])
@pytest.mark.parametrize("place", PLACES)
def test_killed_at(config: GitRepository, tmp_path: Path, pair: KeyPair, place: str, lose: tuple[str, ...]) -> None:
    killed = start(tmp_path / "system", place, XDG_RUNTIME_DIR=str(tmp_path / "keys"))
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    left = list((tmp_path / "keys").glob("argosy-key-*"))
    assert len(left) == (1 if "signing" in place else 0)
    for name in lose:
        shutil.rmtree(tmp_path / "system" / "data" / name, ignore_errors=True)
    finished = start(tmp_path / "system", XDG_RUNTIME_DIR=str(tmp_path / "keys"))
    assert finished.stdout.strip() == "Succeeded", finished.stdout + finished.stderr
    assert config.log("env/dev") == ["Promote to dev", "Initial commit"]
    for revision in ("env/dev", "env/dev^"):
        assert pair.trusts(config, revision)
        assert config.git("log", "-1", "--format=%an <%ae>", revision) == "Fleet <fleet@example.com>"
    assert pair.trusts(config, "promotions/1", kind="tag")
    assert config.git("rev-parse", "promotions/1^{commit}") == config.head("env/dev")
    # A new process swept away what the dead one left.
    assert list((tmp_path / "keys").iterdir()) == []
    everything = [path for path in (tmp_path / "system").rglob("*") if path.is_file()]
    lines = [line.encode() for line in pair.private.splitlines() if len(line) > 30]
    assert not [path for path in everything for line in lines if line in path.read_bytes()]
