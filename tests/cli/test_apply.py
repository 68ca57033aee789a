"""`argosy apply`: every fault before anything is changed, any order, and nothing done twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import PIPELINE, Cli

from argosy.testing.kubectl import Kubectl

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {{name: colours, namespace: {project}, labels: {{a: "1"}}}}
data: {data}
"""


def test_one_file_with_everything_applies_in_any_order(cli: Cli) -> None:
    project = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: any-order}\n"
    result = cli("apply", "-f", "-", "-p", "any-order", stdin=f"{PIPELINE}\n---\n{project}")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0] == "project.kargo.akuity.io/any-order created"
    assert "stage.kargo.akuity.io/dev created" in result.stdout


def test_applying_again_changes_nothing(cli: Cli, pipeline: str) -> None:
    result = cli("apply", "-f", "-", "-p", pipeline, stdin=PIPELINE)
    assert result.exit_code == 0
    assert {line.rpartition(" ")[2] for line in result.stdout.splitlines()} == {"unchanged"}


def test_what_the_file_no_longer_has_is_removed_and_what_others_set_stays(
    cli: Cli, kubectl: Kubectl, project: str
) -> None:
    first = CONFIG.format(project=project, data="{red: r, blue: b}")
    assert cli("apply", "-f", "-", stdin=first).stdout == "configmap/colours created\n"
    assert kubectl("label", "configmap", "colours", "-n", project, "theirs=yes").code == 0
    second = CONFIG.format(project=project, data="{red: R}")
    assert cli("apply", "-f", "-", stdin=second).stdout == "configmap/colours configured\n"
    found = json.loads(cli("get", "configmap", "colours", "-p", project, "-o", "json").stdout)
    assert found["data"] == {"red": "R"}
    assert found["metadata"]["labels"] == {"a": "1", "theirs": "yes"}


def test_kubectl_and_argosy_apply_to_the_same_resource(cli: Cli, kubectl: Kubectl, project: str) -> None:
    assert kubectl("apply", "-f", "-", stdin=CONFIG.format(project=project, data="{red: r, blue: b}")).code == 0
    assert cli("apply", "-f", "-", stdin=CONFIG.format(project=project, data="{blue: b}")).exit_code == 0
    done = kubectl("apply", "-f", "-", stdin=CONFIG.format(project=project, data="{green: g}"))
    assert done.code == 0, done.err
    data = cli("get", "configmap", "colours", "-p", project, "-o", "jsonpath={.data}").stdout
    assert json.loads(data) == {"green": "g"}


def test_values_of_secrets_stand_in_no_annotation_and_go_when_the_file_drops_them(cli: Cli, project: str) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {{name: login, namespace: {0}}}\nstringData: {1}\n"
    assert cli("apply", "-f", "-", stdin=secret.format(project, "{user: me, password: hunter2}")).exit_code == 0
    again = cli("apply", "-f", "-", stdin=secret.format(project, "{user: me, password: hunter2}"))
    assert again.stdout == "secret/login unchanged\n"
    assert cli("apply", "-f", "-", stdin=secret.format(project, "{user: me}")).exit_code == 0
    found = json.loads(cli("get", "secret", "login", "-p", project, "-o", "json").stdout)
    assert list(found["data"]) == ["user"]
    assert "annotations" not in found["metadata"]


def test_every_fault_of_every_file_is_told_at_once_with_its_line(cli: Cli, project: str, tmp_path: Path) -> None:
    head = "apiVersion: kargo.akuity.io/v1alpha1\n"
    (tmp_path / "a.yaml").write_text(f"{head}kind: Stage\nmetadata: {{name: dev}}\nspec:\n  requestedFright: []\n")
    (tmp_path / "b.yml").write_text(f"{head}kind: Warehouse\nmetadata: {{name: app}}\nspec: {{subscriptions: 5}}\n")
    (tmp_path / "c.yaml").write_text(f"{head}kind: Project\nmetadata: {{name: never-made}}\n")
    result = cli("apply", "-f", str(tmp_path), "-p", project)
    assert result.exit_code == 1
    assert f"{tmp_path}/a.yaml:5: spec.requestedFright" in result.stderr
    assert f"{tmp_path}/b.yml:4: spec.subscriptions" in result.stderr
    assert "nothing was done" in result.stderr
    assert "never-made" not in cli("get", "projects").stdout


