"""What a person does about itself: profile, preferences, password, second factor, sessions, other operators."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from forecourt.identity.access import SIGNED_IN, actor_of, require
from forecourt.identity.answers import Caller, answer, base_url, box_of, origin_of, own_rows, party_of
from forecourt.identity.audit import record_change
from forecourt.identity.challenges import find_challenge, open_challenge
from forecourt.identity.credentials import SESSION_COOKIE, csrf_token
from forecourt.identity.errors import ChallengeOver, OnlyForPeople
from forecourt.identity.models import AppUser
from forecourt.identity.operator_schemas import (
    MeOut,
    MePatch,
    OperatorOut,
    PreferencesOut,
    PreferencesPatch,
)
from forecourt.identity.own_password import change_own_password, confirm
from forecourt.identity.own_profile import change_preferences, change_profile, read_preferences
from forecourt.identity.passkeys import (
    passkeys_of,
    register_passkey,
    registration_options,
    remove_passkey,
    rename_passkey,
)
from forecourt.identity.queries import get_operator
from forecourt.identity.schemas import KEY, PARTNER, PASSKEY, USER, WEB_SESSION, id_or_none
from forecourt.identity.second_factor import (
    begin_totp,
    confirm_totp,
    factors_of,
    first_recovery_codes,
    new_recovery_codes,
    own_user,
    remove_totp,
)
from forecourt.identity.security import Security
from forecourt.identity.sessions import check_confirmed, end_session, list_sessions
from forecourt.identity.sign_in_schemas import (
    CodeIn,
    ConfirmIn,
    EnrolmentOut,
    NewPasskeyOut,
    OperatorChoiceOut,
    OperatorChoicesOut,
    PasskeyAskedOut,
    PasskeyIn,
    PasskeyOut,
    PasskeyPatch,
    PasswordIn,
    RecoveryCodesOut,
    SecondFactorOut,
    SignedInOut,
    SwitchIn,
    WebSessionOut,
)
from forecourt.identity.sign_out import end_sessions
from forecourt.identity.switch_operator import operators_of, switch_operator
from forecourt.identity.throttle import begin_attempt, mark_succeeded
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import decode_id
from forecourt.kit.paging import Page

router = APIRouter(prefix="/me", tags=["Me"])

SignedInAccess = Annotated[UnitOfWork, Depends(require(SIGNED_IN))]


@router.get("", summary="Who am I, and what may I do")
async def get_me(uow: SignedInAccess, request: Request) -> MeOut:
    """The caller, its permissions, and its operator."""
    actor = actor_of(uow)
    user = None
    if actor.kind == "user":
        async with own_rows(request, actor) as own:
            user = await own.session.get(AppUser, (actor.operator_id, actor.id))
    token = request.cookies.get(SESSION_COOKIE)
    return MeOut(
        kind=actor.kind,
        id=id_or_none(USER if actor.kind == "user" else KEY, actor.id),
        name=user.name if user else actor.name,
        email=actor.name if actor.kind == "user" else None,
        role=actor.role,
        partner_id=id_or_none(PARTNER, actor.partner_id),
        language=user.language if user else None,
        time_zone=user.time_zone if user else None,
        permissions=sorted(actor.permissions),
        operator=OperatorOut.of(await get_operator(uow)),
        csrf_token=csrf_token(token) if token and actor.kind == "user" else None,
    )


@router.patch("", status_code=204, summary="Change one's name, language or time zone")
async def patch_me(request: Request, caller: Caller, body: MePatch) -> None:
    """Mails come in that language too."""
    async with own_rows(request, caller) as uow:
        await change_profile(
            uow,
            name=body.name,
            language=body.language if "language" in body.model_fields_set else "unset",
            time_zone=body.time_zone if "time_zone" in body.model_fields_set else "unset",
        )


@router.get("/preferences", summary="How one likes the console")
async def get_preferences(request: Request, caller: Caller) -> PreferencesOut:
    """Density, appearance, saved views: whatever the console keeps, by key."""
    async with own_rows(request, caller) as uow:
        return PreferencesOut(preferences=await read_preferences(uow))


@router.patch("/preferences", summary="Change preferences")
async def patch_preferences(request: Request, caller: Caller, body: PreferencesPatch) -> PreferencesOut:
    """Merged by key; null removes one. At most 32 kB in all."""
    async with own_rows(request, caller) as uow:
        return PreferencesOut(preferences=await change_preferences(uow, body.preferences))


@router.post("/password", status_code=204, summary="Choose a new password")
async def post_password(request: Request, caller: Caller, body: PasswordIn) -> None:
    """Change the caller's own password; its other sessions end. Wrong tries are throttled like sign-ins."""
    async with own_rows(request, caller) as uow:
        await change_own_password(
            uow,
            database=request.app.state.database,
            old=body.old_password.get_secret_value(),
            new=body.new_password.get_secret_value(),
            base_url=base_url(request),
        )


