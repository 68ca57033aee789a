"""What the query string of a request asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import parse_qs

from argosy.api.address import Address
from argosy.api.answer import Refused
from argosy.api.selector import parse_fields, parse_labels
from argosy.errors import Invalid, Problem
from argosy.rules.field_ownership_write import manager_name
from argosy.store.base import Propagation, Query
from argosy.store.selection import check_fields

MOST_FIELDS = 100
Include = Literal["None", "Metadata", "Object"]
FieldValidation = Literal["Strict", "Warn", "Ignore"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a list or a watch asks for.

    Attributes:
        query: what to select.
        limit: the most items of a page, 0 for all.
        more: the continue token.
        version: `resourceVersion`, None when not given; 0 means any.
        match: `resourceVersionMatch`.
        watch: whether to watch instead.
        initial: `sendInitialEvents`.
        bookmarks: whether BOOKMARK events may be sent.
        timeout: seconds until a watch ends, None when not given.
        include: what a table's rows carry.
    """

    query: Query
    limit: int = 0
    more: str = ""
    version: int | None = None
    match: str = ""
    watch: bool = False
    initial: bool | None = None
    bookmarks: bool = False
    timeout: int | None = None
    include: Include = "Metadata"


@dataclass(frozen=True, slots=True)
class Writing:
    """What a write asks for.

    Attributes:
        dry_run: whether nothing is to be kept.
        validation: what becomes of unknown fields.
        manager: as which field manager it writes; empty when it does not say.
        force: whether what is applied takes fields from other managers.
    """

    dry_run: bool = False
    validation: FieldValidation = "Strict"
    manager: str = ""
    force: bool = False


class Parameters:
    """The parameters of a query string; the first of several of the same name counts."""

    def __init__(self, query_string: bytes) -> None:
        try:
            found = parse_qs(
                query_string.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
            )
        except ValueError as error:
            raise Refused(400, "the query string of the URL cannot be read") from error
        self._found = found

    def text(self, name: str) -> str:
        return self._found[name][0] if name in self._found else ""

    def flag(self, name: str) -> bool | None:
        """As Kubernetes reads them: anything but `false` and `0` is true; None when not given."""
        return self.text(name).lower() not in ("false", "0") if name in self._found else None

    def number(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise Refused(400, f"the parameter {name} is not a whole number: {text[:64]!r}")
        return int(text)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        text = self.text(name) or default
        if text not in choices:
            allowed = ", ".join(choices)
            raise Refused(400, f"the parameter {name} cannot be {text[:64]!r}", advice=f"Use one of: {allowed}.")
        return text

    def dry_run(self) -> bool:
        values = self._found.get("dryRun", [])
        if any(value != "All" for value in values):
            raise Refused(400, f"the parameter dryRun cannot be {values[0][:64]!r}", advice="Use All.")
        return bool(values)


def include(parameters: Parameters) -> Include:
    """What a table's rows carry. Raises Refused (400)."""
    return cast(Include, parameters.choice("includeObject", get_args(Include), "Metadata"))


def reading(parameters: Parameters, address: Address) -> Reading:
    """What a list or watch of `address` asks for. Raises Refused (400) and Invalid (422)."""
    equal, differ = parse_fields(parameters.text("fieldSelector"))
    if address.name:
        equal["metadata.name"] = address.name
    query = Query(address.kind.name, address.namespace, parse_labels(parameters.text("labelSelector")), equal, differ)
    try:
        check_fields(query, address.kind)
    except Invalid as error:
        told = "; ".join(str(problem) for problem in error.problems)
        raise Refused(400, f"{error.message}: {told}") from error
    found = Reading(
        query=query,
        limit=parameters.number("limit") or 0,
        more=parameters.text("continue"),
        version=parameters.number("resourceVersion"),
        match=parameters.choice("resourceVersionMatch", ("", "Exact", "NotOlderThan"), ""),
        watch=bool(parameters.flag("watch")),
        initial=parameters.flag("sendInitialEvents"),
        bookmarks=bool(parameters.flag("allowWatchBookmarks")),
        timeout=parameters.number("timeoutSeconds"),
        include=include(parameters),
    )
    problems = [
        Problem(message, field)
        for field, message, is_wrong in (_WATCH_RULES if found.watch else _LIST_RULES)
        if is_wrong(found)
    ]
    if problems:
        raise Invalid("the options of the request contradict each other", problems)
    return found


_Rule = tuple[str, str, Callable[[Reading], bool]]
_MATCH = "resourceVersionMatch"
_LIST_RULES: tuple[_Rule, ...] = (
    (_MATCH, "needs a resourceVersion", lambda asked: bool(asked.match) and asked.version is None),
    (_MATCH, "cannot go with a continue token", lambda asked: bool(asked.match and asked.more)),
    (_MATCH, "cannot be Exact for version 0", lambda asked: asked.match == "Exact" and asked.version == 0),
    ("resourceVersion", "cannot go with a continue token", lambda asked: bool(asked.version and asked.more)),
    ("sendInitialEvents", "is for watches only", lambda asked: asked.initial is not None),
)
_WATCH_RULES: tuple[_Rule, ...] = (
    (
        _MATCH,
        "must be NotOlderThan together with sendInitialEvents",
        lambda asked: asked.initial is not None and asked.match != "NotOlderThan",
    ),
    (
        _MATCH,
        "is for watches with sendInitialEvents only",
        lambda asked: asked.initial is None and bool(asked.match),
    ),
)


def writing(parameters: Parameters) -> Writing:
    """What a write asks for. Unknown fields are refused unless the caller asks for something else."""
    validation = parameters.choice("fieldValidation", get_args(FieldValidation), "Strict")
    name = manager_name(parameters.text("fieldManager"))
    return Writing(parameters.dry_run(), cast(FieldValidation, validation), name, bool(parameters.flag("force")))


@dataclass(frozen=True, slots=True)
class Deleting:
    """What a deletion asks for."""

    uid: str = ""
    version: int = 0
    propagation: Propagation = "Background"
    dry_run: bool = False


def deleting(parameters: Parameters, body: Mapping[str, object]) -> Deleting:
    """What a deletion asks for, in its DeleteOptions body or else in the query string. Raises Refused (400)."""
    preconditions = body.get("preconditions") or {}
    policy = body.get("propagationPolicy") or parameters.text("propagationPolicy")
    if body.get("orphanDependents") or (not policy and parameters.flag("orphanDependents")):
        policy = "Orphan"
    dry_run = body.get("dryRun") or []
    uid = preconditions.get("uid") if isinstance(preconditions, dict) else None
    version = preconditions.get("resourceVersion") if isinstance(preconditions, dict) else None
    faults = [
        (policy and policy not in get_args(Propagation), "propagationPolicy must be Background, Foreground or Orphan"),
        (dry_run not in ([], ["All"]), 'dryRun must be ["All"]'),
        (not isinstance(preconditions, dict), "preconditions must be an object"),
        (uid is not None and not isinstance(uid, str), "preconditions.uid must be text"),
        (version is not None and not _is_version(version), "preconditions.resourceVersion must be a version"),
    ]
    told = "; ".join(message for is_wrong, message in faults if is_wrong)
    if told:
        raise Refused(400, f"the DeleteOptions are wrong: {told}")
    return Deleting(
        uid=cast(str, uid or ""),
        version=int(cast(str, version or "0")),
        propagation=cast(Propagation, policy or "Background"),
        dry_run=bool(dry_run) or parameters.dry_run(),
    )


def _is_version(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19
