"""Which artifact of a promotion's Freight an expression means.

Behaviour follows Kargo's `pkg/controller/freight/finder.go`: without an origin, the one Warehouse among those requested
that subscribes to the repository decides. Commits are found by normalised URL, images and charts by the exact one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from argosy.errors import Permanent
from argosy.resources.artifact import ArtifactReference, Chart, FreightOrigin, GitCommit, Image
from argosy.resources.freight import FreightReference
from argosy.resources.warehouse import RepoSubscription, Warehouse
from argosy.rules.git_url import normalize as normalize_git


@dataclass(frozen=True, slots=True)
class Cargo:
    """The Freight of a promotion and the Warehouses it may come from, in the order the Stage requests them."""

    freight: tuple[FreightReference, ...]
    origins: tuple[FreightOrigin, ...]
    warehouses: Mapping[str, Warehouse]

    def commit(self, url: str, origin: FreightOrigin | None = None) -> GitCommit | None:
        """The commit of the Git repository at `url`. Raises Permanent when several origins could give it."""
        wanted = normalize_git(url)

        def subscribes(subscription: RepoSubscription) -> bool:
            return subscription.git is not None and normalize_git(subscription.git.repo_url) == wanted

        for freight in self._from(origin or self._origin(subscribes, f"commit from {url}")):
            for commit in freight.commits:
                if normalize_git(commit.repo_url) == wanted:
                    return commit
        return None

    def image(self, url: str, origin: FreightOrigin | None = None) -> Image | None:
        """The image of the repository at `url`. Raises Permanent when several origins could give it."""

        def subscribes(subscription: RepoSubscription) -> bool:
            return subscription.image is not None and subscription.image.repo_url == url

        for freight in self._from(origin or self._origin(subscribes, f"image from {url}")):
            for image in freight.images:
                if image.repo_url == url:
                    return image
        return None

    def images(self) -> list[Image]:
        """All images. Raises Permanent when two subscriptions of the requested origins could give the same one."""
        seen: set[str] = set()
        for origin in self.origins:
            for subscription in self._warehouse(origin).spec.subscriptions:
                url = subscription.image.repo_url if subscription.image is not None else ""
                if url and url in seen:
                    raise Permanent(
                        f"several subscriptions could give the image from {url}",
                        advice="Say which by naming the images one by one, with imageFrom() and warehouse().",
                    )
                seen.add(url)
        return [image for freight in self.freight for image in freight.images]

    def chart(self, url: str, name: str = "", origin: FreightOrigin | None = None) -> Chart | None:
        """The chart `name` of the repository at `url`.

        Raises Permanent when several origins could give it, or none.
        """

        def subscribes(subscription: RepoSubscription) -> bool:
            chart = subscription.chart
            return chart is not None and (chart.repo_url, chart.name) == (url, name)

        what = f"chart {name!r} from {url}" if name else f"chart from {url}"
        found = origin or self._origin(subscribes, what)
        if found is None:
            message = f"no Warehouse whose Freight the Stage requests subscribes to the {what}"
            raise Permanent(message, advice="Write repository and name as the subscription does.")
        for freight in self._from(found):
            for chart in freight.charts:
                if (chart.repo_url, chart.name) == (url, name):
                    return chart
        return None

    def artifact(self, subscription: str, origin: FreightOrigin | None = None) -> ArtifactReference | None:
        """What the subscription of that name found. Raises Permanent when several origins could give it."""

        def subscribes(candidate: RepoSubscription) -> bool:
            known = candidate.git or candidate.image or candidate.chart
            return candidate.name == subscription and known is None

        for freight in self._from(origin or self._origin(subscribes, f"artifact of subscription {subscription!r}")):
            for artifact in freight.artifacts:
                if artifact.subscription_name == subscription:
                    return artifact
        return None

    def _from(self, origin: FreightOrigin | None) -> Iterable[FreightReference]:
        return [freight for freight in self.freight if origin is not None and str(freight.origin) == str(origin)]

    def _warehouse(self, origin: FreightOrigin) -> Warehouse:
        warehouse = self.warehouses.get(origin.name)
        if warehouse is None:
            raise Permanent(f"Warehouse {origin.name!r} was not found", advice="Create it, or correct the Stage.")
        return warehouse

    def _origin(self, subscribes: Callable[[RepoSubscription], bool], what: str) -> FreightOrigin | None:
        """The origin whose Warehouse subscribes; None when none does."""
        found: FreightOrigin | None = None
        for origin in self.origins:
            for subscription in self._warehouse(origin).spec.subscriptions:
                if not subscribes(subscription):
                    continue
                if found is not None:
                    raise Permanent(
                        f"several requested origins could give the {what}",
                        advice="Name one as the last argument, for example warehouse('my-warehouse').",
                    )
                found = origin
        return found
