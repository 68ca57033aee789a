"""Who leads: what a replica does about the Lease that all replicas share, as Kubernetes' own leader election does.

Nobody compares clocks of different machines: a Lease is over when its holder has not changed it for as long as it
lasts, by the steady clock of whoever looks (`k8s.io/client-go/tools/leaderelection`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from argosy.resources.meta import Json

API_VERSION = "coordination.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class Timing:
    """How an election proceeds; all in seconds, by default as Kubernetes' own controllers do.

    Attributes:
        lease: for how long others wait for a holder that says nothing.
        renew: for how long a holder goes on when it cannot renew; less than `lease`.
        retry: between two tries.
    """

    lease: float = 15.0
    renew: float = 10.0
    retry: float = 2.0

    @classmethod
    def of(cls, lease: float) -> Timing:
        """In the usual proportions."""
        return cls(lease, lease * 2 / 3, lease * 2 / 15)


@dataclass(frozen=True, slots=True)
class Lease:
    """What a Lease says. `acquired` and `renewed` are for people: nothing is decided by them.

    Attributes:
        holder: who leads; empty when nobody does.
        seconds: for how long it lasts after each renewal.
        transitions: how often the holder changed.
        version: its `metadata.resourceVersion`; empty for one that is not there yet.
    """

    holder: str
    seconds: int
    acquired: str
    renewed: str
    transitions: int = 0
    version: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Json]) -> Lease:
        """Read from a resource; what is missing is taken as empty."""
        spec: Mapping[str, Any] = data.get("spec") or {}
        return cls(
            str(spec.get("holderIdentity") or ""),
            int(spec.get("leaseDurationSeconds") or 0),
            str(spec.get("acquireTime") or ""),
            str(spec.get("renewTime") or ""),
            int(spec.get("leaseTransitions") or 0),
            str((data.get("metadata") or {}).get("resourceVersion") or ""),
        )

    def document(self, namespace: str, name: str) -> dict[str, Any]:
        """The whole resource, to be created or, with its version, to replace what was read."""
        version = {"resourceVersion": self.version} if self.version else {}
        times = {"acquireTime": self.acquired, "renewTime": self.renewed}
        spec: dict[str, Any] = {"holderIdentity": self.holder, "leaseDurationSeconds": self.seconds}
        spec |= {key: value for key, value in times.items() if value}
        spec["leaseTransitions"] = self.transitions
        meta = {"name": name, "namespace": namespace, **version}
        return {"apiVersion": API_VERSION, "kind": "Lease", "metadata": meta, "spec": spec}


class Move(Enum):
    """What to do about a Lease."""

    WAIT = "wait"
    """Somebody else leads."""
    TAKE = "take"
    """Nobody leads any more."""
    RENEW = "renew"
    """It is ours already."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A Lease, and the moment of the steady clock at which it was first seen to be so."""

    lease: Lease
    at: float

    def seeing(self, lease: Lease, now: float) -> Observed:
        """After another look: only a Lease that has changed begins to last anew."""
        return self if lease == self.lease else Observed(lease, now)


def move(observed: Observed | None, identity: str, now: float) -> Move:
    """What the replica `identity` does at a moment of the steady clock; None for a Lease that is not there."""
    if observed is None or not observed.lease.holder:
        return Move.TAKE
    if observed.lease.holder == identity:
        return Move.RENEW
    return Move.WAIT if now < observed.at + observed.lease.seconds else Move.TAKE


def held(before: Lease | None, identity: str, timing: Timing, now: datetime) -> Lease:
    """The Lease with `identity` as its holder, renewed now: `before` is what was read."""
    told, seconds = written(now), max(1, round(timing.lease))
    if before is None:
        return Lease(identity, seconds, told, told)
    if before.holder == identity:
        return replace(before, seconds=seconds, renewed=told)
    return replace(
        before, holder=identity, seconds=seconds, acquired=told, renewed=told, transitions=before.transitions + 1
    )


def released(before: Lease, now: datetime) -> Lease:
    """The Lease given back, so that whoever looks next may take it at once."""
    told = written(now)
    return replace(before, holder="", seconds=1, acquired=told, renewed=told)


def written(moment: datetime) -> str:
    """A time as Kubernetes' `MicroTime`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
