"""The parts of the demo: its manifests, its registry and Git folder, and what is told of each event."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from argosy.clock import SystemClock
from argosy.errors import AlreadyExists, Invalid, NotFound, Unavailable
from argosy.resources.manifest import read_manifests
from argosy.resources.meta import Document, Key
from argosy.testing.demo.content import configuration, pipeline
from argosy.testing.demo.folder import Folder, Ports, last, remember
from argosy.testing.demo.narrative import Narrator, Tone
from argosy.testing.demo.surroundings import publish, surroundings
from argosy.testing.git_repository import GitRepository

ORIGIN = {"kind": "Warehouse", "name": "web"}


def document(kind: str, name: str, **content: Any) -> Document:
    meta = {"name": name, "namespace": "demo", "resourceVersion": "1"}
    return Document.of({"apiVersion": "kargo.akuity.io/v1alpha1", "kind": kind, "metadata": meta, **content})


def freight(name: str = "f1", **status: Any) -> Document:
    return document(
        "Freight",
        name,
        alias="brave-crab",
        origin=ORIGIN,
        images=[{"repoURL": "127.0.0.1:7444/acme/web", "tag": "1.2.3", "digest": "sha256:1"}],
        commits=[{"repoURL": "file:///config.git", "id": "0a1b2c3d4e5f"}],
        status=status,
    )


def stage(name: str, *upstream: str, soak: str = "", auto: bool = False, runs: str = "") -> Document:
    sources: dict[str, Any] = {"stages": list(upstream)} if upstream else {"direct": True}
    if soak:
        sources["requiredSoakTime"] = soak
    status: dict[str, Any] = {"autoPromotionEnabled": auto}
    if runs:
        status["freightHistory"] = [{"id": "c1", "items": {"Warehouse/web": {"name": runs, "origin": ORIGIN}}}]
    return document("Stage", name, spec={"requestedFreight": [{"origin": ORIGIN, "sources": sources}]}, status=status)


def promotion(phase: str, **status: Any) -> Document:
    spec = {"stage": "dev", "freight": "f1", "steps": [{"uses": "fail"}]}
    return document("Promotion", "dev.01.f1", spec=spec, status={"phase": phase, **status})


@pytest.fixture
def narrator() -> Narrator:
    return Narrator("argosy", "--project demo")


def test_the_pipeline_is_valid_and_names_both_repositories() -> None:
    text = pipeline("127.0.0.1:1/acme/web", "file:///config.git")
    kinds = [manifest.key.kind for manifest in read_manifests(text, "pipeline.yaml")]
    assert kinds == ["Project", "ProjectConfig", "Warehouse", "PromotionTask", "Stage", "Stage", "Stage"]
    assert "_URL" not in text


def test_the_configuration_has_values_for_every_stage() -> None:
    files = configuration("127.0.0.1:1/acme/web")
    assert {"chart/Chart.yaml", "values/dev.yaml", "values/staging.yaml", "values/prod.yaml"} <= files.keys()
    assert "  repository: 127.0.0.1:1/acme/web\n" in files["values/prod.yaml"]


def test_new_freight_is_told_once(narrator: Narrator) -> None:
    lines = narrator.note(freight())
    assert [(line.who, line.text) for line in lines] == [
        ("web", "found web 1.2.3, configuration 0a1b2c3; this Freight is called brave-crab")
    ]
    assert narrator.note(freight()) == []


def test_a_promotion_is_told_phase_by_phase_with_its_commit(narrator: Narrator) -> None:
    narrator.note(freight())
    assert narrator.note(promotion("Pending")) == []
    assert [line.text for line in narrator.note(promotion("Running"))] == ["promotion of brave-crab begins"]
    assert narrator.note(promotion("Running", currentStep=1)) == []
    outputs = {
        "deliver::push": {"commit": "aaaaaaaaaa", "branch": "stage/dev"},
        "deliver": {"commit": "bbbbbbbbbb", "branch": "stage/dev"},
        "deliver::step-6": {"commit": "cccccccccc"},
        "odd": "text",
    }
    (line,) = narrator.note(promotion("Succeeded", state=outputs))
    assert line.text == "runs brave-crab (web 1.2.3, configuration 0a1b2c3): commit bbbbbbb on stage/dev"
    assert line.tone is Tone.GOOD


def test_a_promotion_without_a_commit_is_told_without_one(narrator: Narrator) -> None:
    (line,) = narrator.note(promotion("Succeeded"))
    assert line.text == "runs f1"


@pytest.mark.parametrize("phase", ["Failed", "Errored"])
def test_a_failed_promotion_is_told_with_the_command_that_shows_its_log(narrator: Narrator, phase: str) -> None:
    narrator.note(freight())
    (line,) = narrator.note(promotion(phase, message="the remote said no"))
    assert line.text == f"promotion of brave-crab {phase.lower()}: the remote said no"
    assert line.command == "argosy logs dev.01.f1 --project demo"


def test_verified_freight_is_told_to_the_stages_it_can_go_to_next(narrator: Narrator) -> None:
    for each in (stage("staging", "dev", soak="20s", auto=True), stage("prod", "dev"), stage("other", "staging")):
        narrator.note(each)
    narrator.note(freight())
    verified = freight(verifiedIn={"dev": {}})
    lines = {line.who: line for line in narrator.note(verified)}
    assert lines.keys() == {"staging", "prod"}
    assert lines["staging"].text == "takes brave-crab when it has been in dev for 20s"
    command = "argosy promote --stage prod --freight-alias brave-crab --wait --project demo"
    assert lines["prod"].command == command
    assert narrator.note(verified) == []


def test_a_success_is_told_once_whether_its_stage_or_the_promotion_is_seen_first(narrator: Narrator) -> None:
    narrator.note(freight())
    state = {"deliver": {"commit": "bbbbbbbbbb", "branch": "stage/dev"}}
    status = {"phase": "Succeeded", "state": state}
    recorded = {"name": "dev.01.f1", "freight": {"name": "f1"}, "status": status}
    seen = document("Stage", "dev", spec=stage("dev").data["spec"], status={"lastPromotion": recorded})
    (line,) = narrator.note(seen)
    assert line.text.endswith("commit bbbbbbb on stage/dev")
    assert narrator.note(promotion("Succeeded", state=state)) == []
    assert narrator.note(seen) == []


def test_a_success_that_a_kill_kept_its_stage_from_recording_is_told_after_the_restart(narrator: Narrator) -> None:
    for each in (freight(), stage("dev"), promotion("Succeeded")):
        narrator.know(each)
    status = {"lastPromotion": {"name": "dev.01.f1", "freight": {"name": "f1"}, "status": {"phase": "Succeeded"}}}
    recorded = document("Stage", "dev", spec=stage("dev").data["spec"], status=status)
    assert [line.text[:15] for line in narrator.note(recorded)] == ["runs brave-crab"]
    narrator.know(recorded)
    assert narrator.note(recorded) == []


def test_approval_is_told(narrator: Narrator) -> None:
    narrator.note(freight())
    (line,) = narrator.note(freight(approvedFor={"prod": {}}))
    assert (line.who, line.text) == ("prod", "may take brave-crab: it was approved by hand")


def test_trouble_of_a_warehouse_is_told_once_and_its_end_too(narrator: Narrator) -> None:
    def warehouse(status: str) -> Document:
        image = {"image": {"repoURL": "127.0.0.1:7444/acme/web"}}
        condition = {"type": "Healthy", "status": status, "message": "the registry is gone"}
        return document("Warehouse", "web", spec={"subscriptions": [image]}, status={"conditions": [condition]})

    assert narrator.note(warehouse("True")) == []
    assert [line.text for line in narrator.note(warehouse("False"))] == ["the registry is gone"]
    assert narrator.note(warehouse("False")) == []
    assert [line.tone for line in narrator.note(warehouse("True"))] == [Tone.GOOD]


def test_places_come_in_the_order_in_which_freight_travels(narrator: Narrator) -> None:
    stages = (stage("prod", "staging", runs="f1"), stage("dev", runs="f1"), stage("staging", "dev", runs="f2"))
    for each in (freight(), *stages, stage("round", "round", runs="f1"), stage("empty")):
        narrator.note(each)
    assert [line.who for line in narrator.places()] == ["dev", "staging", "prod", "round"]


def test_deleted_resources_are_forgotten(narrator: Narrator) -> None:
    narrator.note(freight())
    narrator.note(stage("dev", runs="f1"))
    assert [line.text for line in narrator.forget(Key("Stage", "demo", "dev"))] == ["was deleted"]
    assert narrator.forget(Key("Freight", "demo", "f1")) == []
    assert narrator.places() == []
    assert len(narrator.note(freight())) == 1


async def test_surroundings_survive_a_restart_at_the_same_port(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with folder.taken():
        async with surroundings(folder, SystemClock()) as first:
            assert first.next_version == "1.2.3"
            pushed = await publish(folder, "1.2.3")
            assert pushed.is_newest
            assert pushed.newest == "1.0.0"
        async with surroundings(folder, SystemClock()) as second:
            assert second.image == first.image
            assert second.next_version == "1.2.4"
            older = await publish(folder, "1.1.0")
            assert not older.is_newest
            with pytest.raises(AlreadyExists, match=r"Try 1\.2\.4"):
                await publish(folder, "1.2.3")
            with pytest.raises(Invalid):
                await publish(folder, "latest")
    repository = GitRepository(folder.repository)
    assert repository.log() == ["Describe web and its three stages"]


async def test_a_taken_port_is_refused_when_images_are_named_after_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        folder.keep_ports(Ports(registry=other.getsockname()[1]))
        with pytest.raises(Unavailable, match=r"port \d+ is taken"):
            async with surroundings(folder, SystemClock()):
                raise AssertionError("must not begin")


async def test_nothing_is_pushed_to_a_demo_that_does_not_run(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with pytest.raises(Unavailable, match="is not running"):
        await publish(folder, "1.2.3")
    assert not folder.root.exists()


def test_a_folder_is_taken_by_one_demo(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    assert not folder.is_running
    with folder.taken():
        assert folder.is_running
        with pytest.raises(Unavailable, match="runs already"), folder.taken():
            raise AssertionError("must not begin")
    assert not folder.is_running


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be used"), Folder(tmp_path / "file").taken():
        raise AssertionError("must not begin")


def test_damaged_ports_are_told(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    with pytest.raises(Unavailable, match=r"ports\.json"):
        _ = Folder(tmp_path).ports


def test_the_demo_started_last_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOSY_CONFIG", str(tmp_path / "config" / "config.yaml"))
    with pytest.raises(NotFound, match="no demo was started"):
        last()
    remember(Folder(tmp_path / "one"))
    remember(Folder(tmp_path / "two"))
    assert last() == Folder(tmp_path / "two")
