"""The HTTP API put together: one FastAPI app out of every package's router.

Owns: ``idempotency_key``; the edge of a request (its id, its transaction's end, idempotent answers, size limit),
problem details, the OpenAPI document, health and metrics.
Never: knows what a station or a price is; ``app`` hands the routers in.
"""

from forecourt.api.create_api import create_api
from forecourt.api.health_endpoints import create_health_app

__all__ = ["create_api", "create_health_app"]
