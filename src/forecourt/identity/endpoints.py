"""All endpoints of identity, in one router."""

from fastapi import APIRouter

from forecourt.identity import (
    invitation_endpoints,
    operator_endpoints,
    own_endpoints,
    partner_endpoints,
    session_endpoints,
    user_endpoints,
)

router = APIRouter()
router.include_router(session_endpoints.router)
router.include_router(own_endpoints.router)
router.include_router(operator_endpoints.router)
router.include_router(user_endpoints.router)
router.include_router(invitation_endpoints.router)
router.include_router(partner_endpoints.router)
