"""Peer (c): a bare socket that answers the same bytes with a constant; no codec, no storage."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import picows
import uvloop


class Echo(picows.WSListener):
    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.TEXT:
            payload = frame.get_payload_as_bytes()
            transport.send(picows.WSMsgType.TEXT, b"[3" + payload[2 : payload.index(b",", 3)] + b",{}]")


def accept(request: picows.WSUpgradeRequest) -> picows.WSUpgradeResponseWithListener:
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    response = picows.WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": offered})
    return picows.WSUpgradeResponseWithListener(response, Echo())


async def main(port: int) -> None:
    server = await picows.ws_create_server(accept, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main(int(sys.argv[1])))