def test_folders_are_read_deeply_only_when_asked(cli: Cli, project: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "x.yaml").write_text(CONFIG.format(project=project, data="{}"))
    shallow = cli("apply", "-f", str(tmp_path))
    assert shallow.exit_code == 1
    assert "Use -R" in shallow.stderr
    assert cli("apply", "-R", "-f", str(tmp_path)).stdout == "configmap/colours created\n"


def test_a_dry_run_checks_on_the_server_and_changes_nothing(cli: Cli, project: str) -> None:
    new = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: only-thought}\n"
    result = cli("apply", "-f", "-", "--dry-run", "-p", "only-thought", stdin=f"{PIPELINE}\n---\n{new}")
    assert result.exit_code == 0, result.stderr
    assert "stage.kargo.akuity.io/dev created (dry run)" in result.stdout
    assert "only-thought" not in cli("get", "projects").stdout


def test_what_the_server_refuses_is_told_with_its_file_and_the_rest_is_applied(cli: Cli, pipeline: str) -> None:
    wrong = (
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Freight\nmetadata: {name: x}\nalias: second\n"
        "origin: {kind: Warehouse, name: app}\nimages: [{repoURL: other.example/app, tag: 1.0.0}]\n"
    )
    manifest = f"{wrong}---\n{CONFIG.format(project=pipeline, data='{}')}"
    result = cli("apply", "-f", "-", "-p", pipeline, stdin=manifest)
    assert result.exit_code == 1
    assert result.stdout == "configmap/colours created\n"
    assert "error: standard input:1: " in result.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"a: &a [1,1]\nb: &b [*a,*a]\n" + b"".join(b"c%d: &c%d [*b,*b]\n" % (n, n) for n in range(3)), "kind"),
        (b"kind: [\n", "standard input:"),
        (b"[" * 5000, "standard input"),
        (b"- 1\n", "a resource is a mapping"),
        (b"kind: Nonsense\napiVersion: v1\n", "unknown kind 'Nonsense'"),
        (b"kind: [x]\nmetadata: 5\n", "kind"),
        (b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n", "namespace"),
        (b"apiVersion: v1\nkind: ConfigMap\nmetadata: 5\n", "metadata"),
        (b"", "no resources"),
    ],
    ids=[
        *("bytes", "aliases", "unclosed", "deep", "a list", "unknown kind", "wrong types", "no namespace"),
        *("no metadata", "nothing"),
    ],
)
def test_hostile_or_wrong_files_are_refused_with_a_place(cli: Cli, text: bytes, told: str) -> None:
    result = cli("apply", "-f", "-", stdin=text, ARGOSY_CONFIG="/nonexistent/config.yaml")
    assert result.exit_code == 1
    assert told in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_missing_file_and_a_url_are_told(cli: Cli, tmp_path: Path) -> None:
    result = cli("apply", "-f", str(tmp_path / "none.yaml"), "-f", "https://example.com/x.yaml", "-p", "x")
    assert result.exit_code == 1
    assert "No such file" in result.stderr
    assert "curl" in result.stderr


def test_documents_are_printed_on_request(cli: Cli, project: str) -> None:
    text = CONFIG.format(project=project, data="{x: one}")
    assert json.loads(cli("apply", "-f", "-", "-o", "json", stdin=text).stdout)["data"] == {"x": "one"}
    assert cli("apply", "-f", "-", "-o", "name", stdin=text).stdout == "configmap/colours\n"
