"""What leaves the program for people and machines: CSV, logs, metrics, health."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from forecourt.kit.csv import cell, csv_lines, csv_response
from forecourt.kit.health import Health
from forecourt.kit.log import configure_logging, log_context, redact
from forecourt.kit.metrics import Metrics, timed


async def rows_of(rows: list[list[Any]]) -> AsyncIterator[list[Any]]:
    for row in rows:
        yield row


class TestCsv:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, ""), (True, "true"), (-5, "-5"), (Decimal("-1.50"), "-1.50"), (Decimal("1E+3"), "1000"),
            (Decimal("0E-9"), "0.000000000"), ("plain", "plain"), ("a=b", "a=b"), ("=1+1", "'=1+1"), ("-5", "'-5"),
            ("+49", "'+49"), ("@x", "'@x"), ("\t=1", "'\t=1"), ("  =1", "'  =1"), ("", ""),
            (datetime(2026, 6, 15, 12, tzinfo=UTC), "2026-06-15T12:00:00+00:00"),
        ],
    )  # fmt: skip
    def test_a_cell_is_no_formula_and_a_number_stays_one(self, value: object, text: str) -> None:
        assert cell(value) == text

    @given(
        st.lists(
            st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=2)
        )
    )
    def test_can_be_read_back(self, rows: list[list[Any]]) -> None:
        async def collect() -> str:
            return "".join([piece async for piece in csv_lines(["a", "=b"], rows_of(rows))])

        text = asyncio.run(collect())
        assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}a,'=b\r\n")
        read = list(csv.reader(io.StringIO(text[1:], newline="")))
        assert read[1:] == [[cell(value) for value in row] for row in rows]
        assert not any(value.lstrip(" ").startswith(("=", "+", "-", "@")) for row in read for value in row)

    async def test_is_streamed_in_pieces(self) -> None:
        rows: list[list[Any]] = [[number] for number in range(1200)]
        assert len([piece async for piece in csv_lines(["n"], rows_of(rows))]) == 3

    async def test_the_answer_names_its_file(self) -> None:
        response = csv_response("Säulen.csv", ["a"], rows_of([]))
        assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''S%C3%A4ulen.csv"
        assert response.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.fixture
def log_output() -> Iterator[io.StringIO]:
    """Logging goes here, and back to what it was after the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(level="info", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class TestLog:
    def test_a_line_is_json_with_its_context(self, log_output: io.StringIO) -> None:
        with log_context(request_id="r1"):
            structlog.get_logger("x.y").info("thing.made", amount=Decimal("1.5"), name="ü")
        structlog.get_logger("x.y").info("thing.done")
        first, second = lines(log_output)
        assert {**first, "timestamp": ""} == {
            "event": "thing.made", "level": "info", "logger": "x.y", "request_id": "r1", "amount": "1.5",
            "name": "ü", "timestamp": "",
        }  # fmt: skip
        assert "request_id" not in second

    async def test_the_context_follows_into_tasks(self, log_output: io.StringIO) -> None:
        async def work() -> None:
            structlog.get_logger().info("worked")

        with log_context(frame_id="f1"):
            task = asyncio.create_task(work())
        await task
        assert lines(log_output)[0]["frame_id"] == "f1"

    def test_the_standard_library_looks_the_same(self, log_output: io.StringIO) -> None:
        logging.getLogger("other").warning("password for %s is Bearer %s", "x", "abcdef")
        logging.getLogger("other").debug("quiet")
        (line,) = lines(log_output)
        assert (line["event"], line["logger"]) == ("password for x is Bearer [hidden]", "other")

    def test_exceptions_are_told(self, log_output: io.StringIO) -> None:
        try:
            raise ValueError("no")
        except ValueError:
            structlog.get_logger().exception("failed")
        assert "ValueError: no" in lines(log_output)[0]["exception"]

    @pytest.mark.parametrize("style", ["json", "console"])
    def test_a_traceback_tells_no_local_variable(
        self, log_output: io.StringIO, style: Literal["json", "console"]
    ) -> None:
        configure_logging(style=style, stream=log_output)

        def check(given: str) -> None:
            raise RuntimeError(f"{len(given)} characters")

        try:
            check("correct" + " horse")
        except RuntimeError:
            structlog.get_logger().exception("request.failed")
        assert "RuntimeError: 13 characters" in log_output.getvalue()
        assert "correct horse" not in log_output.getvalue()

    def test_refuses_an_unknown_level(self) -> None:
        with pytest.raises(ValueError, match="LOUD"):
            configure_logging(level="LOUD")

    def test_people_get_text(self, log_output: io.StringIO) -> None:
        configure_logging(style="console", stream=log_output)
        structlog.get_logger().info("thing.made", password="x")
        assert "thing.made" in log_output.getvalue()
        assert "[hidden]" in log_output.getvalue()


class TestRedact:
    @pytest.mark.parametrize(
        "name",
        ["password", "Authorization", "api_key", "apikey", "client_secret", "access-token", "db.dsn", "PIN"],
    )
    def test_hides_by_name(self, name: str) -> None:
        assert redact(None, "", {name: "very secret", "nested": {name: ["x"]}}) == {
            name: "[hidden]",
            "nested": {name: "[hidden]"},
        }

    @pytest.mark.parametrize(("text", "safe"), [
        ("postgresql://me:geheim@host/db", "postgresql://me:[hidden]@host/db"),
        ("Authorization: Basic QWxhZGRpbjpvcGVu", "Authorization: Basic [hidden]"),
        ('{"x": "Bearer abc.def"}', '{"x": "Bearer [hidden]"}'),
        ("http://host:8080/path", "http://host:8080/path"),
        ("the station was basic", "the station was basic"),
    ])  # fmt: skip
    def test_hides_credentials_inside_text(self, text: str, safe: str) -> None:
        assert redact(None, "", {"event": text, "list": [text]}) == {"event": safe, "list": [safe]}

    def test_leaves_the_rest(self) -> None:
        entry = {"token_id": "tok_1", "tokens_count": 5, "token": None, "spinning": "x", "n": 1.5}
        assert redact(None, "", dict(entry)) == entry


class TestMetrics:
    def test_are_rendered_with_prefix_and_labels(self) -> None:
        metrics = Metrics(process=False)
        metrics.counter("frames", "Frames.", ["action"]).labels("Heartbeat").inc(3)
        metrics.gauge("links", "Links.", read=lambda: 7)
        with timed(metrics.histogram("write_seconds", "Writes.")):
            pass
        text = metrics.render().decode()
        assert 'forecourt_frames_total{action="Heartbeat"} 3.0' in text
        assert "forecourt_links 7.0" in text
        assert "forecourt_write_seconds_count 1.0" in text

    def test_one_name_is_one_metric(self) -> None:
        metrics = Metrics()
        assert metrics.counter("frames", "Frames.") is metrics.counter("frames", "Frames.")
        with pytest.raises(ValueError, match="Counter already"):
            metrics.gauge("frames", "Frames.")
        assert b"process_" in metrics.render()


class TestHealth:
    async def test_is_ready_when_every_check_passes(self) -> None:
        health = Health(timeout_seconds=0.05)

        async def fine() -> None:
            return None

        health.add("a", fine)
        assert (await health.readiness()).ready
        with pytest.raises(ValueError, match="already"):
            health.add("a", fine)

    async def test_says_what_is_wrong(self) -> None:
        health = Health(timeout_seconds=0.05)

        async def says() -> str:
            return "3 migrations missing"

        async def raises() -> None:
            raise ConnectionError("gone")

        async def hangs() -> None:
            await asyncio.sleep(10)

        for check in (says, raises, hangs):
            health.add(check.__name__, check)
        health.report("database", "away since 12:00")
        found = await health.readiness()
        assert not found.ready
        assert {result.name: result.detail for result in found.checks} == {
            "database": "away since 12:00", "hangs": "no answer in 0.05 s", "raises": "ConnectionError: gone",
            "says": "3 migrations missing",
        }  # fmt: skip
        health.clear("database")
        assert "database" not in {result.name for result in (await health.readiness()).checks}
