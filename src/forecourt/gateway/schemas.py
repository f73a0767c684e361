"""What the gateway's endpoints answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from forecourt.gateway.models import MessageLog, StationLink
from forecourt.kit.ids import encode_id


class ReplyOut(BaseModel):
    """The answer to a call: ours to the station's, or the station's to ours."""

    at: datetime
    type: int = Field(description="3 CALLRESULT, 4 CALLERROR.")
    payload: str = Field(description="The whole frame, secrets replaced by `***`.")


class MessageOut(BaseModel):
    """One frame, with our reply to it."""

    id: str = Field(examples=["msg_01jz8q5m0kfkxv3r6m4n7p9s2t"])
    station_id: str = Field(examples=["sta_01jz8q5m0kfkxv3r6m4n7p9s2t"])
    at: datetime = Field(description="When it came in or went out, by our clock.")
    direction: str = Field(description="`in` from the station, `out` to it.", examples=["in"])
    type: int = Field(
        description="2 CALL, 3 CALLRESULT, 4 CALLERROR, 5 CALLRESULTERROR, 6 SEND, 0 unreadable."
    )
    message_id: str
    action: str = Field(examples=["MeterValues"])
    payload: str = Field(description="The whole frame, secrets replaced by `***`.")
    correlation: str | None = Field(description="The command that it belongs to.")
    error: str | None = Field(
        description="Why it was refused, parked or dropped: a code.", examples=["late_reply"]
    )
    quirks: list[Any] | None = Field(description="Deviations that were tolerated.")
    reply: ReplyOut | None = Field(
        description="What we replied, if it is a call of the station. Its answer to a call of ours is a row of"
        " its own with the same `message_id`; with `exchanges=true` it stands here."
    )

    @classmethod
    def of(cls, row: MessageLog, answer: MessageLog | None = None) -> MessageOut:
        """From its row, and that of the station's answer."""
        if answer is not None:
            reply = ReplyOut(at=answer.received_at, type=answer.type, payload=answer.payload)
        elif row.reply is not None and row.replied_at is not None:
            reply = ReplyOut(at=row.replied_at, type=row.reply_type or 3, payload=row.reply)
        else:
            reply = None
        return cls(
            id=encode_id("msg", row.id),
            station_id=encode_id("sta", row.station_id),
            at=row.received_at,
            direction=row.direction,
            type=row.type,
            message_id=row.message_id,
            action=row.action,
            payload=row.payload,
            correlation=row.correlation,
            error=row.error if answer is None else row.error or answer.error,
            quirks=row.quirks if answer is None else [*(row.quirks or ()), *(answer.quirks or ())] or None,
            reply=reply,
        )


class LinkOut(BaseModel):
    """The present or last socket of a station."""

    station_id: str
    status: Literal["online", "offline"]
    node: str = Field(description="The gateway that holds, or held, it.")
    epoch: int = Field(description="Counts the station's connections.")
    protocol: str = Field(examples=["ocpp2.0.1"])
    security_profile: int
    remote_address: str | None
    connected_at: datetime
    disconnected_at: datetime | None

    @classmethod
    def of(cls, row: StationLink) -> LinkOut:
        """From its row."""
        return cls(
            station_id=encode_id("sta", row.station_id),
            status="online" if row.disconnected_at is None else "offline",
            node=row.node,
            epoch=row.epoch,
            protocol=row.protocol,
            security_profile=row.security_profile,
            remote_address=row.remote_address,
            connected_at=row.connected_at,
            disconnected_at=row.disconnected_at,
        )
