"""Passkeys (WebAuthn level 2) by py_webauthn: register several, sign in with one, with or without a password."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from forecourt.identity.audit import record_change
from forecourt.identity.errors import FactorTaken, PasskeyNotFound, PasskeyRefused
from forecourt.identity.models import AppUser, Passkey
from forecourt.identity.second_factor import check_may_lose, factors_of
from forecourt.kit.database import UnitOfWork
from forecourt.kit.ids import encode_id

MAX_PASSKEYS = 20
_TRANSPORTS = {transport.value for transport in AuthenticatorTransport}


@dataclass(frozen=True, kw_only=True)
class RelyingParty:
    """Whom a passkey is for: the console's host, and the origin that the browser names."""

    id: str
    origin: str

    @classmethod
    def of(cls, base_url: str) -> RelyingParty:
        """From the address that people reach the console at."""
        parts = urlsplit(base_url)
        return cls(id=parts.hostname or "localhost", origin=f"{parts.scheme}://{parts.netloc}")


def registration_options(
    user: AppUser, present: list[Passkey], party: RelyingParty, *, nonce: bytes
) -> dict[str, Any]:
    """What the browser's ``navigator.credentials.create`` needs, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name="Forecourt",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=nonce,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in present],
    )
    return dict(json.loads(options_to_json(options)))


def sign_in_options(present: list[Passkey], party: RelyingParty, *, nonce: bytes) -> dict[str, Any]:
    """What ``navigator.credentials.get`` needs, as JSON; without passkeys: whichever the person has."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=nonce,
        allow_credentials=[_descriptor(passkey) for passkey in present] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(options_to_json(options)))


async def register_passkey(
    uow: UnitOfWork,
    user: AppUser,
    party: RelyingParty,
    *,
    nonce: bytes,
    name: str,
    credential: Mapping[str, Any],
) -> Passkey:
    """Keep a passkey that the browser has made.

    Raises:
        PasskeyRefused: its answer does not fit the challenge, this site, or has no user verification.
        FactorTaken: it is registered already, or there are too many.
    """
    present = await passkeys_of(uow, user)
    if len(present) >= MAX_PASSKEYS:
        raise FactorTaken(f"a person has at most {MAX_PASSKEYS} passkeys")
    try:
        verified = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=nonce,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused(f"the passkey's answer does not fit: {error}") from error
    if any(passkey.credential_id == verified.credential_id for passkey in present):
        raise FactorTaken("this passkey is registered already")
    told = (credential.get("response") or {}).get("transports") or []
    passkey = Passkey(
        operator_id=user.operator_id,
        user_id=user.id,
        name=name.strip(),
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=[one for one in told if one in _TRANSPORTS],
        backed_up=verified.credential_backed_up,
    )
    uow.session.add(passkey)
    await uow.session.flush()
    await _tell(
        uow,
        user,
        before={"passkeys": len(present)},
        after={"passkeys": len(present) + 1, "added": passkey.name},
    )
    return passkey


async def passkey_of(uow: UnitOfWork, credential: Mapping[str, Any]) -> Passkey:
    """The passkey that the browser's answer names, of whatever operator; locked.

    Raises:
        PasskeyRefused: it is not known.
    """
    try:
        credential_id = base64url_to_bytes(str(credential.get("rawId") or credential.get("id") or ""))
    except ValueError as error:
        raise PasskeyRefused("the answer names no passkey") from error
    found: Passkey | None = await uow.session.scalar(
        select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    )
    if found is None:
        raise PasskeyRefused("this passkey is not known here")
    return found


def check_passkey(
    passkey: Passkey, credential: Mapping[str, Any], party: RelyingParty, *, nonce: bytes
) -> int:
    """Check the browser's answer to a challenge; returns the authenticator's new counter.

    Raises:
        PasskeyRefused: the signature, the challenge, the site or the counter does not fit.
    """
    try:
        verified = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=nonce,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused(f"the passkey's answer does not fit: {error}") from error
    return verified.new_sign_count


async def passkeys_of(uow: UnitOfWork, user: AppUser) -> list[Passkey]:
    """The user's passkeys, the oldest first."""
    rows = await uow.session.scalars(
        select(Passkey)
        .where(Passkey.operator_id == user.operator_id, Passkey.user_id == user.id)
        .order_by(Passkey.created_at, Passkey.id)
    )
    return list(rows)


async def rename_passkey(uow: UnitOfWork, user: AppUser, passkey_id: UUID, *, name: str) -> Passkey:
    """Give it another name.

    Raises:
        PasskeyNotFound: no such passkey, or another person's.
    """
    passkey = await _get(uow, user, passkey_id)
    before, passkey.name = passkey.name, name.strip()
    await uow.session.flush()
    await _tell(uow, user, before={"passkey_name": before}, after={"passkey_name": passkey.name})
    return passkey


async def remove_passkey(uow: UnitOfWork, user: AppUser, passkey_id: UUID) -> None:
    """Take it away: it does not sign in any more.

    Raises:
        PasskeyNotFound: no such passkey, or another person's.
        SecondFactorNeeded: the operator asks for a second factor, and this is the last.
    """
    passkey = await _get(uow, user, passkey_id)
    factors = await factors_of(uow, user)
    await check_may_lose(uow, user, left=factors.passkeys - 1 + int(factors.totp))
    await uow.session.delete(passkey)
    await _tell(
        uow,
        user,
        before={"passkeys": factors.passkeys, "removed": None},
        after={"passkeys": factors.passkeys - 1, "removed": passkey.name},
    )


async def _get(uow: UnitOfWork, user: AppUser, passkey_id: UUID) -> Passkey:
    passkey = await uow.session.get(Passkey, (user.operator_id, passkey_id), with_for_update=True)
    if passkey is None or passkey.user_id != user.id:
        raise PasskeyNotFound(f"no passkey {encode_id('psk', passkey_id)}")
    return passkey


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=passkey.credential_id,
        transports=[AuthenticatorTransport(one) for one in passkey.transports if one in _TRANSPORTS] or None,
    )


async def _tell(
    uow: UnitOfWork, user: AppUser, *, before: dict[str, object], after: dict[str, object]
) -> None:
    await record_change(
        uow,
        action="user.passkeys_changed",
        subject_type="user",
        subject_id=user.id,
        before=before,
        after=after,
        operator_id=user.operator_id,
    )
