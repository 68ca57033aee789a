"""When a rebase is safe: the whole table of Kargo's."""

from __future__ import annotations

import pytest

from argosy.rules.push_integration import Integration, Signature, Way, needs_signatures, way

NONE, OURS, OTHER = Signature.NONE, Signature.OURS, Signature.OTHER
SAFE: dict[str, tuple[list[Signature], bool, bool]] = {
    "no commit of ours": ([], False, True),
    "none, and a key": ([], True, True),
    "unsigned ones stay unsigned": ([NONE, NONE], False, True),
    "unsigned ones would get a signature": ([NONE], True, False),
    "ours are signed again": ([OURS, OURS], True, True),
    "ours would lose their signature": ([OURS], False, False),
    "nobody can vouch for those of others": ([OTHER], True, False),
    "those of others would lose their signature": ([OTHER], False, False),
    "one of many is enough": ([OURS, NONE], True, False),
}


@pytest.mark.parametrize("case", SAFE)
def test_rebase_when_it_changes_nothing_about_who_signed(case: str) -> None:
    commits, signing, safe = SAFE[case]
    expected = {
        Integration.ALWAYS_REBASE: Way.REBASE,
        Integration.ALWAYS_MERGE: Way.MERGE,
        Integration.REBASE_OR_MERGE: Way.REBASE if safe else Way.MERGE,
        Integration.REBASE_OR_FAIL: Way.REBASE if safe else Way.REFUSE,
    }
    assert {policy: way(policy, commits, signing=signing) for policy in Integration} == expected


def test_signatures_are_looked_at_only_where_they_matter() -> None:
    assert [policy for policy in Integration if needs_signatures(policy)] == [
        Integration.REBASE_OR_MERGE,
        Integration.REBASE_OR_FAIL,
    ]
