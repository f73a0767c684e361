"""All endpoints of identity, in one router."""

from fastapi import APIRouter

from forecourt.identity import partner_endpoints, session_endpoints, user_endpoints

router = APIRouter()
router.include_router(session_endpoints.router)
router.include_router(user_endpoints.router)
router.include_router(partner_endpoints.router)
