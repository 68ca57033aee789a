"""The catalogue: words, plurals, columns, indexes and owners fit the models."""

import pytest

from argosy.errors import NotFound
from argosy.resources.kind import Kind
from argosy.resources.kinds import KINDS, kind_by_plural, kind_by_word
from argosy.resources.shape import members

EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("stage", "Stage"),
        ("Stages", "Stage"),
        ("freight", "Freight"),
        ("freights", "Freight"),
        ("promo", "Promotion"),
        ("promotasks", "PromotionTask"),
        ("ns", "Namespace"),
        ("cm", "ConfigMap"),
        ("warehouses.kargo.akuity.io", "Warehouse"),
        ("warehouses.v1alpha1.kargo.akuity.io", "Warehouse"),
        ("analysistemplates.argoproj.io", "AnalysisTemplate"),
    ],
)
def test_a_kind_is_found_by_the_words_people_use(word: str, name: str) -> None:
    assert kind_by_word(word).name == name


def test_an_unknown_word_is_answered_with_a_guess() -> None:
    with pytest.raises(NotFound, match="Did you mean `warehouses`"):
        kind_by_word("warehuoses")


def test_a_word_like_nothing_is_answered_with_the_list() -> None:
    with pytest.raises(NotFound, match=r"Known are .*freights"):
        kind_by_word("xyzzy")


def test_a_kind_is_found_by_its_place_in_the_api() -> None:
    found = kind_by_plural("kargo.akuity.io", "v1alpha1", "stages")
    assert found is KINDS["Stage"]
    assert kind_by_plural("", "v1", "stages") is None
    assert kind_by_plural("", "v1", "secrets") is KINDS["Secret"]


def test_kinds_without_status_subresource_are_known() -> None:
    assert {name for name, kind in KINDS.items() if not kind.status} == {
        "PromotionTask",
        "ClusterPromotionTask",
        "AnalysisTemplate",
        "ClusterAnalysisTemplate",
        "AnalysisRun",
        "Secret",
        "ConfigMap",
        "Event",
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRoleBinding",
    }


def test_kinds_that_are_part_of_kubernetes_need_no_definition() -> None:
    assert {kind.group for kind in KINDS.values() if kind.is_custom} == {"kargo.akuity.io", "argoproj.io"}
    assert {kind.group for kind in KINDS.values() if not kind.is_custom} == {"", "rbac.authorization.k8s.io"}


def test_cluster_wide_kinds_are_known() -> None:
    assert {name for name, kind in KINDS.items() if not kind.namespaced} == {
        "Project",
        "ClusterConfig",
        "ClusterPromotionTask",
        "ClusterAnalysisTemplate",
        "Namespace",
        "ClusterRole",
        "ClusterRoleBinding",
    }


@EVERY
def test_indexes_name_fields_of_the_model(kind: Kind) -> None:
    for path in kind.indexes.values():
        model = kind.model
        for part in path:
            assert part in members(model), f"{kind.name} has no field {path}"
            model = members(model)[part].model or model


@EVERY
def test_every_status_field_has_exactly_one_owner(kind: Kind) -> None:
    status = members(kind.model).get("status")
    fields = set(members(status.model)) if status and status.model else set()
    assert set(kind.model.STATUS_OWNERS) == fields


def test_stages_print_the_columns_that_users_of_kargo_know() -> None:
    assert [(column.name, column.path, column.type) for column in KINDS["Stage"].columns] == [
        ("Shard", ".spec.shard", "string"),
        ("Current Freight", ".status.freightSummary", "string"),
        ("Health", ".status.health.status", "string"),
        ("Ready", '.status.conditions[?(@.type=="Ready")].status', "string"),
        ("Status", '.status.conditions[?(@.type=="Ready")].message', "string"),
        ("Age", ".metadata.creationTimestamp", "date"),
    ]
