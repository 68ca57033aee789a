"""Manifests as users write them: each kind is read, found right, parsed and written back unchanged."""

from pathlib import Path

import pytest
import yaml

from argosy.resources.kinds import KINDS
from argosy.resources.manifest import Manifest, read_manifests

TEXT = (Path(__file__).parent / "examples" / "pipeline.yaml").read_text()
MANIFESTS = read_manifests(TEXT, "pipeline.yaml")


def test_the_examples_show_every_kind() -> None:
    assert {manifest.document["kind"] for manifest in MANIFESTS} == set(KINDS)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: str(manifest.key))
def test_a_valid_document_comes_back_as_it_was(manifest: Manifest) -> None:
    model = KINDS[manifest.document["kind"]].model
    assert model.model_validate(manifest.document).dump() == manifest.document


def test_what_is_read_is_what_a_plain_yaml_parser_reads() -> None:
    plain = [document for document in yaml.load_all(TEXT, Loader=yaml.BaseLoader) if document]
    assert [manifest.document["metadata"].get("name") for manifest in MANIFESTS] == [
        document["metadata"].get("name") for document in plain
    ]


def test_every_manifest_knows_where_it_begins() -> None:
    lines = TEXT.splitlines()
    assert all(lines[manifest.line - 1].startswith("apiVersion:") for manifest in MANIFESTS)
