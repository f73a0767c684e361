"""Hide secrets in a frame before it is logged."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec

from forecourt.ocpp._versions import Version

REDACTED: Final = "***"

# 1.6: keys of ChangeConfiguration and GetConfiguration; 2.x: variables of SetVariables, GetVariables, NotifyReport
_SECRET: Final = re.compile(
    r"authorizationkey|password|passphrase|secret|apikey|accesskey|privatekey|pincode|sharedkey",
    re.IGNORECASE,
)
_SECRET_MEMBERS: Final = frozenset({"basicauthpassword", "apnpassword", "password", "key"})
_TEXT: Final = r'"(?:[^"\\]++|\\.)*+"'
_ANY_VALUE: Final = re.compile(
    rf'("(?:value|attributeValue|actualValue|location|remoteLocation|[A-Za-z]*[Pp]assword|key|data)"\s*:\s*){_TEXT}',
    re.DOTALL,
)
_LOGIN: Final = re.compile(r"\b([a-zA-Z][a-zA-Z0-9+.-]{0,15}+://)[^/@\s\"]{1,300}@")
_TOKEN_VALUE: Final = re.compile(rf'("idToken"\s*:\s*){_TEXT}', re.DOTALL)


_decoder: Final = msgspec.json.Decoder(float_hook=Decimal)
_encoder: Final = msgspec.json.Encoder(decimal_format="number")


def redact(version: Version, action: str, frame_text: str) -> str:
    """The frame's text with `***` for passwords, keys and PIN codes; the text itself if it holds none.

    `action` is that of the call, also for its result. A frame that is not readable JSON loses every value
    that could be a secret.
    """
    hide = _HIDERS.get(action)
    if hide is None:
        return frame_text
    if hide is _hide_tokens and "keycode" not in frame_text.lower():
        return frame_text
    try:
        frame = _decoder.decode(frame_text)
        changed = hide(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        hidden = _ANY_VALUE.sub(rf'\1"{REDACTED}"', frame_text)
        return _TOKEN_VALUE.sub(rf'\1"{REDACTED}"', hidden)
    return _encoder.encode(frame).decode() if changed else frame_text


def _walk(node: Any, visit: Callable[[dict[str, Any]], bool]) -> bool:
    """Visit every object; whether any visit changed one."""
    changed = False
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            changed = visit(current) or changed
            pending.extend(current.values())
        elif isinstance(current, list):
            pending.extend(current)
    return changed


def _hide_settings(frame: Any) -> bool:
    return _walk(frame, _hide_setting)


def _hide_setting(node: dict[str, Any]) -> bool:
    """One configuration key, one variable with its value, or one report entry."""
    variable = node.get("variable")
    name = node.get("key") or (variable.get("name") if isinstance(variable, dict) else None)
    if not isinstance(name, str) or not _SECRET.search(name.replace("_", "").replace(" ", "")):
        return False
    holders = [node, *(item for item in _list(node.get("variableAttribute")) if isinstance(item, dict))]
    changed = False
    for holder in holders:
        for member in ("value", "attributeValue", "actualValue"):
            if holder.get(member) is not None:
                holder[member] = REDACTED
                changed = True
    return changed


def _hide_profile(frame: Any) -> bool:
    return _walk(frame, _hide_members)


def _hide_members(node: dict[str, Any]) -> bool:
    found = [
        name for name, value in node.items() if name.lower() in _SECRET_MEMBERS and isinstance(value, str)
    ]
    for name in found:
        node[name] = REDACTED
    return bool(found)


def _hide_tokens(frame: Any) -> bool:
    return _walk(frame, _hide_token)


def _hide_token(node: dict[str, Any]) -> bool:
    kind, token = node.get("type"), node.get("idToken")
    if isinstance(kind, str) and kind.lower() == "keycode" and isinstance(token, str):
        node["idToken"] = REDACTED
        return True
    return False


def _hide_logins(frame: Any) -> bool:
    return _walk(frame, _hide_login)


def _hide_login(node: dict[str, Any]) -> bool:
    """User and password inside an upload or download address."""
    changed = False
    for name, value in node.items():
        if (
            isinstance(value, str)
            and "@" in value
            and (hidden := _LOGIN.sub(rf"\1{REDACTED}@", value)) != value
        ):
            node[name] = hidden
            changed = True
    return changed


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


_HIDERS: Final[dict[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(
        ("ChangeConfiguration", "GetConfiguration", "SetVariables", "GetVariables", "NotifyReport", "NotifyEvent"),
        _hide_settings,
    ),
    "SetNetworkProfile": _hide_profile,
    **dict.fromkeys(
        ("GetDiagnostics", "GetLog", "UpdateFirmware", "SignedUpdateFirmware", "PublishFirmware"), _hide_logins
    ),
    **dict.fromkeys(
        ("Authorize", "TransactionEvent", "RequestStartTransaction", "ReserveNow", "SendLocalList",
         "CustomerInformation", "BatterySwap", "RequestBatterySwap"),
        _hide_tokens,
    ),
}  # fmt: skip
