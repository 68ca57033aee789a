"""Documents that are answered and never kept, as decisions make them."""

from __future__ import annotations

from argosy.resources.meta import Json, Model


class Told(Model):
    """A document that is answered, never kept."""

    def document(self) -> dict[str, Json]:
        """Its JSON form: every field but those that are None."""
        return self.model_dump(mode="json", exclude_none=True)
