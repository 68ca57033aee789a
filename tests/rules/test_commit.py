"""Which commits and tags count, and in which order: rules alone, no repository."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from argosy.errors import Invalid, Permanent
from argosy.resources.warehouse import GitSubscription
from argosy.rules.commit import Commit, PathFilter, Tag, check_supported, choose_tags, from_branch, from_tag


def subscription(strategy: str = "SemVer", **fields: Any) -> GitSubscription:
    return GitSubscription(repo_url="https://host/app", commit_selection_strategy=strategy, **fields)


def tags(*names: str) -> list[Tag]:
    """Tags made one second after the other."""
    return [
        Tag(name, f"{number:040}", datetime.fromtimestamp(number, UTC), "A <a@b>", "C <c@d>", "subject")
        for number, name in enumerate(names)
    ]


def names(chosen: list[Tag]) -> list[str]:
    return [tag.name for tag in chosen]


@pytest.mark.parametrize(
    ("include", "exclude", "paths", "counts"),
    [
        ((), (), ["a"], True),
        (("apps/web",), (), ["apps/web/values.yaml"], True),
        (("apps/web",), (), ["apps/web"], True),
        (("apps/web",), (), ["apps/website/values.yaml"], False),
        (("apps/web/",), (), ["apps/web/x"], True),
        (("apps/web",), (), ["apps/db/x", "apps/web/x"], True),
        ((".",), (), ["anything"], True),
        (("glob:apps/*/values.yaml",), (), ["apps/web/values.yaml"], True),
        (("glob:apps/*/values.yaml",), (), ["apps/web/deep/values.yaml"], False),
        (("glob:**/*.yaml",), (), ["apps/web/deep/values.yaml"], True),
        (("regex:values\\.ya?ml$",), (), ["apps/web/values.yml"], True),
        (("regexp:^apps/",), (), ["libs/apps/x"], False),
        ((), ("docs",), ["docs/x"], False),
        ((), ("docs",), ["docs/x", "apps/x"], True),
        (("apps",), ("glob:**/*.md",), ["apps/README.md"], False),
        (("apps",), ("glob:**/*.md",), ["apps/README.md", "apps/x"], True),
        (("apps",), ("apps",), ["apps/x"], False),
        (("apps",), (), [], False),
        ((), ("docs",), [], False),
    ],
)
def test_a_commit_counts_when_one_of_its_paths_is_included_and_not_excluded(
    include: tuple[str, ...], exclude: tuple[str, ...], paths: list[str], counts: bool
) -> None:
    assert PathFilter(include, exclude).judge()(paths) is counts


def test_a_pattern_that_cannot_be_read_is_invalid() -> None:
    with pytest.raises(Invalid, match=r"a\(b"):
        PathFilter(("regex:a(b",)).judge()


def test_semantic_versions_go_from_the_greatest_down() -> None:
    found = tags("v1.2.0", "1.10.0", "v1.9.9", "main-build", "1.2", "v2.0.0-rc.1")
    assert names(choose_tags(subscription(), found)) == ["v2.0.0-rc.1", "1.10.0", "v1.9.9", "v1.2.0"]
    assert names(choose_tags(subscription(strict_semvers=False), found))[-2:] == ["v1.2.0", "1.2"]


def test_a_constraint_limits_versions() -> None:
    found = tags("1.2.0", "1.10.0", "2.0.0", "1.11.0-rc.1")
    assert names(choose_tags(subscription(semver_constraint="^1.2.0"), found)) == ["1.10.0", "1.2.0"]
    with pytest.raises(Invalid):
        choose_tags(subscription(semver_constraint="nonsense"), found)


def test_lexical_goes_by_name_backwards() -> None:
    found = tags("2024-01", "2025-12", "nightly", "2025-02", "Zeta")
    assert names(choose_tags(subscription("Lexical"), found)) == ["nightly", "Zeta", "2025-12", "2025-02", "2024-01"]


def test_newest_tag_goes_by_age_and_names_break_ties() -> None:
    found = tags("old", "middle", "new")
    tied = [Tag(name, "0" * 40, found[2].date, "", "", "") for name in ("b", "a")]
    assert names(choose_tags(subscription("NewestTag"), [*found, *tied])) == ["a", "b", "new", "middle", "old"]


def test_ignoring_wins_over_allowing() -> None:
    chosen = choose_tags(
        subscription("Lexical", allow_tags_regexes=("^web-", "^db-"), ignore_tags_regexes=("-rc",)),
        tags("web-1", "db-1", "web-2-rc", "other"),
    )
    assert names(chosen) == ["web-1", "db-1"]


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"allow_tags": "^v"}, "allowTagsRegexes"),
        ({"ignore_tags": ("v1",)}, "ignoreTagsRegexes"),
    ],
)
def test_fields_that_discovery_refuses_say_what_to_use(fields: dict[str, Any], advice: str) -> None:
    with pytest.raises(Permanent, match=advice):
        check_supported(subscription(**fields))
    check_supported(subscription())


def test_long_subjects_are_shortened() -> None:
    commit = Commit("1" * 40, "", datetime(2026, 1, 2, tzinfo=UTC), "A <a@b>", "C <c@d>", "x" * 81)
    shown = from_branch(commit, "main")
    assert (shown.id, shown.branch, shown.tag) == (commit.id, "main", "")
    assert (shown.author, shown.committer, shown.creator_date) == ("A <a@b>", "C <c@d>", commit.date)
    assert shown.subject == "x" * 77 + "..."
    assert from_branch(Commit("1", "", commit.date, "", "", "x" * 80), "").subject == "x" * 80
    assert from_tag(tags("v1")[0]).tag == "v1"
