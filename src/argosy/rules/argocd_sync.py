"""What a promotion does next about an Argo CD Application: ask for a sync, wait for one, or go on.

Behaviour follows `mustPerformUpdate` in Kargo's `pkg/promotion/runner/builtin/argocd_updater.go`, and closes what is
open there: a request that Argo CD has not taken up yet is not overwritten, a sync of somebody else that came after ours
and brought what we wanted is enough, and a sync that brought another revision is asked for again only once Argo CD sees
the one that is wanted, so that two systems never drive each other in circles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argosy.resources.meta import Json
from argosy.rules.argocd import Application, initiator_of, promotion_of
from argosy.rules.argocd_change import SourceUpdate, changed_sources, desired_revisions

MOST_REQUESTS = 3
"""How often a sync is asked for whose result Argo CD never tells, or that somebody else's always follows."""


@dataclass(frozen=True, slots=True)
class Requests:
    """What a promotion remembers of its requests for one Application.

    Attributes:
        count: how many there were.
        before: when the operation began that was the newest before the last of them; empty for none.
    """

    count: int = 0
    before: str = ""

    @classmethod
    def of(cls, noted: Mapping[str, Json] | None) -> Requests:
        """As noted in a journal."""
        noted = noted or {}
        return cls(int(noted.get("count") or 0), str(noted.get("before") or ""))

    def another(self, app: Application) -> Requests:
        """With one more, made while the Application is as it is."""
        return Requests(self.count + 1, app.begun_at)

    @property
    def noted(self) -> dict[str, Json]:
        return {"count": self.count, "before": self.before}


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a sync now."""

    why: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait. With `refresh`, Argo CD should look again: nothing else will make it change its mind soon."""

    why: str
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Synced:
    """It is as it should be."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The sync failed."""

    why: str


Decision = Ask | Hold | Synced | Broken


def decide(app: Application, promotion: str, updates: Sequence[SourceUpdate], requests: Requests) -> Decision:
    """What to do next. Raises NotFound as `changed_sources`."""
    asked = app.requested
    if asked is not None:
        if promotion_of(asked) == promotion:
            return Hold(f"{app} is being synced{_told(app) if not app.has_ended else ''}")
        return Hold(f"{app} is being synced by {_whose(asked)}; ours comes after it")
    state = app.operation
    if state is None:
        return Ask("it has no operation")
    operation = state.get("operation") or {}
    mine = promotion_of(operation) == promotion
    if not app.has_ended:
        whose = "" if mine else f" by {_whose(operation)}; ours comes after it"
        return Hold(f"{app} is being synced{whose}{_told(app)}")
    if mine and requests.count:
        return _ours(app, updates, requests)
    if mine:
        return Ask("its last operation was that of another step of this Promotion")
    if _overtaken(app, updates, requests):
        return Synced()
    return Ask(f"its last operation was that of {_whose(operation)}")


def _ours(app: Application, updates: Sequence[SourceUpdate], requests: Requests) -> Decision:
    """After our own operation has ended."""
    result = app.result
    if result is None:
        if requests.count >= MOST_REQUESTS:
            return Broken(f"{requests.count} syncs of {app} ended without a result{_told(app)}")
        if not app.is_trusted:
            return Hold(f"the sync of {app} ended without a result; it is refreshed first", refresh=True)
        return Ask("its operation ended without a result")
    desired = desired_revisions(app, updates)
    if not _match(result, desired):
        wanted = f"{', '.join(filter(None, desired))}, not {', '.join(result)}"
        if app.is_trusted and _match(app.compared, desired):
            return Ask(f"it should be at {wanted}")
        return Hold(f"{app} should be at {wanted}; Argo CD does not see that revision yet{_told(app)}", refresh=True)
    if app.phase != "Succeeded":
        return Broken(f"{app} failed with: {(app.operation or {}).get('message', '')}")
    return Synced()


def _overtaken(app: Application, updates: Sequence[SourceUpdate], requests: Requests) -> bool:
    """Whether somebody else's whole sync came after our request, and brought what we had asked for."""
    operation = (app.operation or {}).get("operation") or {}
    sync = operation.get("sync") or {}
    if not requests.count or app.begun_at == requests.before or app.phase != "Succeeded":
        return False
    if sync.get("resources") or sync.get("dryRun") or changed_sources(app, updates) != list(app.sources):
        return False
    given = sync.get("sources") or ([sync["source"]] if sync.get("source") else ())
    if given and list(given) != list(app.sources):
        return False
    desired = desired_revisions(app, updates)
    if not any(desired):
        # Argo CD finds out what is newest once it begins, which was after our look, unless the request names revisions.
        # What these are nobody can tell; but two who always come after each other never end.
        named = sync.get("revision") or any(sync.get("revisions") or ())
        return not named or requests.count >= MOST_REQUESTS
    return app.result is not None and _match(app.result, desired)


def _match(observed: Sequence[str], desired: Sequence[str]) -> bool:
    if not any(desired):
        return True
    return len(observed) == len(desired) and all(want in ("", has) for has, want in zip(observed, desired, strict=True))


def _whose(operation: Mapping[str, Json]) -> str:
    other = promotion_of(operation)
    return f"Promotion {other!r}" if other else initiator_of(operation)


def _told(app: Application) -> str:
    message = str((app.operation or {}).get("message") or "")
    return f": {message}" if message else ""
