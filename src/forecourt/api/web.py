"""The web screens: files that `make web` has built into `forecourt/web_assets`, served as they are.

`/console…` is the operator console, `/` and `/c/…` the driver's pages; both are single pages, so every address below
them gets the same document. Files with a hash in their name never change and are cached for ever; the documents are
asked for each time. Compressed copies (`.br`, `.gz`) are sent where the browser takes them.
"""

from __future__ import annotations

import mimetypes
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

ASSETS = Path(str(files("forecourt"))) / "web_assets"
_FOR_EVER = "public, max-age=31536000, immutable"
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # Mantine and MapLibre write style elements and attributes at run time; neither takes part in what runs.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
}
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


def add_web(app: FastAPI, *, folder: Path = ASSETS) -> None:
    """Serve the screens of ``folder``; without a build every address of them says how to make one."""
    if not (folder / "console" / "index.html").is_file():
        for path in ("/", "/c/{rest:path}", "/console", "/console/{rest:path}"):
            app.add_api_route(path, _not_built, include_in_schema=False)
        return

    def page(entry: str) -> object:
        async def show(request: Request) -> Response:
            return _file(request, folder / entry / "index.html", cache="no-cache")

        return show

    async def asset(request: Request) -> Response:
        path = (folder / "assets" / request.path_params["name"]).resolve()
        if not path.is_relative_to(folder / "assets") or not path.is_file():
            return PlainTextResponse("There is no such file.", status_code=404)
        return _file(request, path, cache=_FOR_EVER)

    async def plain(request: Request) -> Response:
        return _file(request, folder / request.url.path.lstrip("/"), cache="no-cache")

    app.add_route("/assets/{name:path}", asset, include_in_schema=False)
    for file in folder.iterdir():
        if file.is_file() and file.suffix not in (".br", ".gz"):
            app.add_route(f"/{file.name}", plain, include_in_schema=False)
    for path_of_page, entry in (
        ("/", "driver"),
        ("/c/{rest:path}", "driver"),
        ("/console", "console"),
        ("/console/{rest:path}", "console"),
    ):
        app.add_route(path_of_page, page(entry), include_in_schema=False)  # type: ignore[arg-type]


def _file(request: Request, path: Path, *, cache: str) -> Response:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    headers = {**HEADERS, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    accepted = request.headers.get("accept-encoding", "")
    for encoding, suffix in _ENCODINGS:
        packed = path.with_name(path.name + suffix)
        if encoding in accepted and packed.is_file():
            return FileResponse(packed, media_type=kind, headers={**headers, "Content-Encoding": encoding})
    return FileResponse(path, media_type=kind, headers=headers)


async def _not_built() -> Response:
    return PlainTextResponse(
        "The web screens are not built. Run `make web` and start again; the API works without them.",
        status_code=503,
    )
