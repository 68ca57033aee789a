"""The pipeline that Stages form: where their Freight comes from, and whether it ever arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from argosy.errors import suggestion
from argosy.lint.base import Finding, Manifests, Place


@dataclass(frozen=True)
class Request:
    """What one Stage requests of one Warehouse."""

    place: Place
    origin: str
    direct: bool
    stages: tuple[str, ...]
    all_needed: bool


Requests = Mapping[str, Mapping[str, Request]]
"""By Stage, then by Warehouse."""


def findings(manifests: Manifests) -> Iterator[Finding]:
    """Everything about the pipelines of all Projects."""
    for namespace in dict.fromkeys(place.manifest.key.namespace for place in manifests.of("Stage")):
        stages = [place for place in manifests.of("Stage") if place.manifest.key.namespace == namespace]
        requests = {place.manifest.key.name: _requests(place) for place in stages}
        warehouses = [
            each.manifest.key.name for each in manifests.of("Warehouse") if each.manifest.key.namespace == namespace
        ]
        for name, wanted in requests.items():
            for request in wanted.values():
                yield from _references(name, request, requests, warehouses)
        cycles = _cycles(requests)
        yield from (_told(request, path) for request, path in cycles)
        yield from _starving(requests, {(name, request.origin) for request, path in cycles for name in path})


def _requests(stage: Place) -> dict[str, Request]:
    found: dict[str, Request] = {}
    for each in (stage / "spec" / "requestedFreight").items():
        origin = (each / "origin" / "name").value
        sources = (each / "sources").value
        if isinstance(origin, str) and isinstance(sources, dict):
            stages = sources.get("stages")
            upstream = tuple(name for name in stages if isinstance(name, str)) if isinstance(stages, list) else ()
            every = sources.get("availabilityStrategy") == "All"
            found[origin] = Request(each, origin, sources.get("direct") is True, upstream, every)
    return found


def _references(name: str, request: Request, requests: Requests, warehouses: list[str]) -> Iterator[Finding]:
    if request.origin not in warehouses:
        near = suggestion(request.origin, warehouses)
        yield (request.place / "origin" / "name").absent("unknown-warehouse", "Warehouse", request.origin, near)
    for index, upstream in enumerate(request.stages):
        if upstream not in requests:
            place = request.place / "sources" / "stages" / index
            others = [each for each in requests if each != name]
            yield place.absent("unknown-stage", "Stage", upstream, suggestion(upstream, others))


def _cycles(requests: Requests) -> list[tuple[Request, list[str]]]:
    """Each cycle once: a request in it, and the Stages on the way from that Stage back to itself."""
    found: list[tuple[Request, list[str]]] = []
    seen: set[tuple[str, str]] = set()
    for name, wanted in requests.items():
        for origin, request in wanted.items():
            path = _way_back(name, origin, requests) if (name, origin) not in seen else []
            if path:
                seen.update((each, origin) for each in path)
                found.append((request, path))
    return found


def _told(request: Request, path: list[str]) -> Finding:
    way = " -> ".join((*path, path[0]))
    message = f"Stages take Freight of Warehouse {request.origin!r} from each other: {way}"
    return (request.place / "sources" / "stages").error("cycle", message, "Take one of them out of the circle.")


def _way_back(name: str, origin: str, requests: Requests) -> list[str]:
    """The shortest way upstream from a Stage to itself, the Stage first; empty when there is none."""
    ways = [[name]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        request = requests.get(way[-1], {}).get(origin)
        for upstream in request.stages if request is not None else ():
            if upstream == name:
                return way
            if upstream not in seen:
                seen.add(upstream)
                ways.append([*way, upstream])
    return []


def _starving(requests: Requests, looping: set[tuple[str, str]]) -> Iterator[Finding]:
    """Requests that no Freight can ever fulfil, as far as all Stages on the way are in these files."""
    fed = _fed(requests)
    for name, wanted in requests.items():
        for origin, request in wanted.items():
            if (name, origin) in fed or (name, origin) in looping:
                continue
            without = [each for each in request.stages if (each, origin) not in fed and each in requests]
            if not request.stages:
                message, advice = (
                    f"Freight of Warehouse {origin!r} comes from nowhere",
                    "Write `direct: true`, or name Stages.",
                )
            else:
                strangers = [each for each in without if origin not in requests[each]]
                names = ", ".join(strangers or without)
                verb = f"never {'request' if strangers else 'get'}{'s' * (len(strangers or without) == 1)}"
                message = f"Freight of Warehouse {origin!r} can never arrive: {names} {verb} it"
                advice = "Let the first Stage of the way take it with `direct: true`."
            yield (request.place / "sources").error("no-freight", message, advice)


def _fed(requests: Requests) -> set[tuple[str, str]]:
    """The pairs of Stage and Warehouse for which Freight can arrive; Stages that are not known are taken to be fed."""
    waiting = {(name, origin): each for name, wanted in requests.items() for origin, each in wanted.items()}
    fed: set[tuple[str, str]] = set()
    while reached := {pair for pair, each in waiting.items() if pair not in fed and _arrives(each, requests, fed)}:
        fed |= reached
    return fed


def _arrives(request: Request, requests: Requests, fed: set[tuple[str, str]]) -> bool:
    if request.direct:
        return True
    arrivals = [each not in requests or (each, request.origin) in fed for each in request.stages]
    return bool(arrivals) and (all(arrivals) if request.all_needed else any(arrivals))
