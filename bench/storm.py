"""`python -m bench.storm`: memory per idle connection, and thousands of stations that boot at once.

First the stations connect in an orderly way, boot and stay idle: the growth of the server's resident memory is
divided by their number. Then all sockets are dropped and all stations connect and boot at once.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import picows
import psutil
import uvloop

from bench.__main__ import free_port, read_ready, seed
from forecourt.app.database import open_database
from forecourt.app.settings import Settings


class Station(picows.WSListener):
    def __init__(self) -> None:
        self.booted = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self.transport = transport
        boot = [2, "b", "BootNotification", {"chargePointVendor": "Bench", "chargePointModel": "One"}]
        transport.send(picows.WSMsgType.TEXT, json.dumps(boot).encode())

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        if not self.booted.done():
            self.booted.set_exception(ConnectionError("closed before it was booted"))

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.TEXT and not self.booted.done():
            answer = json.loads(frame.get_payload_as_bytes())
            if answer[0] == 3:
                self.booted.set_result(answer[2]["status"])


async def connect(url: str, spec: dict[str, Any]) -> tuple[picows.WSTransport, float]:
    """Connect and boot, trying again as a station does; returns the socket and the seconds it took."""
    begin = time.perf_counter()
    token = base64.b64encode(f"{spec['identity']}:{spec['password']}".encode()).decode()
    wait = 0.5
    while True:
        try:
            transport, listener = await picows.ws_connect(
                Station,
                f"{url}/{spec['identity']}",
                websocket_handshake_timeout=30,
                extra_headers=[("Sec-WebSocket-Protocol", "ocpp1.6"), ("Authorization", f"Basic {token}")],
            )
            assert await asyncio.wait_for(listener.booted, 60) == "Accepted"
            return transport, time.perf_counter() - begin
        except (OSError, picows.WSError, TimeoutError, ConnectionError):
            await asyncio.sleep(wait)
            wait = min(wait * 2, 8.0)


async def load(plan: dict[str, Any]) -> None:
    url, stations = plan["url"], plan["stations"]
    sockets = []
    for begin in range(0, len(stations), 100):
        sockets += [
            t for t, _ in await asyncio.gather(*(connect(url, s) for s in stations[begin : begin + 100]))
        ]
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.readline)
    for socket in sockets:
        socket.disconnect(False)
    await asyncio.sleep(3)
    begin_at = time.perf_counter()
    booted = await asyncio.gather(*(connect(url, station) for station in stations))
    took = sorted(seconds for _, seconds in booted)
    print(
        json.dumps(
            {
                "all_s": time.perf_counter() - begin_at,
                "p50_s": took[len(took) // 2],
                "p99_s": took[int(len(took) * 0.99)],
            }
        ),
        flush=True,
    )
    await loop.run_in_executor(None, sys.stdin.readline)


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] == "--load":
        uvloop.run(load(json.loads(sys.stdin.readline())))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stations", type=int, default=5000)
    options = parser.parse_args()
    need = options.stations + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < need:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(need, hard), hard))
    folder = Path(tempfile.mkdtemp(prefix="fc-storm-"))
    folder.chmod(0o755)
    settings = Settings(
        data_dir=folder / "data", http_port=free_port(), ocpp_port=free_port(), ocpp_tls_port=0
    )
    opened = open_database(settings)
    processes: list[subprocess.Popen[str]] = []
    try:
        stations = asyncio.run(seed(opened, settings, options.stations, tariff=False))
        environment = os.environ | {
            "FORECOURT_DATA_DIR": str(settings.data_dir),
            "FORECOURT_OCPP_HOST": "127.0.0.1",
            "FORECOURT_HTTP_PORT": str(settings.http_port),
            "FORECOURT_OCPP_PORT": str(settings.ocpp_port),
            "FORECOURT_LOG_LEVEL": "ERROR",
        }
        pipe: dict[str, Any] = {"stdout": subprocess.PIPE, "stdin": subprocess.PIPE, "text": True}
        server = subprocess.Popen([sys.executable, "-m", "bench.ours"], env=environment, **pipe)
        processes.append(server)
        read_ready(server.stdout, "the server")
        before = psutil.Process(server.pid).memory_info().rss
        client = subprocess.Popen([sys.executable, "-m", "bench.storm", "--load"], **pipe)
        processes.append(client)
        assert client.stdin is not None
        assert client.stdout is not None
        plan = {"url": f"ws://127.0.0.1:{settings.ocpp_port}/ocpp", "stations": stations}
        client.stdin.write(json.dumps(plan) + "\n")
        client.stdin.flush()
        read_ready(client.stdout, "the stations")
        time.sleep(2)
        after = psutil.Process(server.pid).memory_info().rss
        print(
            f"{options.stations} idle connections: {(after - before) / options.stations / 1024:.1f} kB each"
            f" ({before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after), all state of the stations included"
        )
        cpu = sum(psutil.Process(server.pid).cpu_times()[:2])
        client.stdin.write("storm\n")
        client.stdin.flush()
        result = json.loads(client.stdout.readline())
        cpu = sum(psutil.Process(server.pid).cpu_times()[:2]) - cpu
        print(
            f"storm: {options.stations} stations connected and booted in {result['all_s']:.1f} s"
            f" (p50 {result['p50_s']:.1f} s, p99 {result['p99_s']:.1f} s), {cpu:.1f} s of our CPU"
        )
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGINT)
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        opened.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
