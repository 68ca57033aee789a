"""The chart: it has from the code what is current, an API server takes what it renders, wrong values are refused."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.chart.installed_case import CHART, SPACE, Installed, place, rendered, run_helm
from tools.chart import KEEP, chart_version, files

from argosy.api.authority import certificate_pem, new_authority
from argosy.clock import SystemClock
from argosy.rules.webhook import bundles
from argosy.settings import PREFIX, Settings
from argosy.testing.cluster import Cluster, running_cluster
from argosy.testing.helm import MAJORS
from argosy.testing.kubectl import Kubectl

EVERYTHING: dict[str, Any] = {
    "imagePullSecrets": [{"name": "pull"}],
    "image": {"digest": "sha256:" + "0" * 64},
    "serviceAccount": {"annotations": {"a": "b"}},
    "rbac": {
        "clusterWideSecrets": True,
        "extraRules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch"]}],
    },
    "systemRoles": {"create": True},
    "workloads": {"enabled": True},
    "api": {
        "service": True,
        "tokenSecret": "token",
        "certificateSecret": "certificate",
        "adminSecret": "admin",
        "oidcSecret": "oidc",
    },
    "settings": {
        "promotion_workers": 16,
        "ui_base_url": "https://argosy.example",
        "project_roles": False,
        "oidc_admins": '{"groups": ["platform"]}',
    },
    "networkPolicy": {"enabled": True, "metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]},
    "annotations": {"a": "b"},
    "podAnnotations": {"a": "b"},
    "podLabels": {"team": "a"},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {}}
    ],
    "priorityClassName": "system-cluster-critical",
    "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example"}],
    "extraVolumes": [{"name": "more", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "more", "mountPath": "/more"}],
}


def test_what_comes_from_the_code_is_current() -> None:
    for path, content in files().items():
        assert (CHART / path).read_text("utf-8") == content, "run `python tools/chart.py`"
    kept = {f"definition/{path.name}" for path in (CHART / "definition").iterdir()}
    assert kept == {path for path in files() if path.startswith("definition/")}


def test_the_chart_has_the_version_of_the_code() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == chart_version()


@pytest.mark.parametrize("major", MAJORS)
@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["as it is", "everything"])
def test_both_helms_find_nothing_to_complain_of(tmp_path: Path, major: int, values: dict[str, Any]) -> None:
    given = tmp_path / "values.yaml"
    given.write_text(json.dumps(values))
    done = run_helm(major, "lint", "--strict", str(CHART), "--values", str(given), home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("replica=3", "replica"),
        ("api.service=true", "api"),
        ("image.digest=latest", "digest"),
        ("settings.NAME=x", "NAME"),
        ("terminationGracePeriodSeconds=20", "killed before their time is up"),
        ("serviceAccount.create=false", "serviceAccount.name is needed"),
    ],
)
def test_wrong_values_are_refused(tmp_path: Path, given: str, told: str) -> None:
    done = run_helm(4, "template", "argosy", str(CHART), "--set", given, home=tmp_path)
    assert done.returncode != 0
    assert told in done.stderr


def test_both_helms_render_the_same(tmp_path: Path) -> None:
    given = tmp_path / "values.yaml"
    given.write_text(json.dumps(EVERYTHING))
    one, other = (sorted(rendered(major, tmp_path, "--values", str(given)), key=place) for major in MAJORS)
    assert one == other


def test_every_variable_is_a_setting_and_has_a_value_that_it_takes(tmp_path: Path) -> None:
    given = tmp_path / "values.yaml"
    given.write_text(json.dumps(EVERYTHING))
    (deployment,) = (each for each in rendered(4, tmp_path, "--values", str(given)) if each["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    variables = {each["name"]: each["value"] for each in container["env"] if each["name"].startswith(PREFIX)}
    names = {name.removeprefix(PREFIX).lower() for name in variables} - {"log_level", "log_format"}
    assert names <= set(Settings.model_fields)
    settings = Settings.of(variables)
    assert settings.controller_account == f"{SPACE}/argosy"
    assert settings.promotion_workers == 16
    assert not settings.webhook_configurations
    assert not settings.allow_file_urls


@pytest.mark.parametrize("major", MAJORS)
def test_numbers_and_names_of_digits_stay_what_they_are(tmp_path: Path, major: int) -> None:
    """helm takes every number of a file for a float; YAML takes a name of digits for a number."""
    given = tmp_path / "values.yaml"
    values = {
        "settings": {"pool_size": 21474836480, "min_freight_deletion_age": 2592000, "least_interval": 0.5},
        "namespaces": {"shared": {"name": "1234", "create": True}},
        "argocd": {"namespace": "0123"},
        "serviceAccount": {"name": "12"},
        "api": {"tokenSecret": "1e3"},
        "fullnameOverride": "99",
    }
    given.write_text(json.dumps(values))
    objects = rendered(major, tmp_path, "--values", str(given))
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    settings = Settings.of({each["name"]: each["value"] for each in container["env"] if each["name"] != "HOME"})
    assert (settings.pool_size, settings.min_freight_deletion_age, settings.least_interval) == (
        21474836480,
        2592000,
        0.5,
    )
    assert (settings.shared_namespace, settings.argocd_namespace) == ("1234", "0123")
    assert deployment["spec"]["template"]["spec"]["serviceAccountName"] == "12"
    assert ("ServiceAccount", SPACE, "12") in {place(each) for each in objects}
    assert ("Namespace", "", "1234") in {place(each) for each in objects}
    assert {str(each["metadata"]["name"]) for each in objects} == {each["metadata"]["name"] for each in objects}


def test_pods_may_do_nothing_on_their_node(tmp_path: Path) -> None:
    (deployment,) = (each for each in rendered(4, tmp_path) if each["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    written = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    assert written == {"/data", "/tmp"}


@pytest.mark.xdist_group("chart")
def test_every_object_with_every_value_is_what_the_api_server_expects(installed: Installed, tmp_path: Path) -> None:
    given = tmp_path / "values.yaml"
    given.write_text(json.dumps(EVERYTHING))
    objects = rendered(4, tmp_path, "--values", str(given))
    kinds = {each["kind"] for each in objects}
    assert {"Deployment", "NetworkPolicy", "PodDisruptionBudget", "CustomResourceDefinition"} <= kinds
    text = "---\n".join(yaml.safe_dump(each) for each in objects)
    done = installed.kubectl(
        "apply", "--server-side", "--force-conflicts", "--validate=strict", "--dry-run=server", "-f", "-", stdin=text
    )
    assert done.code == 0, done.err
    assert "Warning" not in done.err
    assert len(done.out.splitlines()) == len(objects)


@pytest.mark.xdist_group("chart")
def test_argosy_makes_no_project_of_a_namespace_that_is_there(installed: Installed) -> None:
    """Else it could label any, and then give itself the Secrets in it."""
    assert installed.kubectl("create", "namespace", "payroll").code == 0
    account = f"--as=system:serviceaccount:{SPACE}:argosy"
    label = "kargo.akuity.io/project"
    done = installed.kubectl("label", "namespace", "payroll", f"{label}=true", account)
    assert done.code != 0
    assert "labels no Namespace that is there already" in done.err, done.err
    assert installed.kubectl("label", "namespace", "payroll", f"{label}=false").code == 0
    assert installed.kubectl("label", "namespace", "payroll", f"{label}=true", "--overwrite", account).code != 0
    assert installed.kubectl("label", "namespace", "payroll", f"{label}=true", "--overwrite").code == 0
    assert installed.kubectl("annotate", "namespace", "payroll", "a=b", account).code == 0
    assert installed.kubectl("label", "namespace", "payroll", f"{label}-", account).code == 0


@pytest.mark.xdist_group("chart")
def test_helm_installed_everything(installed: Installed, tmp_path: Path) -> None:
    objects = rendered(4, tmp_path)
    text = "---\n".join(yaml.safe_dump(each) for each in objects)
    found = installed.kubectl("get", "-o", "name", "-f", "-", stdin=text)
    assert found.code == 0, found.err
    assert len(found.out.splitlines()) == len(objects)


@pytest.mark.parametrize("major", MAJORS)
@pytest.mark.xdist_group("chart-life")
def test_a_release_is_upgraded_and_goes_while_definitions_and_shared_secrets_stay(
    life: tuple[Cluster, Kubectl], tmp_path: Path, major: int
) -> None:
    cluster, kubectl = life
    where = ("--namespace", SPACE, "--create-namespace")

    def run(*arguments: str) -> None:
        done = run_helm(major, *arguments, home=tmp_path, kubeconfig=cluster.kubeconfig())
        assert done.returncode == 0, done.stderr

    run("install", "argosy", str(CHART), *where)
    trusted = certificate_pem(new_authority(SystemClock().now(), 10)[0])
    for bundle in bundles(trusted):
        wrote = kubectl("apply", "--server-side", "--field-manager=argosy", "-f", "-", stdin=json.dumps(bundle))
        assert wrote.code == 0, wrote.err
    run("upgrade", "argosy", str(CHART), *where, "--set", "replicas=3,networkPolicy.enabled=true")
    kept = kubectl("get", "validatingwebhookconfiguration", "argosy", "-o", "json").json
    kept_bundles = {each["clientConfig"].get("caBundle") for each in kept["webhooks"]}
    assert kept_bundles == {b64encode(trusted).decode()}, "what replicas wrote is lost by an upgrade"
    assert kubectl("get", "deployment", "argosy", "-n", SPACE, "-o", "jsonpath={.spec.replicas}").out == "3"
    run("uninstall", "argosy", "--namespace", SPACE)
    assert kubectl("get", "validatingwebhookconfiguration", "argosy").code != 0, "it would refuse every write"
    assert kubectl("get", "clusterrole", "argosy").code != 0
    assert kubectl("get", "crd", "stages.kargo.akuity.io").code == 0
    assert kubectl("get", "namespace", "kargo-shared-resources").code == 0


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Kubectl]]:
    folder = tmp_path_factory.mktemp("life")
    with running_cluster(folder / "cluster") as cluster:
        kubectl = Kubectl(cluster.kubeconfig(), folder)
        yield cluster, kubectl


def test_definitions_are_kept_by_helm() -> None:
    for path in (CHART / "definition").iterdir():
        assert yaml.safe_load(path.read_text())["metadata"]["annotations"].items() >= KEEP.items()
