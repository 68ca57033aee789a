"""Webhook receivers: endpoints at which other systems report what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from argosy.resources.constraint import Constraint, Fault, mappings, repeated
from argosy.resources.meta import Model
from argosy.resources.names import KUBERNETES_NAME
from argosy.resources.selector import LabelSelector, LocalObjectReference


class SenderConfig(Model):
    """A receiver for one kind of sender; its Secret holds what the sender proves itself with."""

    secret_ref: LocalObjectReference = Field(
        description="The Secret, in the Project's namespace (for a ClusterConfig: the one for system resources)."
    )


class ArtifactoryConfig(SenderConfig):
    """A receiver for JFrog Artifactory."""

    virtual_repo_name: str = Field(
        "", description="Name of a virtual repository to look up instead of the one the payload names."
    )


class IndexSelectorRequirement(Model):
    """One condition on an index."""

    key: Literal["subscribedURLs", "receiverPaths"] = Field(description="Name of the index.")
    operator: str = Field(description="Equals or NotEquals.")
    value: str = Field(description="Value to compare with; expressions are evaluated.")


class IndexSelector(Model):
    """Selects resources by an index."""

    match_indices: tuple[IndexSelectorRequirement, ...] = Field(
        (), min_length=1, description="Conditions; all must hold."
    )


def _selects_something(target: Mapping[str, Any]) -> Iterable[Fault]:
    if not any(target.get(field) for field in ("name", "labelSelector", "indexSelector")):
        yield Fault("the criteria select nothing", (), "Give at least one of name, labelSelector and indexSelector")


class GenericTarget(Model):
    """Which resources an action is done to; all given criteria must hold."""

    kind: Literal["Warehouse"] = Field(description="Kind of the resources.")
    name: str = Field("", description="Name of the resource; expressions are evaluated.")
    label_selector: LabelSelector | None = Field(None, description="Selects by labels.")
    index_selector: IndexSelector | None = Field(None, description="Selects by an index.")

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (Constraint(_selects_something),)


class GenericAction(Model):
    """What to do when a webhook arrives."""

    action: Literal["Refresh"] = Field(description="What to do.")
    when_expression: str = Field("", description="Expression over the request that must be true.")
    parameters: dict[str, str] = Field(default_factory=dict, description="Parameters of the action.")
    target_selection_criteria: tuple[GenericTarget, ...] = Field(
        (), min_length=1, description="Resources to do it to; those that match any of these."
    )


class GenericConfig(SenderConfig):
    """A receiver for any sender, described by expressions."""

    actions: tuple[GenericAction, ...] = Field((), min_length=1, description="What to do when a webhook arrives.")


SENDERS = (
    "bitbucket",
    "dockerhub",
    "github",
    "gitlab",
    "harbor",
    "quay",
    "artifactory",
    "azure",
    "gitea",
    "generic",
)


class WebhookReceiverConfig(Model):
    """One endpoint; exactly one kind of sender."""

    name: str = Field(
        min_length=1, max_length=253, pattern=KUBERNETES_NAME, description="Name of the receiver, unique in the list."
    )
    bitbucket: SenderConfig | None = Field(None, description="For Bitbucket; the Secret's key is `secret`.")
    dockerhub: SenderConfig | None = Field(None, description="For Docker Hub; the Secret's key is `secret`.")
    github: SenderConfig | None = Field(None, description="For GitHub; the Secret's key is `secret`.")
    gitlab: SenderConfig | None = Field(None, description="For GitLab; the Secret's key is `secret-token`.")
    harbor: SenderConfig | None = Field(None, description="For Harbor; the Secret's key is `auth-header`.")
    quay: SenderConfig | None = Field(None, description="For Quay; the Secret's key is `secret`.")
    artifactory: ArtifactoryConfig | None = Field(
        None, description="For JFrog Artifactory; the Secret's key is `secret-token`."
    )
    azure: SenderConfig | None = Field(
        None, description="For Azure Container Registry and Azure DevOps; the Secret's key is `secret`."
    )
    gitea: SenderConfig | None = Field(None, description="For Gitea; the Secret's key is `secret`.")
    generic: GenericConfig | None = Field(None, description="For any sender, described by expressions.")


class WebhookReceiverDetails(Model):
    """Where a receiver listens."""

    name: str = Field("", description="Name of the receiver.")
    path: str = Field("", description="Path of its endpoint.")
    url: str = Field("", description="Whole address of its endpoint.")


def _unique(spec: Mapping[str, Any]) -> Iterable[Fault]:
    names = ((index, item.get("name")) for index, item in mappings(spec.get("webhookReceivers")))
    for index, first, name in repeated(names):
        yield Fault(
            f"webhook receiver name {name!r} is already that of webhookReceivers[{first}]",
            ("webhookReceivers", index, "name"),
            "Give every receiver a name of its own",
        )


def _one_sender(spec: Mapping[str, Any]) -> Iterable[Fault]:
    for index, item in mappings(spec.get("webhookReceivers")):
        senders = [sender for sender in SENDERS if item.get(sender) is not None]
        if len(senders) > 1:
            yield Fault(
                f"a receiver is for one kind of sender, this one for {', '.join(senders)}",
                ("webhookReceivers", index),
                "Make one receiver for each",
            )


RECEIVERS = (Constraint(_unique), Constraint(_one_sender))
"""What the list `webhookReceivers` of a spec must obey."""
