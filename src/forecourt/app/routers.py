"""Every endpoint of the product, in the order of the documentation."""

from __future__ import annotations

from fastapi import APIRouter


def all_routers() -> list[APIRouter]:
    """The routers of all packages; `api` adds those of identity and live."""
    from forecourt.charging.endpoints import router as charging
    from forecourt.console.endpoints import router as console
    from forecourt.gateway.endpoints import router as gateway
    from forecourt.imports.endpoints import router as imports
    from forecourt.network.endpoints import router as network
    from forecourt.operations.endpoints import router as operations
    from forecourt.pricing.endpoints import router as pricing

    return [console, network, charging, pricing, operations, imports, gateway]
