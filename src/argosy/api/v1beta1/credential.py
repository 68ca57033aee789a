"""What credentials have in common: Secrets of which clients see names and places, and never a value."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import orjson
from starlette.responses import Response

from argosy.api import answer
from argosy.api.v1beta1.given import Given
from argosy.api.v1beta1.listing import Listing, page
from argosy.api.view import list_meta
from argosy.errors import Conflict
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import Annotation, Label
from argosy.store.base import Operator, Query, Requirement, Store

REDACTED = "*** REDACTED ***"
"""What stands where a value is not shown, as Kargo has it."""
REPOSITORY_TYPES = ("git", "helm", "image")
GENERIC = "generic"

_SHOWN_OF_REPOSITORIES = frozenset({"repoURL", "repoURLIsRegex", "username"})
_SHOWN_MARKS = frozenset({Annotation.DESCRIPTION.value, Annotation.REPLICATE_TO.value})


def encoded(text: str) -> str:
    """A value as a Secret keeps it."""
    return base64.b64encode(text.encode()).decode()


def shown(document: Document) -> dict[str, Json]:
    """A Secret as clients see it: what opens nothing stands in `stringData`, all else is crossed out.

    Annotations are crossed out, too: tools keep whole manifests there.
    """
    data = {key: value for key, value in document.data.items() if key not in ("data", "stringData")}
    is_generic = (document.meta.get("labels") or {}).get(Label.CREDENTIAL_TYPE) == GENERIC
    plain = frozenset() if is_generic else _SHOWN_OF_REPOSITORIES
    kept: Mapping[str, str] = document.data.get("data") or {}
    data["stringData"] = {key: _plain(value) if key in plain else REDACTED for key, value in kept.items()}
    meta = {key: value for key, value in document.meta.items() if key != "managedFields"}
    if meta.get("annotations"):
        meta["annotations"] = {
            key: value if key in _SHOWN_MARKS else REDACTED for key, value in meta["annotations"].items()
        }
    return {**data, "metadata": meta}


def _plain(value: str) -> str:
    return base64.b64decode(value).decode("utf-8", "replace")


def told(document: Document, code: int = 200) -> Response:
    """The answer with a Secret as clients see it."""
    return answer.json(shown(document), code)


async def listed(here: Given, store: Store, namespace: str, types: tuple[str, ...], asked: Listing) -> Response:
    """The answer with the Secrets of some types, as clients see them, by name."""
    query = asked.query("Secret", namespace)
    wanted = Requirement(Label.CREDENTIAL_TYPE.value, Operator.IN, types)
    narrowed = Query(query.kind, namespace, (*query.labels, wanted), query.fields, query.excluded)
    found = await page(here, narrowed, asked, store)
    items = [orjson.dumps(shown(document)) for document in found.documents]
    head = orjson.dumps({"apiVersion": "v1", "kind": "SecretList", "metadata": list_meta(found)})
    return answer.json(b'%b,"items":[%b]}' % (head[:-1], b",".join(items)))


async def found(here: Given, namespace: str, name: str, types: tuple[str, ...]) -> Document:
    """A Secret of one of some types. Raises NotFound, and Conflict for other Secrets."""
    document = await here.backend.store.get(Key("Secret", namespace, name))
    type_ = (document.meta.get("labels") or {}).get(Label.CREDENTIAL_TYPE)
    if type_ in types:
        return document
    label = Label.CREDENTIAL_TYPE.value
    if types == (GENERIC,):
        message = f"Secret {namespace}/{name} exists, but is not labeled with {label}={GENERIC}"
    elif type_ is None:
        message = f"secret {namespace}/{name} exists, but is not labeled with {label}"
    else:
        message = f"Secret {namespace}/{name} exists, but is labeled as unrecognized credential type {type_!r}"
    raise Conflict(message, advice="Choose another name, or read it as what it is.")
