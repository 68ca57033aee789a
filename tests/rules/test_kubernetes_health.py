"""Whether plain objects and those of Flux are well."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.resources.stage import HealthState
from argosy.rules import flux
from argosy.rules.kubernetes_health import condition_of, images_of, lacks

GOOD, BUSY, BAD = HealthState.HEALTHY, HealthState.PROGRESSING, HealthState.UNHEALTHY


def of(kind: str, status: Any = None, spec: Any = None, **meta: Any) -> dict[str, Any]:
    api, _, name = kind.rpartition("/")
    head = {"apiVersion": api or "v1", "kind": name, "metadata": {"name": "web", "namespace": "shop", **meta}}
    return {**head, "spec": spec or {}, **({"status": status} if status is not None else {})}


def said(type: str, status: str = "True", **more: str) -> dict[str, Any]:
    return {"conditions": [{"type": type, "status": status, **more}]}


def rolled(**changes: Any) -> dict[str, Any]:
    counts = {"replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3}
    return {"observedGeneration": 2, **counts, **changes}


THREE = {"replicas": 3}
DEPLOYMENT, STATEFUL_SET, DAEMON_SET = "apps/v1/Deployment", "apps/v1/StatefulSet", "apps/v1/DaemonSet"
EVERYWHERE = {
    "observedGeneration": 1,
    "desiredNumberScheduled": 2,
    "updatedNumberScheduled": 2,
    "numberAvailable": 2,
    "numberReady": 2,
}
SAME = {"currentRevision": "a", "updateRevision": "a"}

CASES: dict[str, tuple[dict[str, Any], HealthState, str]] = {
    "a rolled out Deployment": (of(DEPLOYMENT, rolled(), THREE, generation=2), GOOD, ""),
    "one that its controller has not seen since it was changed": (
        of(DEPLOYMENT, rolled(), THREE, generation=3),
        BUSY,
        "Deployment 'web' in namespace 'shop' was changed, and its controller has not looked since",
    ),
    "one that nobody has looked at": (of(DEPLOYMENT, {}, {"replicas": 0}), BUSY, "was not looked at"),
    "one with pods of the release before": (of(DEPLOYMENT, rolled(updatedReplicas=1), THREE), BUSY, "updated 1 of 3"),
    "one whose old pods end": (of(DEPLOYMENT, rolled(replicas=4), THREE), BUSY, "ends 1 old"),
    "one whose pods are not available": (of(DEPLOYMENT, rolled(availableReplicas=2), THREE), BUSY, "2 of 3"),
    "one whose pods are not ready": (of(DEPLOYMENT, rolled(readyReplicas=0), THREE), BUSY, "0 of 3"),
    "one without a number is of one": (of(DEPLOYMENT, rolled(updatedReplicas=0)), BUSY, "updated 0 of 1"),
    "one that is not available": (
        of(DEPLOYMENT, rolled(**said("Available", "False", message="minimum")), THREE),
        BUSY,
        "is not available: minimum",
    ),
    "one that made no progress": (
        of(DEPLOYMENT, rolled(**said("Progressing", "False", reason="ProgressDeadlineExceeded", message="m")), THREE),
        BAD,
        "made no progress in time: m",
    ),
    "one that is being deleted": (of(DEPLOYMENT, rolled(), THREE, deletionTimestamp="t"), BUSY, "is being deleted"),
    "a rolled out StatefulSet": (of(STATEFUL_SET, rolled(**SAME), THREE), GOOD, ""),
    "one that rolls out": (
        of(STATEFUL_SET, rolled(currentRevision="a", updateRevision="b", updatedReplicas=2), THREE),
        BUSY,
        "updated 2 of 3",
    ),
    "one that keeps a part of its pods as they are": (
        of(
            STATEFUL_SET,
            rolled(currentRevision="a", updateRevision="b", updatedReplicas=1),
            {**THREE, "updateStrategy": {"rollingUpdate": {"partition": 2}}},
        ),
        GOOD,
        "",
    ),
    "one that keeps a part and has not updated the rest": (
        of(
            STATEFUL_SET,
            rolled(currentRevision="a", updateRevision="b", updatedReplicas=0),
            {**THREE, "updateStrategy": {"rollingUpdate": {"partition": 2}}},
        ),
        BUSY,
        "updated 0 of 1",
    ),
    "one that people update": (
        of(STATEFUL_SET, rolled(readyReplicas=0), {**THREE, "updateStrategy": {"type": "OnDelete"}}),
        GOOD,
        "",
    ),
    "one with too few ready": (of(STATEFUL_SET, rolled(readyReplicas=2, **SAME), THREE), BUSY, "2 of 3"),
    "a DaemonSet": (of(DAEMON_SET, EVERYWHERE), GOOD, ""),
    "one that is updated on one node": (of(DAEMON_SET, {**EVERYWHERE, "updatedNumberScheduled": 1}), BUSY, "1 of 2"),
    "one that is available on one node": (of(DAEMON_SET, {**EVERYWHERE, "numberAvailable": 1}), BUSY, "1 of 2"),
    "a ReplicaSet that cannot make pods": (
        of("apps/v1/ReplicaSet", said("ReplicaFailure", message="quota")),
        BUSY,
        "cannot make its pods: quota",
    ),
    "a ReplicaSet": (of("apps/v1/ReplicaSet", {"availableReplicas": 3}, THREE), GOOD, ""),
    "a Job that runs": (of("batch/v1/Job", {"active": 1}), BUSY, "is not complete yet"),
    "a Job that is complete": (of("batch/v1/Job", said("Complete")), GOOD, ""),
    "a Job that failed": (of("batch/v1/Job", said("Failed", message="too often")), BAD, "has failed: too often"),
    "a Job that is suspended": (of("batch/v1/Job", said("Suspended")), BUSY, "is suspended"),
    "a Pod that is ready": (of("Pod", {"phase": "Running", **said("Ready")}), GOOD, ""),
    "a Pod that is not ready": (of("Pod", {"phase": "Running", **said("Ready", "False")}), BUSY, "is Running"),
    "a Pod that did its work": (of("Pod", {"phase": "Succeeded"}), GOOD, ""),
    "a Pod that failed": (of("Pod", {"phase": "Failed"}), BAD, "has failed"),
    "a Pod without its image": (
        of(
            "Pod",
            {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]},
        ),
        BUSY,
        "is Pending (ImagePullBackOff)",
    ),
    "a Pod that crashes": (
        of(
            "Pod",
            {"phase": "Running", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]},
        ),
        BAD,
        "CrashLoopBackOff",
    ),
    "a claim that is bound": (of("PersistentVolumeClaim", {"phase": "Bound"}), GOOD, ""),
    "a claim that is pending": (of("PersistentVolumeClaim", {"phase": "Pending"}), BUSY, "is Pending"),
    "a Service": (of("Service", {}), GOOD, ""),
    "a Service without its address": (of("Service", {}, {"type": "LoadBalancer"}), BUSY, "has no address"),
    "a definition": (of("apiextensions.k8s.io/v1/CustomResourceDefinition", said("Established")), GOOD, ""),
    "a definition that is new": (of("apiextensions.k8s.io/v1/CustomResourceDefinition"), BUSY, "not established"),
    "a definition whose names are taken": (
        of("apiextensions.k8s.io/v1/CustomResourceDefinition", said("NamesAccepted", "False")),
        BAD,
        "names that are taken",
    ),
    "something that says it is ready": (of("acme.io/v1/Thing", said("Ready")), GOOD, ""),
    "something that says it is not": (of("acme.io/v1/Thing", said("Ready", "False", message="m")), BUSY, "ready: m"),
    "something that says nothing": (of("v1/ConfigMap"), GOOD, ""),
    "something that is stalled": (of("acme.io/v1/Thing", said("Stalled", reason="Broken")), BAD, "stalled: Broken"),
    "something that is reconciled": (of("acme.io/v1/Thing", said("Reconciling")), BUSY, "is being reconciled"),
    "a Deployment of somebody else's API": (of("acme.io/v1/Deployment", {}), GOOD, ""),
}


@pytest.mark.parametrize("case", CASES)
def test_how_an_object_is(case: str) -> None:
    data, state, words = CASES[case]
    found = condition_of(data)
    assert found.state is state
    assert words in found.why
    assert bool(found.why) == (state is not GOOD)


def test_the_images_of_an_object() -> None:
    pods = {"spec": {"initContainers": [{"image": "init:1"}], "containers": [{"image": "web:2"}]}}
    assert images_of(of(DEPLOYMENT, spec={"template": pods})) == ("init:1", "web:2")
    assert images_of(of("batch/v1/CronJob", spec={"jobTemplate": {"spec": {"template": pods}}})) == ("init:1", "web:2")
    assert images_of(of("Pod", spec=pods["spec"])) == ("init:1", "web:2")
    assert images_of(of("ConfigMap")) == ()
    deployment = of(DEPLOYMENT, spec={"template": pods})
    assert lacks(deployment, ["web:2"]) == ""
    assert lacks(deployment, ["web:3", "init:1"]).endswith("has not the image web:3 yet")


COMMIT = "c0ffee"
AT = {"lastAppliedRevision": f"main@sha1:{COMMIT}", "lastAttemptedRevision": f"main@sha1:{COMMIT}"}


def release(status: Any = None, spec: Any = None, kind: str = "Kustomization", **meta: Any) -> dict[str, Any]:
    return of(f"{flux.KINDS[kind]}/{kind}", status, spec, **meta)


FLUX: dict[str, tuple[dict[str, Any], str, HealthState, str]] = {
    "ready at the commit": (release({**said("Ready"), **AT}), COMMIT, GOOD, ""),
    "ready, and nobody cares where": (release({**said("Ready"), **AT}), "", GOOD, ""),
    "ready at another commit": (release({**said("Ready"), **AT}), "beef", BUSY, "is at main@sha1:c0ffee, not at beef"),
    "new": (release({}), "", BUSY, "was not looked at by Flux yet"),
    "changed since": (release({**said("Ready"), **AT, "observedGeneration": 1}, generation=2), COMMIT, BUSY, "changed"),
    "suspended": (release({**said("Ready"), **AT}, {"suspend": True}), COMMIT, BUSY, "is suspended"),
    "not ready, and Flux tries again": (
        release(
            {
                "conditions": [
                    *said("Ready", "False", message="no such image")["conditions"],
                    *said("Reconciling", reason="ProgressingWithRetry", message="in progress")["conditions"],
                ]
            }
        ),
        "",
        BUSY,
        "is not ready, and Flux tries again: no such image",
    ),
    "not ready, and it goes on": (
        release({"conditions": [*said("Ready", "False")["conditions"], *said("Reconciling")["conditions"]], **AT}),
        COMMIT,
        BUSY,
        "is being reconciled",
    ),
    "not ready at the commit, and it gave up": (
        release({**said("Ready", "False", message="build failed"), **AT}),
        COMMIT,
        BAD,
        "is not ready: build failed",
    ),
    "not ready at another commit": (release({**said("Ready", "False"), **AT}), "beef", BUSY, "not at beef"),
    "the new commit was tried and is not there": (
        release({**said("Ready"), **AT, "lastAttemptedRevision": "main@sha1:beef"}),
        "beef",
        BUSY,
        "is at main@sha1:c0ffee, not at beef",
    ),
    "stalled": (release({**said("Stalled", message="retries"), **AT}), COMMIT, BAD, "is stalled: retries"),
    "a chart at its version": (
        release(
            {**said("Ready"), "history": [{"chartVersion": "1.2.3"}, {"chartVersion": "1.2.2"}]}, kind="HelmRelease"
        ),
        "1.2.3",
        GOOD,
        "",
    ),
    "a chart at the version before": (
        release({**said("Ready"), "history": [{"chartVersion": "1.2.2"}]}, kind="HelmRelease"),
        "1.2.3",
        BUSY,
        "is at 1.2.2, not at 1.2.3",
    ),
}


@pytest.mark.parametrize("case", FLUX)
def test_how_what_flux_deploys_is(case: str) -> None:
    data, desired, state, words = FLUX[case]
    found = flux.assess(data, desired)
    assert found.state is state
    assert words in found.why


@pytest.mark.parametrize(
    ("revision", "desired", "same"),
    [
        ("main@sha1:abc", "abc", True),
        ("main@sha1:abc", "sha1:abc", True),
        ("main@sha1:abc", "main@sha1:abc", True),
        ("refs/tags/v1@sha1:abc", "v1", True),
        ("6.5.0", "6.5.0", True),
        ("latest@sha256:1", "sha256:1", True),
        ("main@sha1:abc", "ab", False),
        ("", "abc", False),
        ("", "", True),
    ],
)
def test_revisions_as_flux_writes_them(revision: str, desired: str, same: bool) -> None:
    assert flux.is_at(revision, desired) is same


def test_where_flux_gets_what_it_deploys() -> None:
    git = {"sourceRef": {"kind": "GitRepository", "name": "deploy"}}
    assert flux.source_of(release(spec=git)) == flux.Source("GitRepository", "shop", "deploy")
    chart = {"chart": {"spec": {"sourceRef": {"kind": "HelmRepository", "name": "charts", "namespace": "flux"}}}}
    assert flux.source_of(release(spec=chart, kind="HelmRelease")) == flux.Source("HelmRepository", "flux", "charts")
    oci = {"chartRef": {"kind": "OCIRepository", "name": "web"}}
    assert flux.source_of(release(spec=oci, kind="HelmRelease")) == flux.Source("OCIRepository", "shop", "web")
    assert flux.source_of(release(spec={"sourceRef": {"kind": "ExternalArtifact", "name": "x"}})) is None
