"""What can be asked of the controllers about a resource: annotations that they act on."""

from __future__ import annotations

import random

from argosy.api.v1beta1.given import Given
from argosy.clock import rfc3339
from argosy.resources.meta import Document, Key
from argosy.resources.names import Annotation


async def refresh(here: Given, key: Key) -> Document:
    """Have the controller of a resource look at it now, which whoever may read it may ask for. Raises NotFound."""
    await here.backend.store.get(key)
    # Two within a second are two: clocks tell whole seconds, so that chance tells what follows.
    token = rfc3339(here.clock.now()).replace("Z", f".{random.randrange(10**6):06}Z")
    return await here.backend.own.patch(key, {"metadata": {"annotations": {Annotation.REFRESH.value: token}}})
