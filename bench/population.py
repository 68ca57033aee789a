"""A large installation, made in seconds: documents as they stand when nothing is left to do, kept by the raw store.

They go through the store's own transactions, beneath admission and a few hundred at a time, because a hundred thousand
requests would measure the making, which is not what is asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argosy.clock import Clock, rfc3339
from argosy.resources.kinds import KINDS
from argosy.settings import Settings
from argosy.store.database import Database
from argosy.store.transaction import Transaction
from argosy.store.vault import Vault
from argosy.store.writer import Writer

Data = dict[str, Any]

API = "kargo.akuity.io/v1alpha1"
LINE = ("dev", "test", "staging", "prod-eu", "prod-us")
"""The Stages of one Warehouse, each fed by the one before; the first two promote by themselves."""

BATCH = 500


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are. Every Warehouse has five Stages.

    Attributes:
        large: Warehouses of one more Project, `large`, which has twenty Freight of each.
    """

    projects: int = 100
    warehouses: int = 1_000
    freight: int = 100_000
    large: int = 0

    @property
    def stages(self) -> int:
        return self.warehouses * len(LINE)


async def populate(settings: Settings, size: Size, clock: Clock) -> None:
    """Make a database of this size where `settings` say."""
    database = Database(settings.data / "argosy.db")
    vault = Vault.unlock(settings.key_file, create=True)
    writer = Writer(database, vault, KINDS, clock=clock, log_length=10_000)
    writer.start(lambda _changes: None)
    try:
        documents = everything(size, clock.now())
        while batch := list(itertools.islice(documents, BATCH)):
            await writer.run(_inserting(batch))
    finally:
        writer.stop()
        await asyncio.to_thread(writer.join)
        database.close()


def _inserting(batch: list[Data]) -> Callable[[Transaction], None]:
    def insert(tx: Transaction) -> None:
        for data in batch:
            tx.insert(data)

    return insert


