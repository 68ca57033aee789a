"""What rules allow, as Kubernetes evaluates them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.resources.cluster_role import AggregationRule
from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.role import PolicyRule
from argosy.resources.role_binding import Subject as Bound
from argosy.rules.authorization import (
    Action,
    Subject,
    access_review,
    account,
    allows,
    atoms,
    forbidden,
    gathers,
    names_of,
    told,
)


def rule(verbs: str, resources: str = "", groups: str = KARGO, names: str = "", paths: str = "") -> PolicyRule:
    """A rule of lists written with blanks; the group `core` is the empty one."""
    return PolicyRule(
        verbs=tuple(verbs.split()),
        resources=tuple(resources.split()),
        api_groups=tuple("" if group == "core" else group for group in groups.split()),
        resource_names=tuple(names.split()),
        non_resource_urls=tuple(paths.split()),
    )


def action(verb: str, place: str, name: str = "", group: str = KARGO) -> Action:
    resource, _, sub = place.partition("/")
    return Action(verb, resource, "demo", name, group, sub)


ALLOWED = {
    "the very action": (rule("get", "stages"), action("get", "stages")),
    "one verb of several": (rule("list get", "stages"), action("get", "stages")),
    "every verb": (rule("*", "stages"), action("promote", "stages")),
    "every resource": (rule("get", "*"), action("get", "stages")),
    "every resource, of subresources, too": (rule("get", "*"), action("get", "stages/status")),
    "every group": (rule("get", "stages", "*"), action("get", "stages")),
    "the core group": (rule("get", "secrets", "core"), action("get", "secrets", group="")),
    "a subresource": (rule("patch", "freights/status"), action("patch", "freights/status")),
    "one subresource of every resource": (rule("patch", "*/status"), action("patch", "freights/status")),
    "a name": (rule("get", "stages", names="prod dev"), action("get", "stages", "dev")),
    "every name where none is given": (rule("get", "stages"), action("get", "stages", "dev")),
    "all names, which is asked with no name": (rule("list", "stages"), action("list", "stages")),
    "a path": (rule("get", paths="/healthz"), Action("get", path="/healthz")),
    "paths by their beginning": (rule("get", paths="/apis/*"), Action("get", path="/apis/apps")),
    "every path": (rule("get", paths="*"), Action("get", path="/anything")),
    "a wildcard by a wildcard": (rule("*", "*", "*"), action("*", "*", group="*")),
}
REFUSED = {
    "another verb": (rule("get", "stages"), action("list", "stages")),
    "promote, by a list of all plain verbs": (rule("get list watch create", "stages"), action("promote", "stages")),
    "another resource": (rule("get", "stages"), action("get", "warehouses")),
    "another group": (rule("get", "stages"), action("get", "stages", group="example.org")),
    "no group at all": (rule("get", "stages", ""), action("get", "stages")),
    "the core group, when another is named": (rule("get", "secrets"), action("get", "secrets", group="")),
    "a subresource, by the resource alone": (rule("patch", "freights"), action("patch", "freights/status")),
    "a resource, by its subresource": (rule("patch", "freights/status"), action("patch", "freights")),
    "another subresource": (rule("patch", "*/scale"), action("patch", "freights/status")),
    "a resource, by all of one subresource": (rule("patch", "*/status"), action("patch", "freights")),
    "another name": (rule("get", "stages", names="dev"), action("get", "stages", "prod")),
    "a list, by names": (rule("list", "stages", names="dev"), action("list", "stages")),
    "part of a name": (rule("get", "stages", names="dev"), action("get", "stages", "developer")),
    "a wildcard in a name": (rule("get", "stages", names="*"), action("get", "stages", "dev")),
    "a path, by a rule of resources": (rule("get", "*", "*"), Action("get", path="/healthz")),
    "a resource, by a rule of paths": (rule("get", paths="*"), action("get", "stages")),
    "a longer path": (rule("get", paths="/healthz"), Action("get", path="/healthz/etcd")),
    "a wildcard verb, by all verbs there are": (rule("get list watch", "stages"), action("*", "stages")),
}


@pytest.mark.parametrize(("allowing", "wanted"), ALLOWED.values(), ids=ALLOWED)
def test_a_rule_allows(allowing: PolicyRule, wanted: Action) -> None:
    assert allows([rule("never", "never"), allowing], wanted)


@pytest.mark.parametrize(("other", "wanted"), REFUSED.values(), ids=REFUSED)
def test_a_rule_does_not_allow(other: PolicyRule, wanted: Action) -> None:
    assert not allows([other], wanted)


def test_no_rules_allow_nothing() -> None:
    assert not allows([], action("get", "stages"))


WORDS = st.sampled_from(["get", "list", "stages", "stages/status", "*", "*/status", "", KARGO, "a", "b"])
SOME = st.lists(WORDS, max_size=3).map(tuple)
RULES = st.builds(
    PolicyRule,
    verbs=SOME,
    api_groups=SOME,
    resources=SOME,
    resource_names=st.lists(st.sampled_from(["a", "b"]), max_size=2).map(tuple),
    non_resource_urls=st.lists(st.sampled_from(["/a", "/a/*", "*"]), max_size=2).map(tuple),
)


@given(st.lists(RULES, max_size=4))
def test_rules_allow_each_of_their_own_atoms(rules: list[PolicyRule]) -> None:
    assert all(allows(rules, each) for each in atoms(rules, "demo"))


@given(st.lists(RULES, max_size=3), st.lists(RULES, max_size=3))
def test_who_has_all_atoms_of_rules_may_do_all_that_they_allow(
    mine: list[PolicyRule], given_: list[PolicyRule]
) -> None:
    """What makes the check against escalation sound: no action is gained by what was checked atom by atom."""
    if not all(allows(mine, each) for each in atoms(given_, "demo")):
        return
    wanted = [
        Action(verb, resource, "demo", name, group, sub)
        for verb in ("get", "list", "*")
        for resource in ("stages", "a")
        for sub in ("", "status")
        for name in ("", "a", "c")
        for group in ("", KARGO)
    ]
    assert all(allows(mine, each) for each in wanted if allows(given_, each))


@given(st.lists(RULES, max_size=3), RULES)
def test_more_rules_never_allow_less(rules: list[PolicyRule], more: PolicyRule) -> None:
    wanted = action("get", "stages", "a")
    assert not allows(rules, wanted) or allows([*rules, more], wanted)


def test_a_named_namespace_is_in_itself() -> None:
    assert Action.of("get", KINDS["Namespace"], "", "demo").namespace == "demo"
    assert Action.of("list", KINDS["Namespace"]).namespace == ""
    assert Action.of("get", KINDS["Project"], "", "demo").namespace == ""


BOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "a user": ({"kind": "User", "name": "jane"}, "demo", "User:jane"),
    "a group": ({"kind": "Group", "name": "devops"}, "demo", "Group:devops"),
    "an account": (
        {"kind": "ServiceAccount", "name": "ci", "namespace": "x"},
        "demo",
        "User:system:serviceaccount:x:ci",
    ),
    "an account of the binding's namespace": (
        {"kind": "ServiceAccount", "name": "ci"},
        "demo",
        "User:system:serviceaccount:demo:ci",
    ),
    "an account of no namespace": ({"kind": "ServiceAccount", "name": "ci"}, "", ""),
    "something else": ({"kind": "Robot", "name": "ci"}, "demo", ""),
}


@pytest.mark.parametrize(("subject", "namespace", "name"), BOUND.values(), ids=BOUND)
def test_a_binding_means(subject: dict[str, str], namespace: str, name: str) -> None:
    assert names_of(Bound.model_validate(subject), namespace) == name


def test_a_subject_is_found_by_its_user_and_its_groups() -> None:
    assert set(Subject("jane", frozenset({"a", "b"})).names) == {"User:jane", "Group:a", "Group:b"}
    assert [*account("demo", "ci").names] == ["User:system:serviceaccount:demo:ci"]


@pytest.mark.parametrize(
    ("selector", "labels", "found"),
    [
        ({"matchLabels": {"a": "1"}}, {"a": "1", "b": "2"}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "2"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {"a": ""}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Nonsense"}]}, {"a": ""}, False),
        ({"matchLabels": "nonsense"}, {"a": "1"}, False),
    ],
)
def test_a_role_gathers_by_labels(selector: dict[str, Any], labels: dict[str, str], found: bool) -> None:
    assert gathers(AggregationRule(cluster_role_selectors=(selector,)), labels) is found


def test_what_is_forbidden_is_told_as_kargo_tells_it_and_what_would_help() -> None:
    told = forbidden(action("promote", "stages", "prod"), "email:jane@example.com")
    assert told.message == 'stages.kargo.akuity.io "prod" is forbidden: promote is not permitted'
    assert told.advice == "email:jane@example.com needs a role that allows `promote` on stages in demo."
    assert forbidden(Action("list", "secrets"), "").message == "secrets is forbidden: list is not permitted"


def test_rules_are_told_apart_for_reviews() -> None:
    of_resources, of_paths = told([rule("get", "stages", names="prod"), rule("get", paths="/healthz")])
    assert of_resources == [
        {"verbs": ["get"], "apiGroups": [KARGO], "resources": ["stages"], "resourceNames": ["prod"]}
    ]
    assert of_paths == [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}]


def test_a_cluster_is_asked_with_all_that_is_known() -> None:
    who = Subject("jane", frozenset({"b", "a"}), "7", (("scopes", ("x",)),))
    assert access_review(who, action("patch", "freights/status", "f"))["spec"] == {
        "user": "jane",
        "groups": ["a", "b"],
        "uid": "7",
        "extra": {"scopes": ["x"]},
        "resourceAttributes": {
            "verb": "patch",
            "group": KARGO,
            "resource": "freights",
            "subresource": "status",
            "namespace": "demo",
            "name": "f",
        },
    }
    assert "nonResourceAttributes" in access_review(who, Action("get", path="/metrics"))["spec"]
