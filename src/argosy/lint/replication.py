"""Secrets and ConfigMaps that ask to be replicated, and would not be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from argosy.lint.base import Finding, Manifests
from argosy.resources.names import Annotation, Label
from argosy.rules.replication import EVERYWHERE, KINDS


def findings(manifests: Manifests) -> Iterator[Finding]:
    for place in (place for kind in KINDS for place in manifests.of(kind)):
        annotation = place / "metadata" / "annotations" / Annotation.REPLICATE_TO.value
        if annotation.value is None:
            continue
        labels = (place / "metadata" / "labels").value
        if annotation.value != EVERYWHERE:
            message = f"{annotation.value!r} is nowhere, so that nothing is replicated"
            yield annotation.warning("idle-replication", message, f'Write "{EVERYWHERE}", which is every Project.')
        elif place.manifest.key.kind == "Secret" and not (
            isinstance(labels, Mapping) and Label.CREDENTIAL_TYPE in labels
        ):
            message = "a Secret that is not labelled as credentials is not replicated"
            yield annotation.warning("idle-replication", message, f"Label it {Label.CREDENTIAL_TYPE.value}: generic.")
