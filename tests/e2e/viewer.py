"""What a browser does with the live stream, in one page: the reference for `docs/guide/live-events.md`.

Load the lists once the stream is ready, then keep them true by what the stream says. Whatever happens to the
connection, the lists end up as a fresh load would show them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

LISTS = {
    "loc": "/locations", "sta": "/stations", "evs": "/evses", "con": "/connectors", "ses": "/sessions",
    "cdr": "/cdrs", "cmd": "/commands",
}  # fmt: skip
"""Where to load from, by the prefix of the ids in it."""
LIVE = ("state", "ended_at", "last_at", "energy_wh", "power_w", "soc_percent")
"""What live values tell of a session; the rest comes with its facts."""
RETRY_S = 0.2


class Viewer:
    """The lists as a screen shows them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.rows: dict[str, dict[str, Any]] = {}
        self.live_revision: dict[str, int] = {}
        self.last_event_id: str | None = None
        self.facts: list[dict[str, Any]] = []
        self.connections = self.resyncs = 0

    async def follow(self) -> None:
        """Never ends: whenever the stream does, it is opened again, after the last event that was applied."""
        while True:
            headers = {"Last-Event-ID": self.last_event_id} if self.last_event_id is not None else {}
            with contextlib.suppress(httpx.HTTPError):
                async with self.client.stream("GET", "/events", headers=headers) as response:
                    if response.status_code == 200:
                        self.connections += 1
                        async for event in server_sent_events(response):
                            await self.apply(event)
                            self.last_event_id = event.get("id", self.last_event_id)
            await asyncio.sleep(RETRY_S)

    async def apply(self, event: dict[str, Any]) -> None:
        """Give one event its effect. If that fails the event counts as not seen, and comes again."""
        if event["event"] == "ready":
            if self.last_event_id is None:
                await self.load()
            else:
                await self.load_open_sessions()  # facts are resumed, live values are not
        elif event["event"] == "resync":
            self.resyncs += 1
            await self.load()
        elif "id" in event:
            await self.apply_fact(event["data"])
            self.facts.append(event["data"])
        elif event["event"] == "session.updated":
            self.apply_live(event["data"])

    async def apply_fact(self, fact: dict[str, Any]) -> None:
        """Load the subject again, unless what is shown is as new as the fact."""
        name, revision = fact["subject_id"], fact["revision"]
        if name[:3] in LISTS and not (revision and self.rows.get(name, {}).get("revision", 0) >= revision):
            response = await self.client.get(f"{LISTS[name[:3]]}/{name}")
            if response.status_code == 404:
                self.rows.pop(name, None)
            else:
                self.show(response.raise_for_status().json())

    def apply_live(self, value: dict[str, Any]) -> None:
        """Newer values of a session that is shown; the session's own fact brings one that is not."""
        name, revision = value["subject_id"], value["revision"]
        row = self.rows.get(name)
        if row is not None and revision > max(row["revision"], self.live_revision.get(name, 0)):
            self.live_revision[name] = revision
            row.update({field: value["data"][field] for field in LIVE})

    def show(self, row: dict[str, Any]) -> None:
        """Put a row into its list, or take it out if the list does not show such rows."""
        if row.get("retired_at") or row.get("registration", "adopted") != "adopted":
            self.rows.pop(row["id"], None)
        else:
            self.rows[row["id"]] = row

    async def load(self) -> None:
        """All lists anew."""
        loaded: dict[str, dict[str, Any]] = {}
        for path in LISTS.values():
            loaded |= {row["id"]: row for row in await self.fetch(path)}
        self.rows = loaded
        self.live_revision.clear()

    async def load_open_sessions(self) -> None:
        """What live values are about."""
        for row in await self.fetch("/sessions", open=True):
            self.show(row)

    async def fetch(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """A list to its end."""
        rows: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            response = await self.client.get(path, params={"limit": 200, **query, **more})
            page = response.raise_for_status().json()
            rows += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows


async def server_sent_events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The events of a stream: `event`, `data` and, if it has one, `id`. A half event at the end is none."""
    event: dict[str, Any] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(":")
        if not line:
            if "data" in event:
                yield {**event, "data": json.loads(event["data"])}
            event = {}
        elif name in ("id", "event", "data"):
            event[name] = value.removeprefix(" ")
