"""What an Argo CD Application says of itself, what a promotion changes in it, and what it does next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from argosy.errors import NotFound
from argosy.resources.stage import HealthState
from argosy.rules.argocd import Application, forbids
from argosy.rules.argocd_change import SourceUpdate, changed_sources, desired_revisions, operation, sync
from argosy.rules.argocd_health import assess, output, readiness
from argosy.rules.argocd_sync import Ask, Broken, Decision, Hold, Requests, Synced, decide

REPO, OTHER = "https://git.example.com/deploy.git", "https://git.example.com/other.git"
MINE = {"info": [{"name": "kargo.akuity.io/promotion", "value": "prod.01"}], "sync": {}}
PREVIOUS = {"info": [{"name": "kargo.akuity.io/promotion", "value": "prod.00"}], "sync": {}}
ADA = {"initiatedBy": {"username": "ada"}, "sync": {}}
NAMED = {**ADA, "sync": {"revision": "new"}}
HEALING = {"initiatedBy": {"automated": True}, "sync": {}}


def at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02d}Z"


def app(status: Mapping[str, Any] | None = None, *, sources: Any = None, **more: Any) -> Application:
    spec = {"sources": sources} if sources else {"source": {"repoURL": REPO, "path": "."}}
    head = {"metadata": {"name": "web", "namespace": "argocd"}, "spec": {"project": "default", **spec}}
    return Application({**head, **({"status": status} if status is not None else {}), **more})


def ended(by: Mapping[str, Any], revision: str = "new", *, phase: str = "Succeeded", began: int = 10) -> dict[str, Any]:
    """An operation that ended at second 20."""
    result = {"syncResult": {"revision": revision}} if revision else {}
    times = {"startedAt": at(began), "finishedAt": at(20)}
    return {"operation": by, "phase": phase, "message": "the message", **times, **result}


def running(by: Mapping[str, Any]) -> dict[str, Any]:
    return {"operation": by, "phase": "Running", "startedAt": at(10), "message": "the message"}


def looked(state: Mapping[str, Any], *, reconciled: int = 30, revision: str = "new", **status: Any) -> dict[str, Any]:
    sync = {"status": "Synced", "revision": revision}
    return {"operationState": state, "reconciledAt": at(reconciled), "sync": sync, **status}


WANTED = (SourceUpdate(REPO, revision="new"),)
ANYWHERE = (SourceUpdate(REPO),)
ASKED = Requests(1, at(5))

DECISIONS: dict[str, tuple[Application, tuple[SourceUpdate, ...], Requests, Decision]] = {
    "an Application that never synced": (app(), WANTED, Requests(), Ask("it has no operation")),
    "a request of ours that Argo CD has not taken up, while the state of an older one of ours is still there": (
        app({"operationState": ended(MINE, "old")}, operation=MINE),
        WANTED,
        ASKED,
        Hold("is being synced"),
    ),
    "a request of somebody else that Argo CD has not taken up": (
        app({"operationState": ended(PREVIOUS)}, operation=ADA),
        WANTED,
        Requests(),
        Hold("is being synced by ada; ours comes after it"),
    ),
    "a running operation of ours": (app({"operationState": running(MINE)}), WANTED, ASKED, Hold("is being synced:")),
    "a running operation of ours that waits for its next try": (
        app({"operationState": {**running(MINE), "finishedAt": at(20)}}, operation=MINE),
        WANTED,
        ASKED,
        Hold("is being synced: the message"),
    ),
    "a running operation of an older promotion": (
        app({"operationState": running(PREVIOUS)}),
        WANTED,
        Requests(),
        Hold("is being synced by Promotion 'prod.00'; ours comes after it"),
    ),
    "a running operation of a person": (
        app({"operationState": running(ADA)}),
        WANTED,
        Requests(),
        Hold("is being synced by ada"),
    ),
    "an operation of an older promotion that ended, even at the desired revision": (
        app(looked(ended(PREVIOUS))),
        WANTED,
        Requests(),
        Ask("its last operation was that of Promotion 'prod.00'"),
    ),
    "that of another step of ours, which wanted something else": (
        app(looked(ended(MINE))),
        WANTED,
        Requests(),
        Ask("another step of this Promotion"),
    ),
    "ours, ended well at the desired revision": (app(looked(ended(MINE))), WANTED, ASKED, Synced()),
    "ours, ended well, and nobody cares where": (app(looked(ended(MINE, "x"))), ANYWHERE, ASKED, Synced()),
    "ours, ended well, while health is still the one from before": (
        app(looked(ended(MINE), reconciled=1)),
        WANTED,
        ASKED,
        Synced(),
    ),
    "ours, failed at the desired revision": (
        app(looked(ended(MINE, phase="Failed"))),
        WANTED,
        ASKED,
        Broken("failed with: the message"),
    ),
    "ours, at an older revision, which Argo CD still takes for the newest": (
        app(looked(ended(MINE, "old"), revision="old")),
        WANTED,
        ASKED,
        Hold("should be at new, not old; Argo CD does not see that revision yet", refresh=True),
    ),
    "ours, at an older revision, and Argo CD has not looked since": (
        app(looked(ended(MINE, "old"), reconciled=20)),
        WANTED,
        ASKED,
        Hold("should be at new, not old", refresh=True),
    ),
    "ours, at an older revision, and Argo CD has seen the new one since": (
        app(looked(ended(MINE, "old"))),
        WANTED,
        ASKED,
        Ask("it should be at new, not old"),
    ),
    "ours, ended without a result, and Argo CD has looked since": (
        app(looked(ended(MINE, ""))),
        WANTED,
        ASKED,
        Ask("its operation ended without a result"),
    ),
    "ours, ended without a result just now": (
        app(looked(ended(MINE, ""), reconciled=19)),
        WANTED,
        ASKED,
        Hold("it is refreshed first", refresh=True),
    ),
    "ours, ended without a result for the third time": (
        app(looked(ended(MINE, ""))),
        WANTED,
        Requests(3),
        Broken("3 syncs of"),
    ),
    "Argo CD's own sync that came after our request and brought what we wanted": (
        app(looked(ended(HEALING))),
        WANTED,
        ASKED,
        Synced(),
    ),
    "the same one when we had not asked for anything": (app(looked(ended(HEALING))), WANTED, Requests(), Ask("")),
    "the same one when it was there before our request": (
        app(looked(ended(HEALING, began=5))),
        WANTED,
        ASKED,
        Ask("its last operation was that of Argo CD itself"),
    ),
    "somebody's sync after our request that brought something else": (
        app(looked(ended(ADA, "old"))),
        WANTED,
        ASKED,
        Ask("its last operation was that of ada"),
    ),
    "somebody's sync of a part of it after our request": (
        app(looked(ended({**ADA, "sync": {"resources": [{"kind": "Job"}]}}))),
        WANTED,
        ASKED,
        Ask("ada"),
    ),
    "somebody's return to sources of before, after our request, at the revision that we wanted": (
        app(looked(ended({**ADA, "sync": {"source": {"repoURL": REPO, "helm": {"parameters": []}}}}))),
        WANTED,
        ASKED,
        Ask("ada"),
    ),
    "somebody's sync after our request, with the sources as they are": (
        app(looked(ended({**ADA, "sync": {"source": {"repoURL": REPO, "path": "."}}}))),
        WANTED,
        ASKED,
        Synced(),
    ),
    "somebody's sync after our request, where the sources are not as we wanted them": (
        app(looked(ended(ADA))),
        (SourceUpdate(REPO, revision="new", targets=True),),
        ASKED,
        Ask("ada"),
    ),
    "somebody's sync after our request, where nobody cares for the revision": (
        app(looked(ended(PREVIOUS))),
        ANYWHERE,
        ASKED,
        Synced(),
    ),
    "the same of a revision that was named, maybe before the push": (
        app(looked(ended(NAMED))),
        ANYWHERE,
        ASKED,
        Ask("ada"),
    ),
    "the same of several sources": (
        app(looked(ended({**ADA, "sync": {"revisions": ["", "old"]}}))),
        ANYWHERE,
        ASKED,
        Ask("ada"),
    ),
    "the same after our third request": (app(looked(ended(NAMED))), ANYWHERE, Requests(3, at(5)), Synced()),
    "a failed one of somebody after our third request": (
        app(looked(ended(ADA, phase="Failed"))),
        ANYWHERE,
        Requests(3, at(5)),
        Ask("ada"),
    ),
    "a result with fewer revisions than sources": (
        app(looked(ended(MINE)), sources=[{"repoURL": REPO}, {"repoURL": OTHER}]),
        WANTED,
        ASKED,
        Hold("should be at new, not new", refresh=True),
    ),
}


@pytest.mark.parametrize("case", DECISIONS)
def test_what_a_promotion_does_next(case: str) -> None:
    application, updates, requests, expected = DECISIONS[case]
    found = decide(application, "prod.01", updates, requests)
    assert type(found) is type(expected)
    assert getattr(expected, "why", "") in getattr(found, "why", "")
    assert getattr(found, "refresh", False) == getattr(expected, "refresh", False)


def test_a_request_is_remembered_with_what_was_there_before() -> None:
    noted = Requests.of(Requests().another(app({"operationState": ended(ADA)})).noted)
    assert noted == Requests(1, at(10))
    assert Requests.of(None) == Requests()


def test_sources_are_matched_as_they_are_written_and_changed_where_they_are_named() -> None:
    git = {"repoURL": "https://git.example.com/Deploy", "path": "a", "targetRevision": "main"}
    chart = {
        "repoURL": "https://charts.example.com",
        "chart": "web",
        "helm": {"releaseName": "w", "parameters": [{"name": "image.tag", "value": "1", "forceString": True}]},
    }
    application = app(sources=[git, chart, {**git, "path": "b", "kustomize": {"namePrefix": "x-", "images": ["old"]}}])
    updates = (
        SourceUpdate(REPO, revision="abc", targets=True, images=("web=eu/web:2",)),
        SourceUpdate("https://charts.example.com", "web", "1.2.3", parameters={"image.tag": "2", "replicas": "3"}),
    )
    assert desired_revisions(application, updates) == ("abc", "1.2.3", "abc")
    first, second, third = changed_sources(application, updates)
    assert first == {**git, "targetRevision": "abc", "kustomize": {"images": ["web=eu/web:2"]}}
    assert second["helm"] == {
        "releaseName": "w",
        "parameters": [
            {"name": "image.tag", "value": "2", "forceString": True},
            {"name": "replicas", "value": "3"},
        ],
    }
    assert "targetRevision" not in second
    assert third == application.sources[2]
    assert chart["helm"]["parameters"][0]["value"] == "1", "what was read is not changed"  # type: ignore[index]


@pytest.mark.parametrize(
    ("update", "words"),
    [
        (SourceUpdate(OTHER), "has repoURL https://git.example.com/other.git"),
        (SourceUpdate(REPO, "web"), "and chart 'web'"),
    ],
)
def test_an_update_without_a_source_is_refused(update: SourceUpdate, words: str) -> None:
    with pytest.raises(NotFound, match=words):
        changed_sources(app(), (update,))


def test_only_what_changes_is_in_the_patch_of_the_specification() -> None:
    assert sync(app(), WANTED, "prod.01", "").spec == {}
    targets = (SourceUpdate(REPO, revision="new", targets=True),)
    assert sync(app(), targets, "prod.01", "").spec == {
        "source": {"repoURL": REPO, "path": ".", "targetRevision": "new"}
    }
    several = app(sources=[{"repoURL": REPO}, {"repoURL": OTHER}])
    assert sync(several, targets, "prod.01", "").spec == {
        "sources": [{"repoURL": REPO, "targetRevision": "new"}, {"repoURL": OTHER}]
    }


def test_an_operation_takes_the_applications_options_and_says_who_wants_it() -> None:
    policy = {"syncOptions": ["CreateNamespace=true"], "retry": {"limit": 3}}
    application = Application({"spec": {"source": {"repoURL": REPO}, "syncPolicy": policy}})
    asked = operation(application, "prod.01", "")
    assert asked["initiatedBy"] == {"username": "kargo-controller", "automated": True}
    assert {"name": "kargo.akuity.io/promotion", "value": "prod.01"} in asked["info"]
    assert (asked["sync"], asked["retry"]) == ({"syncOptions": ["CreateNamespace=true"]}, {"limit": 3})
    assert operation(application, "prod.01", "email:ada@example.com")["initiatedBy"] == {
        "username": "email:ada@example.com"
    }
    assert operation(app(), "prod.01", "")["sync"] == {}


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ("shop:prod", ""),
        (" shop : dev ,shop:prod,", ""),
        (None, "does not permit changes by Stage 'prod' of Project 'shop'"),
        ("shop:dev", "only by 'shop:dev'"),
        ("other:prod", "only by 'other:prod'"),
        ("shop:*", "patterns are not supported"),
        ("shop", "which is not of the form"),
        ("shop:prod,nonsense", "which is not of the form"),
        ("", "only by ''"),
    ],
)
def test_an_application_must_name_the_stage(annotation: str | None, reason: str) -> None:
    annotations = {} if annotation is None else {"kargo.akuity.io/authorized-stage": annotation}
    found = forbids(Application({"metadata": {"name": "web", "annotations": annotations}}), "shop", "prod")
    assert bool(found) == bool(reason)
    assert reason in found


HEALTHY = {"health": {"status": "Healthy"}}
GOOD = looked(ended(MINE), **HEALTHY)
FAULT = {"conditions": [{"type": "ComparisonError", "message": "no such path"}, {"type": "OrphanedResourceWarning"}]}

VERDICTS: dict[str, tuple[Application, tuple[str, ...], HealthState, str, bool]] = {
    "healthy at the desired revision": (app(GOOD), ("new",), HealthState.HEALTHY, "", False),
    "healthy, and nobody cares where": (app(GOOD), ("",), HealthState.HEALTHY, "", False),
    "healthy, and out of sync for differences that are ignored": (
        app({**GOOD, "sync": {"status": "OutOfSync", "revision": "new"}}),
        ("new",),
        HealthState.HEALTHY,
        "",
        False,
    ),
    "still healthy from before the operation": (
        app(looked(ended(MINE), reconciled=19, **HEALTHY)),
        ("new",),
        HealthState.UNKNOWN,
        "not trusted",
        True,
    ),
    "healthy within the very second in which the operation ended": (
        app(looked(ended(MINE), reconciled=20, **HEALTHY)),
        ("new",),
        HealthState.UNKNOWN,
        "not trusted",
        True,
    ),
    "the same while Argo CD has been asked to look already": (
        app(
            looked(ended(MINE), reconciled=20, **HEALTHY),
            metadata={"name": "web", "annotations": {"argocd.argoproj.io/refresh": "hard"}},
        ),
        (),
        HealthState.UNKNOWN,
        "not trusted",
        False,
    ),
    "an Application that was never looked at after its operation": (
        app({"operationState": ended(MINE), **HEALTHY}),
        (),
        HealthState.UNKNOWN,
        "not trusted",
        True,
    ),
    "an error of comparison": (
        app({**GOOD, **FAULT}),
        ("new",),
        HealthState.UNHEALTHY,
        "'ComparisonError' condition: no such path",
        False,
    ),
    "another revision": (app(GOOD), ("newer",), HealthState.UNHEALTHY, "is at new, not at newer", False),
    "several sources, all where they should be or anywhere": (
        app({**GOOD, "sync": {"revisions": ["a", "b"]}}, sources=[{"repoURL": REPO}, {"repoURL": OTHER}]),
        ("a", ""),
        HealthState.HEALTHY,
        "",
        False,
    ),
    "several sources, one where it should not be": (
        app({**GOOD, "sync": {"revisions": ["a", "b"]}}, sources=[{"repoURL": REPO}, {"repoURL": OTHER}]),
        ("a", "c"),
        HealthState.UNHEALTHY,
        "source 1 of Argo CD Application 'web' in namespace 'argocd' (https://git.example.com/other.git) is at b, not",
        False,
    ),
    "healthy where somebody has rolled it back to, while Argo CD still compares with the desired revision": (
        app({**looked(ended(ADA, "old"), **HEALTHY), "sync": {"status": "OutOfSync", "revision": "new"}}),
        ("new",),
        HealthState.UNHEALTHY,
        "was synced to old since, and is out of sync",
        False,
    ),
    "the same for a part of it": (
        app(
            {
                **looked(ended({"sync": {"resources": [{"kind": "Job"}]}}, "old"), **HEALTHY),
                "sync": {"status": "OutOfSync", "revision": "new"},
            }
        ),
        ("new",),
        HealthState.HEALTHY,
        "",
        False,
    ),
    "healthy at the desired revision, whose content another one brought": (
        app(looked(ended(ADA, "old"), **HEALTHY)),
        ("new",),
        HealthState.HEALTHY,
        "",
        False,
    ),
    "a sync that is asked for": (app(GOOD, operation=ADA), ("new",), HealthState.UNKNOWN, "is being synced", False),
    "a sync that is asked for, where nobody cares": (app(GOOD, operation=ADA), (), HealthState.HEALTHY, "", False),
    "a running sync": (
        app(looked(running(ADA), **HEALTHY)),
        ("new",),
        HealthState.UNKNOWN,
        "is being synced",
        False,
    ),
    "a running sync of anybody, and health from before it, maybe from before that of the promotion": (
        app(looked(running(ADA), reconciled=10, **HEALTHY)),
        (),
        HealthState.UNKNOWN,
        "not trusted",
        True,
    ),
    "a running sync, and health from after it began": (
        app(looked(running(ADA), reconciled=11, **HEALTHY)),
        (),
        HealthState.HEALTHY,
        "",
        False,
    ),
    "a sync that is asked for, in the place of the state of the one before": (
        app({"reconciledAt": at(30), **HEALTHY}, operation=ADA),
        (),
        HealthState.UNKNOWN,
        "not trusted",
        False,
    ),
    "more sources than when it was promoted": (
        app(GOOD, sources=[{"repoURL": REPO}, {"repoURL": OTHER}]),
        ("new",),
        HealthState.UNKNOWN,
        "has 2 sources",
        False,
    ),
    "progressing": (app(looked(ended(MINE))), ("new",), HealthState.PROGRESSING, "is progressing", False),
    "suspended": (
        app(looked(ended(MINE), health={"status": "Suspended"})),
        ("new",),
        HealthState.PROGRESSING,
        "is suspended",
        False,
    ),
    "degraded": (
        app(looked(ended(MINE), health={"status": "Degraded"})),
        ("new",),
        HealthState.UNHEALTHY,
        "'Degraded'",
        False,
    ),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_the_health_of_exactly_what_was_promoted(case: str) -> None:
    application, desired, state, words, refresh = VERDICTS[case]
    found = assess(application, desired)
    assert (found.state, found.refresh) == (state, refresh)
    assert words in "; ".join(found.issues)
    assert bool(found.issues) == (state is not HealthState.HEALTHY)


def test_what_a_stage_tells_of_an_application_does_not_change_with_every_look() -> None:
    condition = {"type": "ComparisonError", "message": "m"}
    before = app({**GOOD, "conditions": [{**condition, "lastTransitionTime": at(1)}]})
    after = app({**GOOD, "reconciledAt": at(50), "conditions": [{**condition, "lastTransitionTime": at(49)}]})
    told = output("argocd", "web", before)
    assert told == output("argocd", "web", after)
    assert (told["Name"], told["health"], told["sync"]["revision"]) == ("web", {"status": "Healthy"}, "new")
    assert output("argocd", "gone", None)["health"] == {"status": "Unknown"}


DEFAULT = ("health", "sync", "operation")
READY: dict[str, tuple[Application, tuple[str, ...], str, str, str]] = {
    "all is well": (app(GOOD), DEFAULT, "", "", ""),
    "an operation runs": (app(looked(running(ADA), **HEALTHY)), DEFAULT, "", "has an operation in progress", ""),
    "an operation waits for its next try": (
        app(looked({**running(ADA), "finishedAt": at(20)}, **HEALTHY)),
        ("operation",),
        "",
        "has an operation in progress",
        "",
    ),
    "an operation runs, which is not waited for": (
        app(looked(running(ADA), **HEALTHY)),
        ("health", "sync"),
        "",
        "",
        "",
    ),
    "health is from before the operation": (
        app(looked(ended(ADA), reconciled=20, **HEALTHY)),
        ("health",),
        "",
        "was not reconciled",
        "",
    ),
    "sync status is from before the operation": (
        app(looked(ended(ADA), reconciled=20, **HEALTHY)),
        ("sync",),
        "",
        "was not reconciled",
        "",
    ),
    "out of sync": (
        app({**GOOD, "sync": {"status": "OutOfSync"}}),
        DEFAULT,
        "",
        "is OutOfSync, not Synced",
        "",
    ),
    "progressing": (
        app(looked(ended(ADA), health={"status": "Progressing"})),
        DEFAULT,
        "",
        "is Progressing, not Healthy",
        "",
    ),
    "either of two": (
        app(looked(ended(ADA), health={"status": "Suspended"})),
        ("health", "suspended"),
        "",
        "",
        "",
    ),
    "degraded, which is waited for": (
        app(looked(ended(ADA), health={"status": "Degraded"})),
        ("degraded",),
        "Healthy",
        "",
        "",
    ),
    "degraded from the start": (
        app(looked(ended(ADA), health={"status": "Degraded"})),
        DEFAULT,
        "",
        "is Degraded, not Healthy",
        "",
    ),
    "degraded still": (
        app(looked(ended(ADA), health={"status": "Degraded"})),
        DEFAULT,
        "Degraded",
        "is Degraded, not Healthy",
        "",
    ),
    "degraded all of a sudden": (
        app(looked(ended(ADA), health={"status": "Degraded"})),
        DEFAULT,
        "Progressing",
        "",
        "regressed from Progressing to Degraded",
    ),
    "an error of comparison": (app({**GOOD, **FAULT}), ("operation",), "", "", "no such path"),
}


@pytest.mark.parametrize("case", READY)
def test_what_an_application_lacks(case: str) -> None:
    application, wanted, before, why, lost = READY[case]
    found = readiness(application, wanted, before)
    assert (bool(found.why), bool(found.lost)) == (bool(why), bool(lost))
    assert why in found.why
    assert lost in found.lost
