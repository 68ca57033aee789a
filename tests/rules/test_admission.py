"""Admission: what every write overwrites, what it refuses, and what cannot be changed afterwards."""

from __future__ import annotations

import base64
import copy
from typing import Any

import orjson
import pytest
from tests.rules.pipeline_case import (
    IMAGE,
    NOW,
    STEPS,
    Raw,
    a_freight,
    a_stage,
    a_warehouse,
    collection,
    document,
    freight,
    promotion,
    reference,
    request,
    resource,
    stage,
)

from argosy.errors import Denied, Invalid
from argosy.resources.freight import FreightReference
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionStep
from argosy.rules import admission as rules
from argosy.rules.freight import freight_name

ALIAS, SHARD, STAGE = "kargo.akuity.io/alias", "kargo.akuity.io/shard", "kargo.akuity.io/stage"
ACTOR, ABORT = "kargo.akuity.io/create-actor", "kargo.akuity.io/abort"
HOLD, RESUME = "kargo.akuity.io/auto-promotion-hold", "kargo.akuity.io/auto-promotion-resume"
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
STEP = PromotionStep.model_validate({**STEPS[0], "as": "step-1"})


def namespace(**labels: str) -> Raw:
    return {"kind": "Namespace", "metadata": {"name": "p", "labels": labels}}


def test_a_namespace_of_a_project_is_right() -> None:
    rules.project_namespace(namespace(**{"kargo.akuity.io/project": "true"}), kind="Stage", name="dev")


def test_another_namespace_is_invalid_and_denied_to_configuration() -> None:
    with pytest.raises(Invalid) as invalid:
        rules.project_namespace(namespace(), kind="Stage", name="dev")
    assert invalid.value.problems[0].field == "metadata.namespace"
    assert "Create a Project named 'p'" in invalid.value.problems[0].advice
    with pytest.raises(Denied):
        rules.project_namespace(namespace(**{"kargo.akuity.io/project": "false"}), kind="ProjectConfig", name="p")


def test_the_shard_is_a_label_too() -> None:
    raw = stage()
    raw["spec"]["shard"] = "east"
    rules.shard_label(raw)
    assert raw["metadata"]["labels"] == {SHARD: "east"}
    del raw["spec"]["shard"]
    rules.shard_label(raw)
    assert raw["metadata"]["labels"] == {}


def test_string_data_is_encoded_into_data_and_wins() -> None:
    secret = {"kind": "Secret", "data": {"a": "QQ==", "b": "Qg=="}, "stringData": {"b": "ü", "c": ""}}
    rules.secret_data(secret)
    assert secret == {
        "kind": "Secret",
        "data": {"a": "QQ==", "b": base64.b64encode("ü".encode()).decode(), "c": ""},
    }
    plain = {"kind": "Secret"}
    rules.secret_data(plain)
    assert plain == {"kind": "Secret"}


def made(**fields: Any) -> Raw:
    raw = freight("whatever")
    del raw["discoveredAt"]
    raw.update(fields)
    rules.freight_create(raw, now=NOW, new_alias="fair-wind")
    return raw


def test_freight_is_named_by_its_content_whatever_the_request_says() -> None:
    raw = made()
    assert raw["metadata"]["name"] == freight_name(FreightReference.model_validate(raw))
    generated = freight("x")
    generated["metadata"] = {"generateName": "freight-", "namespace": "p"}
    rules.freight_create(generated, now=NOW, new_alias="a")
    assert "generateName" not in generated["metadata"]


def test_freight_gets_a_time_of_discovery_unless_it_has_one() -> None:
    assert made()["discoveredAt"] == "2026-01-01T00:00:00Z"
    assert made(discoveredAt="2025-01-01T00:00:00Z")["discoveredAt"] == "2025-01-01T00:00:00Z"


def test_an_alias_is_made_up_when_there_is_none_and_the_label_never_wins() -> None:
    raw = freight("x", meta={"labels": {ALIAS: "label"}})
    rules.freight_create(raw, now=NOW, new_alias="fair-wind")
    assert (raw["alias"], raw["metadata"]["labels"][ALIAS]) == ("fair-wind", "fair-wind")
    assert made(alias="mine")["metadata"]["labels"][ALIAS] == "mine"


def test_every_fault_of_freight_is_told() -> None:
    with pytest.raises(Invalid) as error:
        rules.freight_artifacts(freight(images=[]), None)
    assert [problem.field for problem in error.value.problems] == ["", "origin.name"]
    with pytest.raises(Invalid) as error:
        rules.freight_artifacts(freight(images=[{"repoURL": "other"}]), a_warehouse("w"))
    assert [problem.field for problem in error.value.problems] == ["images", "images"]
    rules.freight_artifacts(freight(), a_warehouse("w"))


