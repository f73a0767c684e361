"""What the normaliser knows about particular fields: aliases, fallbacks and neutral values.

Struct names are those of any version; a name that two versions share means the same thing in both.
"""

from decimal import Decimal
from typing import Any, Final

SAMPLES: Final = frozenset({"SampledValue", "TransactionDataSampledValue", "SampledValueType"})
METER_VALUES: Final = frozenset({"MeterValue", "TransactionData", "MeterValueType"})
IDENTIFIERS: Final = frozenset(
    {("TransactionType", "transactionId"), ("MeterValuesRequest", "transactionId")}
)
"""Texts that must not be cut: two identifiers could become one."""
OPAQUE: Final = frozenset({("DataTransferRequest", "data"), ("DataTransferResponse", "data")})
"""Texts that stations fill with an object."""
TENTHS: Final = frozenset({("ChargingSchedulePeriod", "limit"), ("ChargingSchedule", "minChargingRate")})
"""Numbers that 1.6 allows one decimal."""
TENTH: Final = Decimal("0.1")
ID_TAGS: Final = frozenset({"idTag", "parentIdTag"})

ENUM_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    # folded spelling: candidates, the first that the enumeration has is taken
    "ok": ("Accepted",),
    "success": ("Accepted",),
    "accept": ("Accepted",),
    "fail": ("Failed", "Rejected"),
    "failed": ("Rejected",),
    "error": ("Faulted", "OtherError", "Failed", "Rejected"),
    "fault": ("Faulted",),
    "reject": ("Rejected",),
    "unsupported": ("NotSupported", "Rejected"),
    "notimplemented": ("NotSupported", "Rejected"),
    "occupied": ("Preparing",),
    "idle": ("Available",),
    "free": ("Available",),
    "inoperative": ("Unavailable",),
    "unknown": ("Unavailable",),
    "preparing": ("Occupied",),
    "charging": ("Occupied",),
    "suspendedev": ("Occupied",),
    "suspendedevse": ("Occupied",),
    "finishing": ("Occupied",),
    "none": ("NoError",),
    "nofault": ("NoError",),
    "deauthorised": ("DeAuthorized", "Deauthorized"),
    "periodic": ("Sample.Periodic",),
    "clock": ("Sample.Clock",),
    "iso14443a": ("ISO14443",),
    "rfid": ("ISO14443",),
    "emaid": ("eMAID",),
}
ENUM_FALLBACKS: Final[dict[tuple[str, str], str]] = {
    ("StatusNotificationRequest", "errorCode"): "OtherError",
    ("StopTransactionRequest", "reason"): "Other",
    ("TransactionType", "stoppedReason"): "Other",
    ("BootNotificationRequest", "reason"): "Unknown",
    ("TransactionEventRequest", "triggerReason"): "Trigger",
    ("IdTokenType", "type"): "Central",
    ("SampledValue", "context"): "Other",
    ("TransactionDataSampledValue", "context"): "Other",
    ("SampledValueType", "context"): "Other",
}

# (struct, field): (the code under which it is recorded, the value). Nothing here invents energy or money.
MISSING: Final[dict[tuple[str, str], tuple[str, Any]]] = {
    ("StartTransactionRequest", "idTag"): ("id_tag_missing", ""),
    ("AuthorizeRequest", "idTag"): ("id_tag_missing", ""),
    ("StatusNotificationRequest", "errorCode"): ("status_detail_missing", "NoError"),
    ("KeyValue", "readonly"): ("readonly_missing", False),
    ("StatusNotificationRequest", "connectorId"): ("missing_field", 0),
    ("MeterValuesRequest", "connectorId"): ("missing_field", 0),
    ("BootNotificationRequest", "chargePointModel"): ("missing_field", "Unknown"),
    ("BootNotificationRequest", "chargePointVendor"): ("missing_field", "Unknown"),
    ("BootNotificationRequest", "reason"): ("missing_field", "Unknown"),
    ("ChargingStationType", "model"): ("missing_field", "Unknown"),
    ("ChargingStationType", "vendorName"): ("missing_field", "Unknown"),
    ("TransactionEventRequest", "triggerReason"): ("missing_field", "Trigger"),
    ("IdTokenType", "type"): ("missing_field", "Central"),
    ("DataTransferRequest", "vendorId"): ("missing_field", ""),
    ("CustomDataType", "vendorId"): ("missing_field", ""),
}


def fold(text: str) -> str:
    """A text without case, blanks and punctuation, for comparing spellings."""
    return "".join(ch for ch in text if ch.isalnum()).lower()


def scaled_by_unit(measurand: str | None) -> bool:
    """Whether a wrong guess at the unit would change an amount of energy or power."""
    return measurand is None or measurand.startswith(("Energy", "Power"))
