"""`argosy crds` without a cluster: what it prints, and what it says when there is none."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from click.testing import CliRunner, Result

from argosy.cli import command
from argosy.resources.crd import crd
from argosy.resources.kinds import ARGO, KARGO, KINDS


def argosy(*arguments: str, kubeconfig: Path = Path("/nowhere")) -> Result:
    environment = {"KUBECONFIG": str(kubeconfig), "KUBERNETES_SERVICE_HOST": ""}
    return CliRunner(env=environment).invoke(command, ["crds", *arguments], prog_name="argosy")


def test_one_stream_of_yaml_holds_them_all() -> None:
    printed = list(yaml.safe_load_all(argosy().stdout))
    assert printed == [crd(kind) for kind in KINDS.values() if kind.group == KARGO]


def test_json_is_a_list_and_kinds_of_argo_rollouts_come_when_asked_for() -> None:
    printed = json.loads(argosy("-o", "json", "--analysis").stdout)
    assert printed["kind"] == "List"
    names = {item["spec"]["names"]["kind"] for item in printed["items"]}
    assert names == {kind.name for kind in KINDS.values() if kind.group in (KARGO, ARGO)}


def test_without_a_kubeconfig_it_is_said_how_to_name_one() -> None:
    refused = argosy("diff")
    assert refused.exit_code == 1
    assert "Name one with KUBECONFIG" in refused.stderr


def test_a_cluster_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config"
    cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}
    context = {"name": "x", "context": {"cluster": "c"}}
    path.write_text(json.dumps({"clusters": [cluster], "contexts": [context], "current-context": "x"}))
    refused = argosy("apply", kubeconfig=path)
    assert (refused.exit_code, "127.0.0.1:1 cannot be reached" in refused.stderr) == (1, True)
    assert "there is no context 'y'" in argosy("apply", "--context", "y", kubeconfig=path).stderr
