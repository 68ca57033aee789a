"""What can be asked of the controllers about a resource: annotations that they act on."""

from __future__ import annotations

from argosy.api.v1beta1.given import Given
from argosy.clock import rfc3339
from argosy.resources.meta import Document, Key
from argosy.resources.names import Annotation


async def refresh(here: Given, key: Key) -> Document:
    """Have the controller of a resource look at it now, which whoever may read it may ask for. Raises NotFound."""
    await here.backend.store.get(key)
    mark = {"metadata": {"annotations": {Annotation.REFRESH.value: rfc3339(here.clock.now())}}}
    return await here.backend.own.patch(key, mark)