def updated(**fields: Any) -> Raw:
    old = freight(alias="old", meta={"labels": {ALIAS: "old"}})
    new = {**copy.deepcopy(old), **fields}
    rules.freight_update(old, new)
    return new


def test_the_alias_label_follows_the_alias() -> None:
    assert updated(alias="new")["metadata"]["labels"] == {ALIAS: "new"}
    assert updated(alias="")["metadata"]["labels"] == {}
    renamed = updated(metadata={"name": "f1", "namespace": "p", "labels": {ALIAS: "sneaky"}})
    assert renamed["metadata"]["labels"] == {ALIAS: "old"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"images": [{"repoURL": IMAGE, "tag": "f2", "digest": "sha256:1"}]}, "images"),
        ({"images": []}, "images"),
        ({"commits": [{"repoURL": "https://git.example/app", "id": "1"}]}, "commits"),
        ({"charts": [{"repoURL": "https://charts.example", "name": "a", "version": "1"}]}, "charts"),
        ({"artifacts": [{"subscriptionName": "a", "version": "1"}]}, "artifacts"),
        ({"origin": {"kind": "Warehouse", "name": "other"}}, "origin"),
    ],
)
def test_the_content_of_freight_is_immutable(fields: Raw, field: str) -> None:
    with pytest.raises(Invalid, match="immutable") as error:
        updated(**fields)
    assert [problem.field for problem in error.value.problems] == [field]


def test_another_way_to_write_the_same_content_is_no_change() -> None:
    image = {"repoURL": IMAGE, "tag": "f1", "digest": "sha256:1", "subscriptionName": "", "annotations": {}}
    assert updated(images=[image], commits=[])["images"] == [image]


def test_a_lost_time_of_discovery_comes_back() -> None:
    assert updated(discoveredAt=None)["discoveredAt"] == freight()["discoveredAt"]
    old = freight(meta={"creationTimestamp": "2025-06-01T00:00:00Z"})
    del old["discoveredAt"]
    new = copy.deepcopy(old)
    rules.freight_update(old, new)
    assert new["discoveredAt"] == "2025-06-01T00:00:00Z"


def test_a_request_for_a_promotion_needs_no_steps_and_those_it_has_do_not_count() -> None:
    asked = resource("Promotion", "x", spec={"stage": "dev", "freight": "f1", "vars": "nonsense", "steps": 7})
    assert rules.promotion_request(asked)["spec"] == {
        "stage": "dev",
        "freight": "f1",
        "steps": [{"uses": "from-the-stage"}],
    }
    assert asked["spec"]["steps"] == 7
    assert rules.promotion_request({"kind": "Promotion", "spec": 3}) == {"kind": "Promotion", "spec": 3}


def created(actor: str = "admin", on: Stage | None = None, **meta: Any) -> Raw:
    raw = promotion("mine", **meta)
    raw["spec"].update({"vars": [{"name": "x", "value": "sneaky"}], "freight": "0123456789"})
    rules.promotion_create(raw, on or a_stage(uid="u1"), [STEP], ulid=ULID, actor=actor)
    return raw


def test_name_steps_and_variables_come_from_the_stage() -> None:
    whole = stage(uid="u1")
    whole["spec"]["vars"] = [{"name": "a", "value": "stage"}]
    whole["spec"]["promotionTemplate"]["spec"]["vars"] = [{"name": "a", "value": "template"}]
    raw = created(on=Stage.model_validate(whole))
    assert raw["metadata"]["name"] == "dev.01arz3ndektsv4rrffq69g5fav.0123456"
    assert raw["spec"]["steps"] == [{"uses": "fail", "as": "step-1"}]
    assert raw["spec"]["vars"] == [{"name": "a", "value": "stage"}, {"name": "a", "value": "template"}]
    assert "vars" not in created()["spec"]


def test_a_promotion_belongs_to_its_stage_and_says_so() -> None:
    whole = stage("s" * 80, uid="u1")
    whole["spec"]["shard"] = "east"
    raw = created(on=Stage.model_validate(whole), ownerReferences=[{"kind": "Other"}])
    meta = raw["metadata"]
    assert meta["annotations"][STAGE] == "s" * 80
    assert meta["labels"] == {STAGE: rules.label_value("s" * 80), SHARD: "east"}
    owner = meta["ownerReferences"]
    assert [(item["kind"], item["uid"], item["controller"]) for item in owner] == [("Stage", "u1", True)]


def test_a_name_too_long_for_a_label_ends_in_its_hash() -> None:
    assert rules.label_value("dev") == "dev"
    assert rules.label_value("s" * 63) == "s" * 63
    long = rules.label_value("s" * 53 + "-" + "x" * 20)
    assert long == "s" * 53 + "-" + long[-8:]
    assert long[-8:] != rules.label_value("s" * 53 + "-" + "y" * 20)[-8:]


