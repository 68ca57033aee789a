"""What admission makes of the examples: it adds, it never rewrites, and a second time it finds nothing to do."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.manifest import read_manifests
from argosy.resources.meta import Document
from argosy.rules.webhook import patch
from argosy.store.admission import Admission
from argosy.store.admittance import Admittance
from argosy.store.base import Store
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

Data = dict[str, Any]

FILE = Path(__file__).parents[1] / "resources" / "examples" / "pipeline.yaml"
COMPUTED = ("Project", "Freight", "Promotion", "Namespace")
"""Whose names and content are computed, or which are there already."""

EXAMPLES = [
    document
    for document in (manifest.document for manifest in read_manifests(FILE.read_text(), FILE.name))
    if KINDS[document["kind"]].group == KARGO and document["kind"] not in COMPUTED
]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'argosy.db'}"
    clock = FakeClock()
    kept = open_store(url, KINDS, clock=clock, key_file=tmp_path / "keys" / "keys")
    store = Admission(kept, clock, random.Random(1))
    for name in {document["metadata"]["namespace"] for document in EXAMPLES if document["metadata"].get("namespace")}:
        await store.create({"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Project", "metadata": {"name": name}})
    yield store
    await store.close()


def test_there_are_examples_of_many_kinds() -> None:
    assert len({document["kind"] for document in EXAMPLES}) >= 6


@pytest.mark.parametrize("document", EXAMPLES, ids=lambda each: each["kind"])
async def test_it_adds_and_never_rewrites_and_is_done_after_once(store: Store, document: Data) -> None:
    admit = Admittance(store, FakeClock(), random.Random(1))
    if document["kind"] == "PromotionRequest":  # the only one that refers to others, which have to be there
        for other in EXAMPLES:
            if other["kind"] in ("Stage", "Target"):
                await store.create(other)
    completed = await admit.complete(None, document)
    assert {change["op"] for change in patch(document, completed)} <= {"add"}
    assert await admit.complete(None, completed) == completed
    kept = await store.create(document)
    assert kept.key.name.startswith(document["metadata"].get("name") or document["metadata"]["generateName"])
    assert await admit.complete(Document.of(kept.data), kept.data) == kept.data
