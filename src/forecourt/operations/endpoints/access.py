"""What every endpoint of operations depends on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request

from forecourt.identity.access import SIGNED_IN, require
from forecourt.kit.crypto import SecretBox
from forecourt.kit.database import UnitOfWork
from forecourt.kit.paging import DEFAULT_LIMIT, Limit
from forecourt.operations.tell import Links

ReadIncidents = Annotated[UnitOfWork, Depends(require("incidents:read"))]
WriteIncidents = Annotated[UnitOfWork, Depends(require("incidents:write"))]
ReadAlerts = Annotated[UnitOfWork, Depends(require("alerts:read"))]
WriteAlerts = Annotated[UnitOfWork, Depends(require("alerts:write"))]
ReadSystem = Annotated[UnitOfWork, Depends(require("system:read"))]
WriteSystem = Annotated[UnitOfWork, Depends(require("system:write"))]
SignedIn = Annotated[UnitOfWork, Depends(require(SIGNED_IN))]

Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
PageLimit = Annotated[Limit, Query()]
DEFAULT_PAGE = DEFAULT_LIMIT
Sort = Annotated[str, Query(max_length=60, description="A column's name; `-name` is descending.")]


def links_of(request: Request) -> Links:
    """Makes full addresses of pages: the settings' `link`."""
    links: Links = request.app.state.settings.link
    return links


def box_of(request: Request) -> SecretBox:
    """Seals the secrets of webhooks."""
    box: SecretBox = request.app.state.secret_box
    return box


def allows_private(request: Request) -> bool:
    """Whether webhooks may go into our own network: the setting `webhooks_allow_private`."""
    settings: Any = request.app.state.settings
    return bool(settings.webhooks_allow_private)
