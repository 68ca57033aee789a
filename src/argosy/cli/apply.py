"""`argosy apply`: make resources be as files say."""

from __future__ import annotations

import base64
from typing import Any

import click
import orjson

from argosy.cli import connection, output
from argosy.cli.connection import Connection
from argosy.cli.failure import raise_all
from argosy.cli.file import options as file_options
from argosy.cli.file import read_all
from argosy.cli.merge import three_way
from argosy.cli.output import Form
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.errors import AlreadyExists, ArgosyError, NotFound
from argosy.resources.freight import FreightReference
from argosy.resources.kinds import KINDS
from argosy.resources.manifest import Manifest
from argosy.resources.meta import Key
from argosy.rules.freight import freight_name

Data = dict[str, Any]

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""Where kubectl, too, keeps what was applied last, so that both can be used on one resource."""

_FIRST = ("Namespace", "Project", "ClusterConfig", "ProjectConfig", "Secret", "ConfigMap", "ClusterPromotionTask")
_THEN = ("PromotionTask", "Warehouse", "Freight", "Stage")
_ORDER = {name: place for place, name in enumerate((*_FIRST, *_THEN))}


@click.command("apply")
@connection.options()
@file_options(required=True)
@click.option("--dry-run", is_flag=True, help="Have the server check everything, and change nothing.")
@output.option
def command(connection: Connection, files: tuple[str, ...], recursive: bool, dry_run: bool, form: Form) -> None:
    """Create or change resources as files say.

    All files are read and checked before anything is changed; every fault is told with its file and line. Fields that
    an earlier apply set and the files no longer have are removed; what others set stays. Resources may stand in any
    order.

    \b
    argosy apply -f pipeline.yaml
    argosy apply -f stages/ -R --dry-run
    """
    manifests = read_all(files, recursive, connection.default_project)
    ordered = sorted(manifests, key=lambda manifest: _ORDER.get(manifest.key.kind, len(_ORDER)))
    connection.run(lambda client: _apply(client, ordered, dry_run, form))


async def _apply(client: Kubernetes, manifests: list[Manifest], dry_run: bool, form: Form) -> None:
    errors: list[ArgosyError] = []
    documents: list[Data] = []
    planned = {manifest.key.name for manifest in manifests if manifest.key.kind in ("Project", "Namespace")}
    for manifest in manifests:
        kind = KINDS[manifest.key.kind]
        try:
            document, done = await _one(client, manifest, planned, dry_run)
        except ArgosyError as error:
            errors.append(_placed(error, manifest))
            continue
        documents.append(output.tidy(kind, document))
        if form.is_table or form.name == "name":
            output.show_named(form, kind, document, f"{done} (dry run)" if dry_run else done)
    if documents and not (form.is_table or form.name == "name"):
        output.show(form, documents[0] if len(documents) == 1 else output.listed(documents))
    raise_all(errors)


def _placed(error: ArgosyError, manifest: Manifest) -> ArgosyError:
    """The error with the place in the file that it is about."""
    place = f"{manifest.file}:{manifest.line}" if manifest.line else manifest.file
    error.message = f"{place}: {error.message}"
    return error


async def _one(client: Kubernetes, manifest: Manifest, planned: set[str], dry_run: bool) -> tuple[Data, str]:
    """Apply one manifest. Returns the resource and what was done to it."""
    wanted = _wanted(manifest.document)
    key = Key.of(wanted)
    selection = Selection(KINDS[key.kind], key.namespace, key.name)
    live = await _live(client, selection)
    if live is None:
        try:
            return await client.create(selection, _noted(wanted), dry_run=dry_run), "created"
        except AlreadyExists:
            live = await client.get(selection)
        except NotFound:
            if not (dry_run and key.namespace in planned):
                raise
            return wanted, "created"
    patch = three_way(_last(live, wanted), live, _noted(wanted))
    if not _matters(patch):
        return live, "unchanged"
    changed = await client.patch(selection, patch, dry_run=dry_run)
    same = changed["metadata"].get("resourceVersion") == live["metadata"].get("resourceVersion") and not dry_run
    return changed, "unchanged" if same else "configured"


async def _live(client: Kubernetes, selection: Selection) -> Data | None:
    if not selection.name:
        return None
    try:
        return await client.get(selection)
    except NotFound:
        return None


def _wanted(document: Data) -> Data:
    """The manifest as it will be kept: no status, plain values of a Secret encoded, Freight named by its content."""
    wanted = {key: value for key, value in document.items() if key != "status"}
    if document.get("kind") == "Secret" and isinstance(wanted.get("stringData"), dict):
        plain = wanted.pop("stringData")
        encoded = {name: base64.b64encode(str(value).encode()).decode() for name, value in plain.items()}
        wanted["data"] = {**(wanted.get("data") or {}), **encoded}
    if document.get("kind") == "Freight":
        name = freight_name(FreightReference.model_validate(document))
        wanted["metadata"] = {**document["metadata"], "name": name}
    return wanted


def _noted(wanted: Data) -> Data:
    """With a note of what is applied; never of a Secret, whose values would stand in an annotation."""
    if wanted.get("kind") == "Secret":
        return wanted
    meta = wanted.get("metadata") or {}
    note = orjson.dumps(wanted, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE).decode()
    return {**wanted, "metadata": {**meta, "annotations": {**(meta.get("annotations") or {}), LAST_APPLIED: note}}}


def _last(live: Data, wanted: Data) -> Data:
    """What was applied last. For Secrets, where that is not noted, all values count as applied."""
    if wanted.get("kind") == "Secret":
        return {"data": live.get("data") or {}} if "data" in wanted else {}
    note = ((live.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    try:
        last = orjson.loads(note) if note else {}
    except orjson.JSONDecodeError:
        return {}
    return last if isinstance(last, dict) else {}


def _matters(patch: Data) -> bool:
    """Whether a patch changes more than the note of what was applied."""
    meta = patch.get("metadata") or {}
    annotations = {key: value for key, value in (meta.get("annotations") or {}).items() if key != LAST_APPLIED}
    rest = {key: value for key, value in meta.items() if key != "annotations"}
    return bool(annotations or rest or [key for key in patch if key != "metadata"])