@router.post("/confirm", status_code=204, summary="Prove again to be there")
async def post_confirm(request: Request, caller: Caller, body: ConfirmIn) -> None:
    """By password or code; for 15 minutes the caller may then change how it signs in."""
    async with own_rows(request, caller) as uow:
        await confirm(
            uow,
            database=request.app.state.database,
            password=body.password.get_secret_value() if body.password else None,
            code=body.code,
            box=box_of(request),
        )


@router.get("/sessions", summary="Where one is signed in")
async def get_sessions(request: Request, caller: Caller) -> Page[WebSessionOut]:
    """The caller's open sessions, the latest first."""
    async with own_rows(request, caller) as uow:
        rows = await list_sessions(uow)
    items = [WebSessionOut.of(row, current=row.id == caller.session_id) for row in rows]
    return Page(items=items, next_cursor=None)


@router.delete("/sessions/{web_session_id}", status_code=204, summary="End one of one's sessions")
async def delete_session(request: Request, caller: Caller, web_session_id: str) -> None:
    """That browser is signed out at once."""
    async with own_rows(request, caller) as uow:
        await end_session(uow, decode_id(WEB_SESSION, web_session_id))


@router.get("/second-factor", summary="One's second factors")
async def get_second_factor(request: Request, caller: Caller) -> SecondFactorOut:
    """Authenticator app, passkeys, and how many recovery codes are left."""
    async with own_rows(request, caller) as uow:
        user = await own_user(uow)
        factors = await factors_of(uow, user)
        operator = await get_operator(uow)
        return SecondFactorOut(
            totp=factors.totp,
            passkeys=[PasskeyOut.of(one) for one in await passkeys_of(uow, user)],
            recovery_codes_left=factors.recovery_codes,
            required=Security.of(operator.security).second_factor_required,
        )


@router.post("/totp", summary="Begin to set up an authenticator app")
async def post_totp(request: Request, caller: Caller, response: Response) -> EnrolmentOut:
    """A fresh secret, shown only now; it counts once `/me/totp/confirm` got a code of it."""
    async with own_rows(request, caller) as uow:
        await check_confirmed(uow)
        operator = await get_operator(uow)
        made = await begin_totp(uow, await own_user(uow), box_of(request), issuer=operator.name)
    response.headers["Cache-Control"] = "no-store"
    return EnrolmentOut(secret=made.secret, uri=made.uri, svg=made.svg)


@router.post("/totp/confirm", summary="Finish setting it up")
async def post_totp_confirm(
    request: Request, caller: Caller, response: Response, body: CodeIn
) -> RecoveryCodesOut:
    """The app's first code. Recovery codes come with it if there are none yet."""
    database, account = request.app.state.database, f"second factor {caller.id}"
    attempt = await begin_attempt(database, account=account, address=caller.address, now=database.clock.now())
    async with own_rows(request, caller) as uow:
        await check_confirmed(uow)
        codes = await confirm_totp(uow, await own_user(uow), box_of(request), body.code)
    await mark_succeeded(database, attempt, account=account, address=caller.address)
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesOut(recovery_codes=codes)


@router.delete("/totp", status_code=204, summary="Take the authenticator app away")
async def delete_totp(request: Request, caller: Caller) -> None:
    """Needs a fresh proof (`/me/confirm`); refused if it is the last factor and the operator asks for one."""
    async with own_rows(request, caller) as uow:
        await check_confirmed(uow)
        await remove_totp(uow, await own_user(uow))


@router.post("/recovery-codes", summary="New recovery codes")
async def post_recovery_codes(request: Request, caller: Caller, response: Response) -> RecoveryCodesOut:
    """Ten, shown only now; the old ones are over. Needs a fresh proof."""
    async with own_rows(request, caller) as uow:
        await check_confirmed(uow)
        codes = await new_recovery_codes(uow, await own_user(uow))
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesOut(recovery_codes=codes)


