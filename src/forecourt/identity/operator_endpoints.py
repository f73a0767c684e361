"""The operator itself, its logo, and what the roles may do."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from forecourt.identity.access import SIGNED_IN, require
from forecourt.identity.change_operator import ChangeOperator, change_logo, change_operator, read_logo
from forecourt.identity.edits import IfMatch, set_etag
from forecourt.identity.errors import LogoRefused
from forecourt.identity.operator_schemas import LogoIn, OperatorOut, OperatorPatch, RolesOut
from forecourt.identity.permissions import NOUNS, PARTNER_CEILING, ROLE_PERMISSIONS, VERBS
from forecourt.identity.queries import get_operator
from forecourt.kit.database import UnitOfWork

router = APIRouter(tags=["Operator"])

ReadSettings = Annotated[UnitOfWork, Depends(require("settings:read"))]
WriteSettings = Annotated[UnitOfWork, Depends(require("settings:write"))]
SignedInAccess = Annotated[UnitOfWork, Depends(require(SIGNED_IN))]
ReadUsers = Annotated[UnitOfWork, Depends(require("users:read"))]


@router.get("/operator", summary="The operator and its settings")
async def read_operator(uow: ReadSettings, response: Response) -> OperatorOut:
    """The operator that the caller belongs to."""
    operator = await get_operator(uow)
    set_etag(response, operator.revision)
    return OperatorOut.of(operator)


@router.patch("/operator", summary="Change the operator")
async def patch_operator(
    uow: WriteSettings, response: Response, body: OperatorPatch, if_match: IfMatch
) -> OperatorOut:
    """Change what is sent; settings and security are merged by key. null clears what may be empty."""
    given = body.model_dump(exclude_unset=True)
    settings, security = given.pop("settings", None), given.pop("security", None)
    fixed = {"name", "currency", "time_zone", "languages"}
    operator = await change_operator(
        ChangeOperator(
            fields={name: value for name, value in given.items() if value is not None or name not in fixed},
            settings=settings,
            security={name: value for name, value in (security or {}).items() if value is not None},
            if_revision=if_match,
        ),
        uow=uow,
    )
    set_etag(response, operator.revision)
    return OperatorOut.of(operator)


@router.put("/operator/logo", summary="Change the logo")
async def put_logo(uow: WriteSettings, response: Response, body: LogoIn, if_match: IfMatch) -> OperatorOut:
    """A small PNG; texts and profiles in it are dropped."""
    try:
        data = base64.b64decode(body.png_base64, validate=True)
    except binascii.Error as error:
        raise LogoRefused("the logo is not base64") from error
    operator = await change_logo(uow, data, if_revision=if_match)
    set_etag(response, operator.revision)
    return OperatorOut.of(operator)


@router.delete("/operator/logo", summary="Take the logo away")
async def delete_logo(uow: WriteSettings, response: Response) -> OperatorOut:
    """The console shows its own sign again."""
    operator = await change_logo(uow, None)
    set_etag(response, operator.revision)
    return OperatorOut.of(operator)


@router.get("/operator/logo", summary="The logo", response_class=Response)
async def get_logo(uow: SignedInAccess, request: Request) -> Response:
    """A PNG, with its SHA-256 as ETag."""
    logo, digest = await read_logo(uow)
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, max-age=300"}
    if request.headers.get("if-none-match") == f'"{digest}"':
        return Response(status_code=304, headers=headers)
    return Response(logo, media_type="image/png", headers=headers)


@router.get("/roles", tags=["Users"], summary="What each role may do")
async def get_roles(uow: ReadUsers) -> RolesOut:
    """The permission matrix; a member of a partner holds at most `partner_ceiling` of its role."""
    return RolesOut(
        nouns=list(NOUNS),
        verbs=list(VERBS),
        roles={role.value: sorted(permissions) for role, permissions in ROLE_PERMISSIONS.items()},
        partner_ceiling=sorted(PARTNER_CEILING),
    )
