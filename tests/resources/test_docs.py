"""The reference pages say what the models say."""

from tools.kind_docs import FOLDER, file_name, page, pages

from argosy.resources.kinds import KINDS


def test_the_pages_are_current() -> None:
    written = {path.name: path.read_text() for path in FOLDER.glob("*.md")}
    assert written == pages(), "run `python tools/kind_docs.py`"


def test_every_kind_has_a_page_with_its_fields() -> None:
    assert {file_name(kind) for kind in KINDS.values()} < set(pages())
    stage = page(KINDS["Stage"])
    assert "| `requestedFreight[].origin.kind` | text | required; one of `Warehouse` |" in stage
    assert "- scope: namespace" in stage
    assert "`spec.promotionTemplate.spec.steps[]`: a step must have either uses or task" in stage
    assert "default `20`; 1 to 100" in page(KINDS["Warehouse"])
