"""``GET /events``: the live stream, as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from forecourt.identity.access import authenticate, check_permission, require_actor
from forecourt.identity.actor import Actor
from forecourt.kit.errors import Invalid
from forecourt.live.hub import EventHub
from forecourt.live.stream import EventStream

router = APIRouter(tags=["Events"])

PERMISSION = "events:read"
Viewer = Annotated[Actor, Depends(require_actor(PERMISSION))]

_EXAMPLE = (
    "id: 4711\nevent: session.started\n"
    'data: {"id":"evt_01jz8q4s5ve4ra7q9m3w2k1xbn","position":4711,"type":"session.started",'
    '"subject_id":"ses_01jz8q4s5ve4ra7q9m3w2k1xbn","revision":1,"at":"2026-06-15T12:00:00Z","data":{}}\n\n'
)
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The stream, until either side ends it.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


class LastEventIdInvalid(Invalid):
    """Last-Event-ID is not an id of this stream."""


@router.get(
    "/events", summary="Follow what happens", response_class=Response, status_code=200, responses=_RESPONSES
)
async def get_events(
    request: Request,
    viewer: Viewer,
    types: Annotated[
        list[str] | None,
        Query(
            max_length=50,
            description="Only these types, e.g. `session.started` or `station.*`; commas work too.",
        ),
    ] = None,
    last_event_id: Annotated[
        str | None, Header(description="The id of the last event that you have; the stream goes on after it.")
    ] = None,
    last_event_id_query: Annotated[
        str | None, Query(alias="last_event_id", description="The same, where a header cannot be set.")
    ] = None,
) -> Response:
    """Business facts, which can be resumed, and live values (`session.updated`), which cannot.

    Begins with `ready`, after which nothing is missed: load what you show, then apply what comes. `resync` says
    that something was missed (it is no longer kept): load afresh. Facts come in the order of their `position` and
    only those that the caller's permissions cover; each new revision of a subject has one. Live values come at most once a second and subject, with
    the subject's revision: apply one only if it is newer than what you have.
    """
    hub: EventHub = request.app.state.hub
    hub.check_room(viewer.operator_id)

    async def recheck() -> Actor:
        actor = await authenticate(request)
        check_permission(actor, PERMISSION)
        return actor

    wanted = frozenset(name.strip() for item in types or () for name in item.split(",") if name.strip())
    return EventStream(
        hub=hub,
        actor=viewer,
        types=wanted,
        after_position=_position(last_event_id if last_event_id is not None else last_event_id_query),
        recheck=recheck,
    )


def _position(text: str | None) -> int | None:
    if text is None or not text.strip():
        return None
    if not text.strip().isdecimal() or len(text) > 18:
        raise LastEventIdInvalid(f"{text!r} is not the id of an event of this stream", value=text)
    return int(text)
