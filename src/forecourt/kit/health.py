"""Is this process fit to be given work? Named checks, and one answer.

Alive is another question: a process that answers at all is alive, and restarting it because the database is
away would mend nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Check = Callable[[], Awaitable[str | None]]
"""Returns None (or an empty string) when all is well, else what is wrong. May raise instead."""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one check found."""

    name: str
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What all checks found; ready if every one passed."""

    ready: bool
    checks: list[CheckResult]


class Health:
    """The registry of checks. A check may be added, and a part may report a fault by itself."""

    def __init__(self, *, timeout_seconds: float = 2.0) -> None:
        """Make an empty one; a check that takes longer than ``timeout_seconds`` has failed."""
        self._timeout = timeout_seconds
        self._checks: dict[str, Check] = {}
        self._faults: dict[str, str] = {}

    def add(self, name: str, check: Check) -> None:
        """Ask ``check`` whenever somebody asks for readiness.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._checks:
            raise ValueError(f"there is a check {name!r} already")
        self._checks[name] = check

    def report(self, name: str, fault: str) -> None:
        """Not ready from now on, for this reason, until ``clear``."""
        self._faults[name] = fault

    def clear(self, name: str) -> None:
        """The fault is over."""
        self._faults.pop(name, None)

    async def readiness(self) -> Readiness:
        """Run all checks at once."""
        results = await asyncio.gather(*(self._run(name, check) for name, check in self._checks.items()))
        faults = [
            CheckResult(name=name, ok=False, detail=fault, seconds=0.0)
            for name, fault in self._faults.items()
        ]
        found = sorted([*results, *faults], key=lambda result: result.name)
        return Readiness(ready=all(result.ok for result in found), checks=found)

    async def _run(self, name: str, check: Check) -> CheckResult:
        start = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout):
                detail = await check() or ""
        except TimeoutError:
            detail = f"no answer in {self._timeout} s"
        except Exception as error:
            detail = f"{type(error).__name__}: {error}"
        return CheckResult(name=name, ok=not detail, detail=detail, seconds=time.perf_counter() - start)
