from __future__ import annotations

import pytest

from argosy.errors import Invalid
from argosy.rules.ignore import IgnoreRules


@pytest.mark.parametrize(
    ("rules", "path", "is_folder", "ignored"),
    [
        pytest.param("*.md", "a/b/readme.md", False, True, id="a name at any depth"),
        pytest.param("*.md", "a/md", False, False, id="another name"),
        pytest.param("/*.md", "readme.md", False, True, id="a leading slash ties to the top"),
        pytest.param("/*.md", "a/readme.md", False, False, id="and to nothing below"),
        pytest.param("docs/*.md", "docs/a.md", False, True, id="a slash within ties to the top"),
        pytest.param("docs/*.md", "x/docs/a.md", False, False, id="not anywhere else"),
        pytest.param("docs/*.md", "docs/x/a.md", False, False, id="one star crosses no slash"),
        pytest.param("docs/**/a.md", "docs/x/y/a.md", False, True, id="two stars cross slashes"),
        pytest.param("docs/**/a.md", "docs/a.md", False, True, id="two stars may stand for nothing"),
        pytest.param("**/b", "a/b", False, True, id="two stars at the start"),
        pytest.param("build/", "build", True, True, id="a last slash matches a folder"),
        pytest.param("build/", "build", False, False, id="and no file"),
        pytest.param("*\n!keep", "keep", False, False, id="a later rule brings back"),
        pytest.param("!keep\n*", "keep", False, True, id="an earlier one does not"),
        pytest.param("# a\n\n  \n", "# a", False, False, id="comments and empty lines say nothing"),
        pytest.param("\\#a", "#a", False, True, id="an escaped hash is a character"),
        pytest.param("\\!a", "!a", False, True, id="an escaped mark is a character"),
        pytest.param("a  ", "a", False, True, id="spaces at the end do not count"),
        pytest.param("a\\ ", "a ", False, True, id="unless escaped"),
        pytest.param("[a-c]?", "b1", False, True, id="classes and question marks"),
        pytest.param("{a,b}", "a", False, False, id="braces are characters"),
        pytest.param("{a,b}", "{a,b}", False, True, id="which match themselves"),
        pytest.param("", "a", False, False, id="no rules ignore nothing"),
    ],
)
def test_rules_ignore(rules: str, path: str, is_folder: bool, ignored: bool) -> None:
    assert IgnoreRules(rules).ignores(path, is_folder) is ignored


def test_a_pattern_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Invalid):
        IgnoreRules("[a")


def test_a_hostile_pattern_takes_no_time() -> None:
    assert not IgnoreRules("*a" * 500 + "b").ignores("a" * 5000, False)
