"""Sign in, step by step; sign out; forgotten passwords; accept an invitation."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from forecourt.identity.access import PUBLIC
from forecourt.identity.answers import Caller, answer, base_url, box_of, origin_of, party_of
from forecourt.identity.credentials import CSRF_COOKIE, SESSION_COOKIE
from forecourt.identity.finish_sign_in import (
    ask_for_passkey,
    begin_enrolment,
    finish_enrolment,
    finish_with_code,
    finish_with_passkey,
)
from forecourt.identity.invitations import accept_invitation, accept_with_account, look_at_invitation
from forecourt.identity.permissions import Role
from forecourt.identity.reset_password import ask_for_reset, reset_password
from forecourt.identity.sign_in import SignIn, sign_in
from forecourt.identity.sign_in_schemas import (
    AcceptIn,
    ChallengeIn,
    EnrolIn,
    EnrolledOut,
    EnrolmentOut,
    InvitationShownOut,
    OptionalChallengeIn,
    PasskeyAnswerIn,
    PasskeyAskedOut,
    ResetIn,
    ResetRequestIn,
    SecondFactorIn,
    SignedInOut,
    SignInIn,
    TokenIn,
)
from forecourt.identity.sign_out import sign_out
from forecourt.kit.database import Database
from forecourt.kit.errors import Invalid

router = APIRouter(tags=["Sign-in"])


class NameMissing(Invalid):
    """Somebody who is new says a name."""


@router.post("/sign-in", openapi_extra=PUBLIC, summary="Sign in with e-mail and password")
async def post_sign_in(request: Request, response: Response, body: SignInIn) -> SignedInOut:
    """Open a session: sets the cookie `forecourt_session`; or say what else is asked for (`next`).

    Wrong tries are throttled per account and address.
    """
    command = SignIn(
        email=body.email,
        password=body.password.get_secret_value(),
        operator=body.operator,
        origin=origin_of(request),
    )
    outcome = await sign_in(command, database=request.app.state.database, clock=request.app.state.clock)
    return answer(request, response, outcome)


@router.post("/sign-in/second-factor", openapi_extra=PUBLIC, summary="Second step: a code")
async def post_second_factor(request: Request, response: Response, body: SecondFactorIn) -> SignedInOut:
    """A code of the authenticator app or, with `recovery`, a recovery code. Each is taken once."""
    outcome = await finish_with_code(
        request.app.state.database,
        token=body.challenge,
        code=body.code,
        recovery=body.recovery,
        box=box_of(request),
        origin=origin_of(request),
    )
    return answer(request, response, outcome)


@router.post("/sign-in/passkey/options", openapi_extra=PUBLIC, summary="Ask for a passkey")
async def post_passkey_options(
    request: Request, response: Response, body: OptionalChallengeIn
) -> PasskeyAskedOut:
    """As the second step (with `challenge`), or instead of a password (without)."""
    asked = await ask_for_passkey(
        request.app.state.database,
        token=body.challenge,
        party=party_of(request),
        origin=origin_of(request),
    )
    response.headers["Cache-Control"] = "no-store"
    return PasskeyAskedOut(challenge=asked.token, options=asked.options)


@router.post("/sign-in/passkey", openapi_extra=PUBLIC, summary="Sign in with a passkey")
async def post_passkey(request: Request, response: Response, body: PasskeyAnswerIn) -> SignedInOut:
    """The browser's answer. A passkey verifies the person itself, so that it counts for both factors."""
    outcome = await finish_with_passkey(
        request.app.state.database,
        token=body.challenge,
        credential=body.credential,
        party=party_of(request),
        origin=origin_of(request),
    )
    return answer(request, response, outcome)


@router.post("/sign-in/enrol", openapi_extra=PUBLIC, summary="Set up an authenticator app before the session")
async def post_enrol(request: Request, response: Response, body: ChallengeIn) -> EnrolmentOut:
    """For those whose operator asks for a second factor and who have none yet."""
    made = await begin_enrolment(
        request.app.state.database, token=body.challenge, box=box_of(request), origin=origin_of(request)
    )
    response.headers["Cache-Control"] = "no-store"
    return EnrolmentOut(secret=made.secret, uri=made.uri, svg=made.svg)


@router.post("/sign-in/enrol/confirm", openapi_extra=PUBLIC, summary="Finish setting it up, and sign in")
async def post_enrol_confirm(request: Request, response: Response, body: EnrolIn) -> EnrolledOut:
    """The app's first code opens the session; the recovery codes are shown only in this answer."""
    signed_in, codes = await finish_enrolment(
        request.app.state.database,
        token=body.challenge,
        code=body.code,
        box=box_of(request),
        origin=origin_of(request),
    )
    done = answer(request, response, signed_in)
    return EnrolledOut(**done.model_dump(), recovery_codes=codes)


@router.post("/sign-out", status_code=204, summary="End the session")
async def post_sign_out(request: Request, caller: Caller, response: Response) -> None:
    """End the caller's session and take its cookies back."""
    database: Database = request.app.state.database
    async with database.transaction(caller.operator_id, actor=caller) as uow:
        await sign_out(uow)
    response.delete_cookie(SESSION_COOKIE, path="/")
    response.delete_cookie(CSRF_COOKIE, path="/")


@router.post(
    "/password-reset/request", openapi_extra=PUBLIC, status_code=202, summary="A new password, by mail"
)
async def post_reset_request(request: Request, body: ResetRequestIn) -> None:
    """Ask for a link. The answer is the same for every address; wishes are throttled."""
    await ask_for_reset(
        request.app.state.database,
        email=body.email,
        base_url=base_url(request),
        origin=origin_of(request),
    )


@router.post("/password-reset", openapi_extra=PUBLIC, status_code=204, summary="Choose a new password")
async def post_reset(request: Request, body: ResetIn) -> None:
    """With the link's token, once, within an hour. All sessions end; sign in anew."""
    await reset_password(
        request.app.state.database,
        token=body.token,
        password=body.password.get_secret_value(),
        base_url=base_url(request),
        origin=origin_of(request),
    )


@router.post("/invitation", openapi_extra=PUBLIC, tags=["Invitations"], summary="Look at one's invitation")
async def post_invitation_look(request: Request, response: Response, body: TokenIn) -> InvitationShownOut:
    """Who invites, and as what. Changes nothing; a POST so that the token stays out of logs."""
    invitation, operator = await look_at_invitation(request.app.state.database, body.token)
    response.headers["Cache-Control"] = "no-store"
    return InvitationShownOut(
        operator=operator,
        email=invitation.email,
        role=Role(invitation.role),
        language=invitation.language,
        expires_at=invitation.expires_at,
    )


@router.post(
    "/invitation/accept", openapi_extra=PUBLIC, tags=["Invitations"], summary="Accept one's invitation"
)
async def post_accept(request: Request, response: Response, body: AcceptIn) -> SignedInOut:
    """With a name and a new password, or with `existing` and the password that one has at another operator."""
    database, password = request.app.state.database, body.password.get_secret_value()
    if body.existing:
        outcome = await accept_with_account(
            database, token=body.token, password=password, origin=origin_of(request)
        )
        return answer(request, response, outcome)
    if body.name is None or not body.name.strip():
        raise NameMissing("say a name, or set `existing`")
    outcome = await accept_invitation(
        database, token=body.token, name=body.name, password=password, origin=origin_of(request)
    )
    return answer(request, response, outcome)
