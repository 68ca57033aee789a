"""Versions are read, ordered and constrained as Masterminds/semver v3 does it, and as Kargo uses it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import Invalid
from argosy.rules.versions import Constraint, Version

# text, read tolerantly, read strictly
READ = [
    ("a whole version", "1.2.3", True, True),
    ("a leading v", "v1.2.3", True, True),
    ("a prerelease and metadata", "1.2.3-rc.1+build.5", True, True),
    ("a hyphen in a prerelease", "1.2.3-rc-1", True, True),
    ("no patch", "1.2", True, False),
    ("no minor", "v1", True, False),
    ("no patch but a prerelease", "1.2-beta", True, False),
    ("a leading zero", "1.02.3", True, False),
    ("a date", "2024.01.15", True, False),
    ("a prerelease number with a leading zero", "1.2.3-01", False, False),
    ("a prerelease word with a leading zero", "1.2.3-0a", True, True),
    ("metadata with a leading zero", "1.2.3+01", True, True),
    ("the largest number", "18446744073709551615.0.0", True, True),
    ("a number of more than 64 bits", "18446744073709551616.0.0", False, False),
    ("four numbers", "1.2.3.4", False, False),
    ("an upper-case V", "V1.2.3", False, False),
    ("a word", "latest", False, False),
    ("a wildcard", "1.x", False, False),
    ("an empty prerelease", "1.2.3-", False, False),
    ("an empty identifier", "1.2.3-a..b", False, False),
    ("a space", " 1.2.3", False, False),
    ("a final newline", "1.2.3\n", False, False),
    ("digits of another script", "١.2.3", False, False),
    ("nothing", "", False, False),
]


@pytest.mark.parametrize(("text", "tolerant", "strict"), [pytest.param(*row[1:], id=row[0]) for row in READ])
def test_a_text_is_a_version_or_not(text: str, tolerant: bool, strict: bool) -> None:
    assert (Version.find(text) is not None, Version.find(text, strict=True) is not None) == (tolerant, strict)


def test_a_version_has_parts_and_remembers_its_text() -> None:
    version = Version.parse("v1.2-rc.1+build")
    assert (version.major, version.minor, version.patch) == (1, 2, 0)
    assert (version.prerelease, version.metadata, version.original) == ("rc.1", "build", "v1.2-rc.1+build")
    assert str(version) == "1.2.0-rc.1+build"


@pytest.mark.parametrize(("strict", "message"), [(False, "'1.x' is not a semantic"), (True, "'1.x' is not a strict")])
def test_what_is_no_version_is_refused_with_advice(strict: bool, message: str) -> None:
    with pytest.raises(Invalid, match=message) as caught:
        Version.parse("1.x", strict=strict)
    assert "for example 1.2.3" in caught.value.advice


ORDERED = [
    *("0.0.1", "0.9.0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta"),
    *("1.0.0-beta", "1.0.0-rc.9", "1.0.0-rc.10", "1.0.0-rc10", "1.0.0-rc9"),  # words go letter by letter
    *("1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"),
]


def test_versions_are_ordered_by_precedence() -> None:
    assert [version.original for version in sorted(map(Version.parse, reversed(ORDERED)))] == ORDERED


def test_versions_of_equal_precedence_are_ordered_by_their_text() -> None:
    versions = [Version.parse(text) for text in ("v1.0.0", "1.0.0", "1.0", "1.0.0+b", "1.0.0+a")]
    assert [version.original for version in sorted(versions)] == ["1.0", "1.0.0", "1.0.0+a", "1.0.0+b", "v1.0.0"]
    assert len({version.precedence for version in versions}) == 1


# constraint, versions it allows, versions it does not
ALLOWED = [
    ("a version is itself", "1.2.3", "1.2.3 v1.2.3 1.2.3+x", "1.2.4 1.2.3-a"),
    ("an equals sign changes nothing", "= 1.2.3", "1.2.3", "1.2.4"),
    ("a leading v changes nothing", "=v1.2.3", "1.2.3", "1.2.4"),
    ("a missing patch stands for all", "1.2", "1.2.0 1.2.9", "1.3.0 1.1.9"),
    ("a missing minor stands for all", "1", "1.0.0 1.9.9", "2.0.0 0.9.0"),
    ("a wildcard patch", "1.2.x", "1.2.0 1.2.9", "1.3.0"),
    ("a wildcard minor", "1.X", "1.0.0 1.9.0", "2.0.0"),
    ("a star allows every release", "*", "0.0.0 9.9.9", "1.0.0-rc1"),
    ("not equal", "!=1.2.3", "1.2.4 1.2.2", "1.2.3 1.2.4-a"),
    ("not a minor", "!=1.2", "1.3.0 2.2.0", "1.2.0 1.2.9"),
    ("not a major", "!=1.x", "2.0.0 0.1.0", "1.0.0 1.9.9"),
    ("not a minor's prerelease", "!=4.1-alpha", "4.1.0 4.2.0-alpha", "4.1.0-alpha 4.1.1-alpha"),
    ("greater", ">1.2.3", "1.2.4 2.0.0", "1.2.3 1.2.2"),
    ("greater than a minor begins at the next", ">1.2", "1.3.0 2.0.0", "1.2.0 1.2.9"),
    ("greater than a major begins at the next", ">1", "2.0.0", "1.0.0 1.9.9"),
    ("less", "<1.2.3", "1.2.2 0.9.0", "1.2.3 1.2.4"),
    ("less than a minor ends before its first", "<1.2", "1.1.9", "1.2.0 1.2.1"),
    ("at least", ">=1.2.3", "1.2.3 2.0.0", "1.2.2"),
    ("at least, the other way round", "=>1.2", "1.2.0 2.0.0", "1.1.9"),
    ("at most", "<=1.2.3", "1.2.3 0.1.0", "1.2.4"),
    ("at most a minor holds all of it", "=<1.2", "1.2.9 0.9.0", "1.3.0 2.0.0"),
    ("at most a major holds all of it", "<=1.x", "1.9.9 0.9.0", "2.0.0"),
    ("a tilde keeps the minor", "~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0 2.2.3"),
    ("a tilde with an arrow too", "~>1.2", "1.2.0 1.2.9", "1.3.0 1.1.0"),
    ("a tilde on a major keeps the major", "~1", "1.0.0 1.9.0", "2.0.0 0.9.0"),
    ("a tilde on nothing allows all", "~*", "0.0.0 2.1.1", "2.1.1-a"),
    ("a tilde on 0.0.0 allows all", "~0.0.0", "0.0.0 1.2.3", "1.2.3-a"),
    ("a caret keeps the major", "^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 0.9.0"),
    ("a caret on a minor", "^1.2", "1.2.0 1.9.0", "1.1.9 2.0.0"),
    ("a caret on 0 keeps the minor", "^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2 1.2.3"),
    ("a caret on 0.0 keeps the patch", "^0.0.3", "0.0.3", "0.0.4 0.1.0 1.0.0"),
    ("a caret on an open patch of 0.0", "^0.0", "0.0.0 0.0.9", "0.1.0 1.0.0"),
    ("a caret on an open 0", "^0", "0.0.0 0.9.9", "1.0.0"),
    ("a range holds both ends", "1.2 - 1.4.5", "1.2.0 1.4.5", "1.1.9 1.4.6"),
    ("a range to an open end holds all of it", "1.2 - 2", "1.2.0 2.9.0", "3.0.0"),
    ("two ranges", "1.0.0 - 1.1.0 || 2.0.0 - 2.1.0", "1.0.5 2.0.5", "1.5.0 2.2.0"),
    ("a comma is and", ">=1.0.0, <2.0.0", "1.0.0 1.9.9", "0.9.9 2.0.0"),
    ("a space is and", ">=1.0.0 <2.0.0 !=1.5.0", "1.0.0 1.9.9", "1.5.0 2.0.0"),
    ("space after an operator means nothing", ">=  1.0.0  ,  < 2", "1.0.0 1.9.9", "2.0.0"),
    ("two bars are or", "<1.0.0 || >=2.0.0", "0.9.9 2.0.0", "1.0.0 1.9.9"),
    ("and binds more tightly than or", ">=1, <2, !=1.2.3 || >3", "1.2.4 4.0.0", "1.2.3 3.0.0"),
    ("a prerelease needs a prerelease in the constraint", ">=1.2.3-0", "1.2.3-0 1.3.0-rc1 1.3.0", "1.2.2"),
    (
        "one comparator with a prerelease opens its whole group",
        ">=1.0.0 <=2.0.0-beta",
        "1.0.1-beta 2.0.0-alpha",
        "2.0.0",
    ),
    ("the other groups stay closed", ">=1.0.0 <=2.0.0-beta || >3", "1.0.1-beta 4.0.0", "4.0.1-beta"),
    ("a tilde with a prerelease", "~1.2.3-beta", "1.2.3-beta 1.2.3-rc 1.2.3", "1.2.3-alpha"),
    ("a caret with a prerelease", "^1.1.2-alpha", "1.2.1-beta1 1.1.2", "2.0.0-alpha 1.1.1"),
]


@pytest.mark.parametrize(("text", "allowed", "refused"), [pytest.param(*row[1:], id=row[0]) for row in ALLOWED])
def test_a_constraint_allows_these_and_refuses_those(text: str, allowed: str, refused: str) -> None:
    constraint = Constraint.parse(text)
    for version in allowed.split():
        assert constraint.allows(Version.parse(version)), version
    for version in refused.split():
        assert not constraint.allows(Version.parse(version)), version


@pytest.mark.parametrize(
    "text",
    ["", " ", "||", "1.0 ||", ">", "^^1", "1.0.0.0", "latest", "1xx", "=1.0=2.0", ">1,,<2", "1.0 & 2.0", ">=1" * 2000],
)
def test_what_is_no_constraint_is_refused_with_examples(text: str) -> None:
    with pytest.raises(Invalid, match="constraint") as caught:
        Constraint.parse(text)
    assert "^1.2" in caught.value.advice


NUMBERS = st.integers(0, 12)
IDENTIFIERS = st.sampled_from(["0", "1", "2", "10", "alpha", "beta", "rc", "rc1", "a-b"])
VERSIONS = st.builds(
    lambda numbers, prerelease: ".".join(map(str, numbers)) + ("-" + ".".join(prerelease) if prerelease else ""),
    st.tuples(NUMBERS, NUMBERS, NUMBERS),
    st.lists(IDENTIFIERS, max_size=3),
).map(Version.parse)


@given(VERSIONS)
def test_a_version_reads_back_from_its_canonical_form(version: Version) -> None:
    assert Version.parse(str(version), strict=True) == version


@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_total(a: Version, b: Version, c: Version) -> None:
    assert (a < b) + (a == b) + (a > b) == 1
    assert not (a <= b <= c) or a <= c


@given(VERSIONS, VERSIONS)
def test_comparators_agree_with_the_order(version: Version, bound: Version) -> None:
    def allows(operator: str) -> bool:
        return Constraint.parse(f"{operator}{bound}").allows(version)

    welcome = not version.prerelease or bool(bound.prerelease)
    assert allows(">") == (welcome and version > bound)
    assert allows(">=") == (welcome and version >= bound)
    assert allows("<") == (welcome and version < bound)
    assert allows("<=") == (welcome and version <= bound)
    assert allows("=") == (welcome and version == bound)
    assert allows("!=") == (welcome and version != bound)


@given(VERSIONS, VERSIONS)
def test_a_tilde_is_a_caret_but_narrower_from_major_1_on(version: Version, bound: Version) -> None:
    if bound.major > 0 and Constraint.parse(f"~{bound}").allows(version):
        assert Constraint.parse(f"^{bound}").allows(version)
        assert version >= bound


@given(st.text(st.sampled_from("0123456789.xX*v-+ab ^~<>=!|, "), max_size=20))
def test_any_text_is_a_constraint_or_invalid(text: str) -> None:
    try:
        constraint = Constraint.parse(text)
    except Invalid:
        return
    assert constraint.allows(Version.parse("1.2.3")) in (True, False)
    assert all(constraint.groups)
