"""Whether a plain Kubernetes object is well, read from its status as its controller writes it.

The rules are those of kstatus: first what all objects have in common, then what is special to a kind, else the
condition `Ready`. Different from kstatus, a Job is well when it is complete, not when it has begun: a promotion waits
for its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from argosy.resources.stage import HealthState

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """How an object is, and why it is no better."""

    state: HealthState
    why: str = ""

    @property
    def is_healthy(self) -> bool:
        return self.state is HealthState.HEALTHY


_WELL = Condition(HealthState.HEALTHY)


def called(data: Data) -> str:
    """An object, for people."""
    meta = data.get("metadata") or {}
    place = f" in namespace {meta['namespace']!r}" if meta.get("namespace") else ""
    return f"{data.get('kind', 'object')} {meta.get('name', '')!r}{place}"


def condition_of(data: Data) -> Condition:
    """How an object is."""
    return _common(data) or _SPECIAL.get(_group_kind(data), _by_ready)(data)


def images_of(data: Data) -> tuple[str, ...]:
    """The images of the containers that an object runs or makes; none for one that runs nothing."""
    spec = data.get("spec") or {}
    for name in ("jobTemplate", "template"):
        spec = (spec.get(name) or {}).get("spec") or spec
    containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    return tuple(str(each.get("image", "")) for each in containers)


def lacks(data: Data, images: Sequence[str]) -> str:
    """Which of `images` an object does not have yet, as a sentence; empty when it has all."""
    missing = [image for image in images if image not in images_of(data)]
    return f"{called(data)} has not the image {', '.join(missing)} yet" if missing else ""


def _group_kind(data: Data) -> str:
    group = str(data.get("apiVersion", "")).rpartition("/")[0]
    return f"{group}/{data.get('kind', '')}"


def _common(data: Data) -> Condition | None:
    """What holds for every object; None when it tells nothing."""
    meta, status = data.get("metadata") or {}, data.get("status") or {}
    if meta.get("deletionTimestamp"):
        return _goes_on(data, "is being deleted")
    observed, generation = status.get("observedGeneration"), meta.get("generation")
    if observed is not None and generation is not None and observed != generation:
        return _goes_on(data, "was changed, and its controller has not looked since")
    stalled, reconciling = _condition(data, "Stalled"), _condition(data, "Reconciling")
    if stalled.get("status") == "True":
        return _broken(data, _message(stalled, "is stalled"))
    if reconciling.get("status") == "True":
        return _goes_on(data, _message(reconciling, "is being reconciled"))
    return None


def _by_ready(data: Data) -> Condition:
    """Without `Ready` there is nothing more to wait for."""
    ready = _condition(data, "Ready")
    if ready.get("status", "True") == "True":
        return _WELL
    return _goes_on(data, _message(ready, "is not ready"))


def _deployment(data: Data) -> Condition:
    progressing, available = _condition(data, "Progressing"), _condition(data, "Available")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return _broken(data, _message(progressing, "made no progress in time"))
    wanted, status = _replicas(data), data.get("status") or {}
    counts = {name: int(status.get(f"{name}Replicas") or 0) for name in ("updated", "available", "ready")}
    replicas = int(status.get("replicas") or 0)
    if "observedGeneration" not in status:
        return _goes_on(data, "was not looked at by its controller yet")
    if counts["updated"] < wanted:
        return _goes_on(data, f"has updated {counts['updated']} of {wanted} replicas")
    if replicas > counts["updated"]:
        return _goes_on(data, f"ends {replicas - counts['updated']} old replicas")
    if min(counts["available"], counts["ready"]) < wanted:
        return _goes_on(data, f"has {min(counts['available'], counts['ready'])} of {wanted} replicas available")
    if available.get("status", "True") != "True":
        return _goes_on(data, _message(available, "is not available"))
    return _WELL


def _stateful_set(data: Data) -> Condition:
    spec, status, wanted = data.get("spec") or {}, data.get("status") or {}, _replicas(data)
    if "observedGeneration" not in status:
        return _goes_on(data, "was not looked at by its controller yet")
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return _WELL
    ready = int(status.get("readyReplicas") or 0)
    if ready < wanted:
        return _goes_on(data, f"has {ready} of {wanted} replicas ready")
    if int(status.get("replicas") or 0) > wanted:
        return _goes_on(data, "ends replicas that are too many")
    kept = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
    updated = int(status.get("updatedReplicas") or 0)
    if kept:
        return (
            _WELL if updated >= wanted - kept else _goes_on(data, f"has updated {updated} of {wanted - kept} replicas")
        )
    if status.get("currentRevision") != status.get("updateRevision"):
        return _goes_on(data, f"has updated {updated} of {wanted} replicas")
    return _WELL


def _daemon_set(data: Data) -> Condition:
    status = data.get("status") or {}
    if "observedGeneration" not in status:
        return _goes_on(data, "was not looked at by its controller yet")
    wanted = int(status.get("desiredNumberScheduled") or 0)
    for field, word in (
        ("updatedNumberScheduled", "updated"),
        ("numberAvailable", "available"),
        ("numberReady", "ready"),
    ):
        if int(status.get(field) or 0) < wanted:
            return _goes_on(data, f"has {int(status.get(field) or 0)} of {wanted} pods {word}")
    return _WELL


def _replica_set(data: Data) -> Condition:
    failure, status, wanted = _condition(data, "ReplicaFailure"), data.get("status") or {}, _replicas(data)
    if failure.get("status") == "True":
        return _goes_on(data, _message(failure, "cannot make its pods"))
    available = int(status.get("availableReplicas") or 0)
    return _WELL if available >= wanted else _goes_on(data, f"has {available} of {wanted} replicas available")


def _job(data: Data) -> Condition:
    failed, complete, suspended = (_condition(data, name) for name in ("Failed", "Complete", "Suspended"))
    if failed.get("status") == "True":
        return _broken(data, _message(failed, "has failed"))
    if complete.get("status") == "True":
        return _WELL
    return _goes_on(data, "is suspended" if suspended.get("status") == "True" else "is not complete yet")


def _pod(data: Data) -> Condition:
    status = data.get("status") or {}
    phase, ready = status.get("phase"), _condition(data, "Ready")
    waiting = [_waits(each) for each in status.get("containerStatuses") or ()]
    if phase == "Succeeded" or (phase == "Running" and ready.get("status") == "True"):
        return _WELL
    if phase == "Failed":
        return _broken(data, str(status.get("message") or "has failed"))
    if "CrashLoopBackOff" in waiting:
        return _broken(data, "has a container that ends again and again (CrashLoopBackOff)")
    reasons = ", ".join(filter(None, waiting))
    return _goes_on(data, f"is {phase or 'not scheduled yet'}{f' ({reasons})' if reasons else ''}")


def _waits(container: Data) -> str:
    return str(((container.get("state") or {}).get("waiting") or {}).get("reason") or "")


def _volume_claim(data: Data) -> Condition:
    phase = (data.get("status") or {}).get("phase")
    return _WELL if phase == "Bound" else _goes_on(data, f"is {phase or 'Pending'}, not Bound")


def _service(data: Data) -> Condition:
    spec, status = data.get("spec") or {}, data.get("status") or {}
    if spec.get("type") == "LoadBalancer" and not (status.get("loadBalancer") or {}).get("ingress"):
        return _goes_on(data, "has no address of its load balancer yet")
    return _WELL


def _definition(data: Data) -> Condition:
    names, established = _condition(data, "NamesAccepted"), _condition(data, "Established")
    if names.get("status") == "False":
        return _broken(data, _message(names, "has names that are taken"))
    return _WELL if established.get("status") == "True" else _goes_on(data, "is not established yet")


_SPECIAL: Mapping[str, Callable[[Data], Condition]] = {
    "apps/Deployment": _deployment,
    "apps/StatefulSet": _stateful_set,
    "apps/DaemonSet": _daemon_set,
    "apps/ReplicaSet": _replica_set,
    "batch/Job": _job,
    "/Pod": _pod,
    "/PersistentVolumeClaim": _volume_claim,
    "/Service": _service,
    "apiextensions.k8s.io/CustomResourceDefinition": _definition,
}


def _replicas(data: Data) -> int:
    wanted = (data.get("spec") or {}).get("replicas")
    return 1 if wanted is None else int(wanted)


def _condition(data: Data, type: str) -> Data:
    return next(_conditions(data, type), {})


def _conditions(data: Data, type: str) -> Iterator[Data]:
    for each in (data.get("status") or {}).get("conditions") or ():
        if isinstance(each, dict) and each.get("type") == type:
            yield each


def _message(condition: Data, otherwise: str) -> str:
    told = condition.get("message") or condition.get("reason")
    return f"{otherwise}: {told}" if told else otherwise


def _goes_on(data: Data, why: str) -> Condition:
    return Condition(HealthState.PROGRESSING, f"{called(data)} {why}")


def _broken(data: Data, why: str) -> Condition:
    return Condition(HealthState.UNHEALTHY, f"{called(data)} {why}")