def everything(size: Size, now: datetime) -> Iterator[Data]:
    """The documents, what others refer to first."""
    for project in range(size.projects):
        yield from _project(f"project-{project:03}", now)
    for number in range(size.warehouses):
        namespace = f"project-{number % size.projects:03}"
        yield from _line(namespace, f"app-{number:04}", size.freight // size.warehouses, now)
    if size.large:
        yield from _project("large", now)
    for number in range(size.large):
        yield from _line("large", f"part-{number:03}", 20, now)


def _project(name: str, now: datetime) -> Iterator[Data]:
    labels = {"kargo.akuity.io/project": "true"}
    yield _document("v1", "Namespace", {"name": name, "labels": labels}, now) | {"status": {"phase": "Active"}}
    meta = {"name": name, "finalizers": ["kargo.akuity.io/finalizer"]}
    yield _document(API, "Project", meta, now)
    policy = {"stageSelector": {"name": "regex:^app-[0-9]+-(dev|test)$"}, "autoPromotionEnabled": True}
    meta = {"name": name, "namespace": name}
    yield _document(API, "ProjectConfig", meta, now) | {"spec": {"promotionPolicies": [policy]}}


def _line(namespace: str, app: str, count: int, now: datetime) -> Iterator[Data]:
    """A Warehouse, its Freight and its Stages, every Stage using the newest Freight."""
    references = [_reference(namespace, app, number) for number in range(count)]
    newest = references[-1]
    yield _warehouse(namespace, app, newest, now)
    for age, reference in enumerate(reversed(references)):
        meta = {
            "name": reference["name"],
            "namespace": namespace,
            "labels": {"kargo.akuity.io/alias": _alias(reference)},
        }
        found = now - timedelta(minutes=10 * (age + 1))
        data = _document(API, "Freight", meta, found) | reference
        data |= {"alias": _alias(reference), "discoveredAt": rfc3339(found), "status": _freight_status(app, age, found)}
        data.pop("name")
        yield data
    for place, _ in enumerate(LINE):
        yield from _stage(namespace, app, place, newest, now)


def _reference(namespace: str, app: str, number: int) -> Data:
    name = hashlib.sha1(f"{namespace}/{app}/{number}".encode()).hexdigest()
    image = {
        "repoURL": f"registry.example.com/{namespace}/{app}",
        "tag": f"1.{number}.0",
        "digest": f"sha256:{hashlib.sha256(name.encode()).hexdigest()}",
        "annotations": {"org.opencontainers.image.revision": name},
    }
    commit = {
        "repoURL": f"https://git.example.com/{namespace}/{app}.git",
        "id": name,
        "branch": "main",
        "message": f"Change number {number} of {app}",
        "author": "Ada <ada@example.com>",
        "committer": "Ada <ada@example.com>",
    }
    return {"name": name, "origin": {"kind": "Warehouse", "name": app}, "commits": [commit], "images": [image]}


def _alias(reference: Data) -> str:
    return f"alias-{reference['name'][:12]}"


def _freight_status(app: str, age: int, found: datetime) -> Data:
    """The newest is in every Stage; those before were, and have been verified there."""
    moment = rfc3339(found)
    verified = {f"{app}-{place}": {"verifiedAt": moment} for place in LINE}
    if age:
        return {"verifiedIn": {stage: told | {"longestSoak": "10m0s"} for stage, told in verified.items()}}
    return {"verifiedIn": verified, "currentlyIn": {stage: {"since": moment} for stage in verified}}


def _warehouse(namespace: str, app: str, newest: Data, now: datetime) -> Data:
    image, commit = newest["images"][0], newest["commits"][0]
    meta = {"name": app, "namespace": namespace}
    subscriptions = [
        {"git": {"repoURL": commit["repoURL"], "branch": "main"}},
        {"image": {"repoURL": image["repoURL"], "constraint": "^1.0.0"}},
    ]
    found = {
        "discoveredAt": rfc3339(now),
        "git": [{"repoURL": commit["repoURL"], "commits": [{"id": commit["id"], "branch": "main"}]}],
        "images": [{"repoURL": image["repoURL"], "references": [{"tag": image["tag"], "digest": image["digest"]}]}],
    }
    healthy = {"type": "Healthy", "status": "True", "reason": "ReconciliationSucceeded", "message": ""}
    status = {"discoveredArtifacts": found, "lastFreightID": newest["name"], "observedGeneration": 1}
    # An interval longer than the run: nothing here may look at a network that is not there.
    spec = {"interval": "24h", "subscriptions": subscriptions, "freightCreationPolicy": "Automatic"}
    return _document(API, "Warehouse", meta, now) | {"spec": spec, "status": status | {"conditions": [healthy]}}


def _stage(namespace: str, app: str, place: int, newest: Data, now: datetime) -> Iterator[Data]:
    """A Stage and the Promotion that brought its Freight."""
    name = f"{app}-{LINE[place]}"
    sources = {"stages": [f"{app}-{LINE[place - 1]}"], "requiredSoakTime": "1m"} if place else {"direct": True}
    template = {"spec": {"vars": [{"name": "app", "value": app}], "steps": _steps()}}
    spec = {"requestedFreight": [{"origin": newest["origin"], "sources": sources}], "promotionTemplate": template}
    moment = rfc3339(now)
    promotion = _promotion(namespace, name, newest, moment)
    verification = {"id": str(uuid.uuid4()), "startTime": moment, "finishTime": moment, "phase": "Successful"}
    current = promotion["status"]["freightCollection"] | {"verificationHistory": [verification]}
    last = {"name": promotion["metadata"]["name"], "freight": newest, "finishedAt": moment}
    status = {
        "freightHistory": [current],
        "freightSummary": newest["name"],
        "health": {"status": "Healthy"},
        "observedGeneration": 1,
        "lastPromotion": last | {"status": promotion["status"]},
    }
    meta = {"name": name, "namespace": namespace, "finalizers": ["kargo.akuity.io/finalizer"]}
    yield _document(API, "Stage", meta, now) | {"spec": spec, "status": status}
    yield promotion


def _steps() -> list[Data]:
    """As long a template as users have, of steps that need nothing from outside."""
    return [{"uses": "compose-output", "as": f"part-{n}", "config": {"app": "${{ vars.app }}"}} for n in range(6)]


def _promotion(namespace: str, stage: str, newest: Data, moment: str) -> Data:
    collection_id = hashlib.sha1(newest["name"].encode()).hexdigest()
    collection = {"id": collection_id, "items": {f"Warehouse/{newest['origin']['name']}": newest}}
    meta = {"name": f"{stage}.01hz0000000000000000000000.{newest['name'][:7]}", "namespace": namespace}
    status = {
        "phase": "Succeeded",
        "startedAt": moment,
        "finishedAt": moment,
        "freight": newest,
        "freightCollection": collection,
        "state": {f"part-{n}": {"app": stage} for n in range(6)},
        "stepExecutionMetadata": [
            {"alias": f"part-{n}", "startedAt": moment, "finishedAt": moment, "status": "Succeeded"} for n in range(6)
        ],
    }
    data = {"apiVersion": API, "kind": "Promotion", "metadata": _meta(meta, moment)}
    return data | {"spec": {"stage": stage, "freight": newest["name"], "steps": _steps()}, "status": status}


def _document(version: str, kind: str, meta: Data, made: datetime) -> Data:
    return {"apiVersion": version, "kind": kind, "metadata": _meta(meta, rfc3339(made))}


def _meta(meta: Data, moment: str) -> Data:
    return {**meta, "uid": str(uuid.uuid4()), "generation": 1, "creationTimestamp": moment}
