"""Defaults and nulls are handled as Kubernetes and Kargo do."""

from typing import Any

from argosy.resources.defaults import with_defaults

HEAD = {"apiVersion": "kargo.akuity.io/v1alpha1"}


def test_a_warehouse_gets_the_defaults_that_kargo_persists() -> None:
    document: dict[str, Any] = {
        **HEAD,
        "kind": "Warehouse",
        "spec": {
            "subscriptions": [
                {"git": {"repoURL": "https://h/r", "discoveryLimit": 3}},
                {"image": {"repoURL": "r"}},
                {"chart": {"repoURL": "oci://r"}},
            ]
        },
    }
    assert with_defaults(document)["spec"] == {
        "interval": "5m0s",
        "freightCreationPolicy": "Automatic",
        "subscriptions": [
            {
                "git": {
                    "repoURL": "https://h/r",
                    "discoveryLimit": 3,
                    "commitSelectionStrategy": "NewestFromBranch",
                    "strictSemvers": True,
                }
            },
            {
                "image": {
                    "repoURL": "r",
                    "discoveryLimit": 20,
                    "imageSelectionStrategy": "SemVer",
                    "strictSemvers": True,
                }
            },
            {"chart": {"repoURL": "oci://r", "discoveryLimit": 20}},
        ],
    }
    assert "interval" not in document["spec"]


def test_defaults_that_kargo_keeps_to_itself_are_not_written() -> None:
    sources = {"direct": True}
    document = {
        **HEAD,
        "kind": "Stage",
        "spec": {"requestedFreight": [{"origin": {"kind": "Warehouse", "name": "w"}, "sources": sources}]},
    }
    assert with_defaults(document) == document


def test_a_secret_is_opaque_and_a_reference_has_a_name() -> None:
    assert with_defaults({"apiVersion": "v1", "kind": "Secret"})["type"] == "Opaque"
    config = {**HEAD, "kind": "ClusterConfig", "spec": {"webhookReceivers": [{"name": "r", "quay": {"secretRef": {}}}]}}
    receiver = with_defaults(config)["spec"]["webhookReceivers"][0]
    assert receiver["quay"]["secretRef"] == {"name": ""}


def test_nulls_go_except_in_free_form_values_and_unknown_fields() -> None:
    document = {
        **HEAD,
        "kind": "Stage",
        "metadata": {"name": "s", "labels": {"a": None, "b": "c"}, "creationTimestamp": None},
        "spec": {
            "shard": None,
            "newer": None,
            "promotionTemplate": {"spec": {"steps": [{"uses": "x", "config": {"keep": None}, "if": None}]}},
        },
        "status": {"metadata": {"keep": None}},
    }
    assert with_defaults(document) == {
        **HEAD,
        "kind": "Stage",
        "metadata": {"name": "s", "labels": {"b": "c"}},
        "spec": {
            "newer": None,
            "promotionTemplate": {"spec": {"steps": [{"uses": "x", "config": {"keep": None}}]}},
        },
        "status": {"metadata": {"keep": None}},
    }


def test_a_null_takes_the_default_of_its_field() -> None:
    document = {**HEAD, "kind": "Warehouse", "spec": {"interval": None, "subscriptions": []}}
    assert with_defaults(document)["spec"]["interval"] == "5m0s"


def test_wrong_types_and_unknown_kinds_are_left_alone() -> None:
    wrong = {**HEAD, "kind": "Warehouse", "spec": {"subscriptions": 5}}
    assert with_defaults(wrong)["spec"]["subscriptions"] == 5
    unknown = {"kind": "Deployment", "spec": {"replicas": None}}
    assert with_defaults(unknown) == unknown
