"""Logs: structured, one line an event, JSON for machines or colours for people, and no secrets.

    log = structlog.get_logger(__name__)
    with log_context(request_id=id):
        log.info("thing.made", thing_id=str(thing.id))

Events are named like facts, ``noun.verb_in_past_tense``; values go into fields.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Literal, TextIO

import msgspec
import structlog

_SECRET_NAME = re.compile(
    r"(^|[_\-.])(password|passwd|secret|token|authorization|cookie|credential|api_?key|private_?key|pin|pepper"
    r"|session_?id|set-cookie|dsn)s?$",
    re.IGNORECASE,
)
_SECRET_HEADER = re.compile(r"\b(Basic|Bearer|Token)(\s+)[\w.~+/=\-]{6,}", re.IGNORECASE)
_SECRET_IN_URL = re.compile(r"(://[^\s:/@]*:)[^\s/@]+@")
_HIDDEN = "[hidden]"
_MAX_DEPTH = 6


def redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide values whose name says that they are secret, and credentials inside text. A structlog processor."""
    for name, value in entry.items():
        entry[name] = _redacted(name, value, 0)
    return entry


def _redacted(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAME.search(name):
        return _HIDDEN
    if isinstance(value, str):
        if "://" in value:
            value = _SECRET_IN_URL.sub(rf"\1{_HIDDEN}@", value)
        return _SECRET_HEADER.sub(rf"\1\2{_HIDDEN}", value)
    if isinstance(value, dict):
        if depth >= _MAX_DEPTH:
            return "…"
        return {key: _redacted(str(key), item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted("", item, depth + 1) for item in value]
    return value


@contextmanager
def log_context(**values: Any) -> Iterator[None]:
    """Add fields (``request_id``, ``frame_id``, …) to everything that is logged inside, also in new tasks."""
    with structlog.contextvars.bound_contextvars(**values):
        yield


def configure_logging(
    *, level: str = "INFO", style: Literal["json", "console"] = "json", stream: TextIO | None = None
) -> None:
    """Send structlog's and the standard library's records, in one form, to ``stream`` (standard error).

    Raises:
        ValueError: no such level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"{level!r} is not a log level: use DEBUG, INFO, WARNING or ERROR")
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    output = stream or sys.stderr
    renderer: structlog.typing.Processor
    if style == "json":
        renderer = structlog.processors.JSONRenderer(serializer=_to_json)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=output.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # plain: local variables hold passwords and keys
                redact,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # They tell every step at INFO.
    for name in ("procrastinate", "alembic", "httpx"):
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def _to_json(value: Any, **_: Any) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
