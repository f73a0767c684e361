"""The deviations that are tolerated, each with the strictness from which on it is."""

from typing import Any, Final

import msgspec

from forecourt.ocpp._frames import QuirkEvent
from forecourt.ocpp._versions import Strictness

MAX_EVENTS: Final = 100
MAX_RAW: Final = 500

_RANK = {Strictness.STRICT: 0, Strictness.STANDARD: 1, Strictness.LENIENT: 2}


class Quirk(msgspec.Struct, frozen=True):
    """One known deviation: its stable code, its number in the field list, who tolerates it, what it is."""

    code: str
    number: int | None
    since: Strictness
    summary: str


def _quirks(*rows: tuple[str, int | None, Strictness, str]) -> dict[str, Quirk]:
    return {code: Quirk(code, number, since, summary) for code, number, since, summary in rows}


_S, _N, _L = Strictness.STRICT, Strictness.STANDARD, Strictness.LENIENT

QUIRKS: Final[dict[str, Quirk]] = _quirks(
    # the frame
    ("json_repaired", 17, _N, "known damage to the JSON was repaired"),
    ("json_closed", 17, _L, "the frame ended early and was closed"),
    ("stray_bytes", 17, _N, "a byte order mark, NUL bytes or text around the frame"),
    ("invalid_utf8", None, _N, "bytes that are not UTF-8 were replaced"),
    ("nul_character", None, _S, "NUL characters were removed: no database takes them"),
    ("lone_surrogate", None, _S, "half a surrogate pair was replaced"),
    ("payload_null", 18, _N, "the payload is null, not {}"),
    ("payload_missing", 18, _N, "the payload is absent, not {}"),
    ("payload_empty_list", 18, _N, "the payload is [], not {}"),
    ("extra_elements", None, _N, "elements after the payload"),
    ("message_type_text", None, _N, "the frame type is a text"),
    ("integer_message_id", 19, _N, "the message id is an integer"),
    ("long_message_id", None, _N, "the message id is longer than 36 characters"),
    ("error_incomplete", 20, _S, "an error frame lacks elements or has wrong ones"),
    ("error_code", 20, _S, "an error code that is in no table, or misspelt"),
    ("action_spelling", 32, _N, "the action in another case"),
    # structure
    ("extra_field", 88, _N, "a field that the schema does not have was left out"),
    ("field_spelling", 81, _N, "a field name in another case"),
    ("null_member", None, _N, "null for a field that is simply absent"),
    ("object_for_list", None, _N, "one object where a list belongs"),
    ("empty_list", None, _N, "an empty list for an optional field"),
    ("missing_field", None, _L, "a missing required field was given a neutral value"),
    ("readonly_missing", 80, _N, "a configuration key without `readonly`"),
    ("status_detail_missing", 31, _N, "a status without error code counts as without error"),
    # values
    ("integral_float", 64, _S, "an integer written as 1.0"),
    ("fraction_for_integer", 64, _N, "a fraction for an integer field was rounded"),
    ("number_for_string", 64, _N, "a number or boolean for a text field"),
    ("string_for_number", 80, _N, "a text for a number field"),
    ("boolean_spelling", 80, _N, "a boolean written as text or as 0 and 1"),
    ("object_for_string", None, _N, "an object for a text field was kept as JSON text"),
    ("decimal_spelling", 65, _N, "a decimal comma, blanks or a plus sign in a number"),
    ("decimal_places", None, _N, "a limit with more than one decimal was rounded"),
    ("decimal_range", 65, _N, "a number that is out of any range was left out"),
    ("long_string", 28, _N, "an over-long text was cut"),
    ("long_identifier", 28, _N, "an over-long identifier was kept whole"),
    ("padded_string", 49, _N, "padding was cut from an over-long text"),
    ("id_tag_long", 49, _N, "an over-long idTag was cut"),
    ("id_tag_missing", 48, _N, "a missing idTag counts as an empty one"),
    ("enum_spelling", 32, _N, "an enumeration value in another case or with blanks"),
    ("enum_value", 31, _N, "a value outside the enumeration was mapped or left out"),
    # time
    ("timestamp_naive", 37, _N, "a time stamp without offset was taken as UTC"),
    ("timestamp_form", 39, _N, "a time stamp in an odd form"),
    ("timestamp_missing", 70, _N, "a missing time stamp was replaced by the time of receipt"),
    ("timestamp_invalid", 38, _N, "an unreadable time stamp was replaced by the time of receipt or left out"),
    # metering
    ("bad_sample", 65, _N, "a sample without a readable value was left out"),
    ("unit_missing", 66, _N, "an empty unit: the default of the measurand applies"),
    ("unit_spelling", 67, _N, "a unit in another spelling"),
    ("unit_unknown", 67, _N, "an unknown unit: left out, or with energy and power the whole sample"),
    ("measurand_unknown", 68, _N, "a sample with an unknown measurand was left out"),
    ("empty_sampled_value", 69, _N, "a meter value without samples was left out"),
)
"""Every tolerated deviation by its code."""


class Notes:
    """What was tolerated while one frame was read."""

    def __init__(self, strictness: Strictness) -> None:
        self._rank = _RANK[strictness]
        self._codes: set[str] = set()
        self.events: list[QuirkEvent] = []

    def allow(self, code: str) -> bool:
        """Whether this station may deviate so."""
        return _RANK[QUIRKS[code].since] <= self._rank

    def note(self, code: str, path: str, raw: Any = None) -> bool:
        """Record a deviation and say `True`, or say `False` if it is not tolerated.

        A frame full of the same deviation is not worth thousands of events: after 100 only the first of
        each code are kept.
        """
        if not self.allow(code):
            return False
        if len(self.events) < MAX_EVENTS or code not in self._codes:
            self._codes.add(code)
            self.events.append(QuirkEvent(code, QUIRKS[code].number, path, _short(raw)))
        return True


def _short(raw: Any) -> Any:
    if isinstance(raw, str) and len(raw) > MAX_RAW:
        return raw[:MAX_RAW] + "…"
    if isinstance(raw, dict | list):
        try:
            text = msgspec.json.encode(raw).decode()
        except (TypeError, ValueError, RecursionError):
            return "…"
        return raw if len(text) <= MAX_RAW else text[:MAX_RAW] + "…"
    return raw
