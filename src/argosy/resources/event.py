"""Event: something that happened to a resource, for people to read."""

from __future__ import annotations

from pydantic import Field, StrictInt

from argosy.resources.meta import Json, Model, Resource, Time


class ObjectReference(Model):
    """Names any resource."""

    api_version: str = Field("", description="Its apiVersion.")
    kind: str = Field("", description="Its kind.")
    namespace: str = Field("", description="Its namespace.")
    name: str = Field("", description="Its name.")
    uid: str = Field("", description="Its uid.")
    resource_version: str = Field("", description="Its version when the event happened.")
    field_path: str = Field("", description="The part of it that is concerned.")


class EventSource(Model):
    """Who reported an Event."""

    component: str = Field("", description="Name of the component.")
    host: str = Field("", description="Name of the machine it runs on.")


class Event(Resource):
    """Something that happened to a resource."""

    involved_object: ObjectReference = Field(description="The resource it happened to.")
    reason: str = Field("", description="What happened, in one word.")
    message: str = Field("", description="What happened, as a sentence.")
    type: str = Field("", description="Normal or Warning.")
    source: EventSource = Field(default_factory=EventSource, description="Who reported it.")
    first_timestamp: Time | None = Field(None, description="When it happened first.")
    last_timestamp: Time | None = Field(None, description="When it happened last.")
    event_time: Time | None = Field(None, description="When it was observed first.")
    count: StrictInt = Field(0, description="How often it happened.")
    series: dict[str, Json] | None = Field(None, description="How often it happened, in the newer form.")
    action: str = Field("", description="What was done about it.")
    related: ObjectReference | None = Field(None, description="Another resource that is concerned.")
    reporting_component: str = Field("", description="Name of the component that reported it.")
    reporting_instance: str = Field("", description="Which instance of that component reported it.")