@router.post("/passkeys/options", summary="Begin to register a passkey")
async def post_own_passkey_options(request: Request, caller: Caller) -> PasskeyAskedOut:
    """For `navigator.credentials.create`. Needs a fresh proof."""
    nonce = secrets.token_bytes(32)
    async with own_rows(request, caller) as uow:
        await check_confirmed(uow)
        user = await own_user(uow)
        options = registration_options(user, await passkeys_of(uow, user), party_of(request), nonce=nonce)
    async with request.app.state.database.transaction(role="system") as uow:
        token = await open_challenge(uow, purpose="passkey_registration", user=user, nonce=nonce)
    return PasskeyAskedOut(challenge=token, options=options)


@router.post("/passkeys", status_code=201, summary="Register a passkey")
async def post_own_passkey(
    request: Request, caller: Caller, response: Response, body: PasskeyIn
) -> NewPasskeyOut:
    """The browser's answer, and a name for it."""
    if caller.kind != "user":
        raise OnlyForPeople("only a signed-in person has this")
    async with request.app.state.database.transaction(role="system") as uow:
        challenge = await find_challenge(uow, body.challenge, "passkey_registration")
        if challenge.user_id != caller.id or challenge.nonce is None:
            raise ChallengeOver
        challenge.ended_at, nonce = uow.clock.now(), challenge.nonce
    async with own_rows(request, caller) as uow:
        user = await own_user(uow)
        passkey = await register_passkey(
            uow, user, party_of(request), nonce=nonce, name=body.name, credential=body.credential
        )
        codes = await first_recovery_codes(uow, user)
    response.headers["Cache-Control"] = "no-store"
    return NewPasskeyOut(**PasskeyOut.of(passkey).model_dump(), recovery_codes=codes)


@router.patch("/passkeys/{passkey_id}", summary="Rename a passkey")
async def patch_own_passkey(
    request: Request, caller: Caller, passkey_id: str, body: PasskeyPatch
) -> PasskeyOut:
    """Another name."""
    async with own_rows(request, caller) as uow:
        user = await own_user(uow)
        return PasskeyOut.of(await rename_passkey(uow, user, decode_id(PASSKEY, passkey_id), name=body.name))


@router.delete("/passkeys/{passkey_id}", status_code=204, summary="Take a passkey away")
async def delete_own_passkey(request: Request, caller: Caller, passkey_id: str) -> None:
    """Needs a fresh proof; refused if it is the last factor and the operator asks for one."""
    async with own_rows(request, caller) as uow:
        await check_confirmed(uow)
        await remove_passkey(uow, await own_user(uow), decode_id(PASSKEY, passkey_id))


@router.get("/operators", summary="Operators that one belongs to")
async def get_operators(request: Request, caller: Caller) -> OperatorChoicesOut:
    """Those at which the caller has proven to be the same person."""
    if caller.kind != "user":
        raise OnlyForPeople("only a signed-in person has this")
    found = await operators_of(request.app.state.database, caller)
    return OperatorChoicesOut(
        items=[OperatorChoiceOut(slug=one.slug, name=one.name, current=one.current) for one in found]
    )


@router.post("/operator", summary="Switch to another operator")
async def post_switch(request: Request, caller: Caller, response: Response, body: SwitchIn) -> SignedInOut:
    """A session there in place of this one; its second factor is asked for where there is one."""
    if caller.kind != "user":
        raise OnlyForPeople("only a signed-in person has this")
    outcome = await switch_operator(
        request.app.state.database, caller, slug=body.operator, origin=origin_of(request)
    )
    return answer(request, response, outcome)


@router.delete("/sessions", status_code=204, summary="End one's other sessions")
async def delete_other_sessions(request: Request, caller: Caller) -> None:
    """All but this one."""
    async with own_rows(request, caller) as uow:
        await end_sessions(uow, user_id=(await own_user(uow)).id, except_session_id=caller.session_id)
        await record_change(
            uow,
            action="user.other_sessions_ended",
            subject_type="user",
            subject_id=caller.id,
            before={"other_sessions": "open"},
            after={"other_sessions": "ended"},
        )