@pytest.mark.parametrize(
    ("actor", "given", "recorded"),
    [
        pytest.param("admin", {}, "admin", id="who makes it"),
        pytest.param("email:a@b.c", {ACTOR: "admin"}, "email:a@b.c", id="whoever they claim to be"),
        pytest.param("", {ACTOR: "admin"}, None, id="nobody when nobody is known"),
        pytest.param("controller:stage-controller", {}, None, id="no controller"),
        pytest.param("controller:rollback", {ACTOR: "admin"}, "admin", id="for whom a controller makes it"),
    ],
)
def test_the_actor_is_recorded(actor: str, given: dict[str, str], recorded: str | None) -> None:
    raw = created(actor, annotations=given)
    assert raw["metadata"]["annotations"].get(ACTOR) == recorded


def test_a_stage_without_steps_takes_no_promotions() -> None:
    rules.promotable(promotion("x"), a_stage())
    with pytest.raises(Invalid, match="no promotion steps"):
        rules.promotable(promotion("x"), a_stage(steps=()))


def test_targets_are_promoted_to_by_requests_only() -> None:
    named = promotion("x")
    named["spec"]["target"] = "t"
    with pytest.raises(Invalid, match=r"spec\.target"):
        rules.promotable(named, a_stage())
    raw = stage()
    raw["spec"]["targets"] = {"selectors": []}
    with pytest.raises(Invalid, match="PromotionRequest"):
        rules.promotable(promotion("x"), Stage.model_validate(raw))


def changed(actor: str = "admin", spec: Raw | None = None, **meta: Any) -> Raw:
    old = promotion(
        "dev.1",
        annotations={ACTOR: "alice", HOLD: "Warehouse/w", STAGE: "dev"},
        labels={STAGE: "dev"},
        ownerReferences=[{"kind": "Stage", "uid": "u1"}],
    )
    new = promotion("dev.1", **meta)
    if spec is not None:
        new["spec"] = {**new["spec"], **spec}
    rules.promotion_update(old, new, actor=actor)
    return new


def test_the_spec_of_a_promotion_is_immutable() -> None:
    for spec in ({"freight": "f2"}, {"steps": []}, {"vars": []}, {"stage": "prod"}):
        with pytest.raises(Invalid, match="immutable"):
            changed(spec=spec)


def test_what_admission_recorded_about_a_promotion_stays() -> None:
    meta = changed(
        annotations={
            ACTOR: "mallory",
            HOLD: "Warehouse/other",
            "kargo.akuity.io/auto-promotion-resume": "x",
            "mine": "1",
        },
        labels={STAGE: "prod", "mine": "1"},
        ownerReferences=[],
    )["metadata"]
    assert meta["annotations"] == {ACTOR: "alice", HOLD: "Warehouse/w", STAGE: "dev", "mine": "1"}
    assert meta["labels"] == {STAGE: "dev", "mine": "1"}
    assert meta["ownerReferences"] == [{"kind": "Stage", "uid": "u1"}]


def test_who_asks_to_abort_is_recorded_with_the_request() -> None:
    meta = changed("email:a@b.c", annotations={ABORT: "terminate"})["metadata"]
    assert orjson.loads(meta["annotations"][ABORT]) == {"action": "terminate", "actor": "email:a@b.c"}
    claimed = changed("admin", annotations={ABORT: '{"action":"terminate","actor":"mallory"}'})["metadata"]
    assert orjson.loads(claimed["annotations"][ABORT])["actor"] == "admin"


def test_an_old_request_to_abort_keeps_its_actor() -> None:
    asked = '{"action":"terminate","actor":"alice"}'
    raw = promotion("x", annotations={ABORT: asked})
    rules.abort_actor({ABORT: asked}, raw, "bob")
    assert raw["metadata"]["annotations"][ABORT] == asked
    other = promotion("x", annotations={ABORT: "later"})
    rules.abort_actor({}, other, "bob")
    assert other["metadata"]["annotations"][ABORT] == "later"


def test_new_approvals_are_those_that_were_not_there() -> None:
    old = freight(status={"approvedFor": {"qa": {}}})
    new = freight(status={"approvedFor": {"qa": {}, "prod": {}, "dev": {}}})
    assert rules.newly_approved(old, new) == ["prod", "dev"]
    assert rules.newly_approved(new, old) == []
    assert rules.newly_approved(freight(), freight()) == []


def test_freight_in_use_cannot_be_deleted() -> None:
    using = document(stage("dev", status={"freightHistory": [collection(reference("f1"))]}))
    former = document(
        stage("qa", status={"freightHistory": [collection(reference("f2")), collection(reference("f1"))]})
    )
    empty = document(stage("prod", request("w")))
    with pytest.raises(Denied, match="in use by 'dev'"):
        rules.deletable("f1", [using, former, empty])
    rules.deletable("f1", [former, empty])
    rules.deletable(a_freight("f9").name, [using])
