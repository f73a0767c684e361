"""The configuration keys of a simulated 1.6 station (OCPP 1.6 section 9)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Key:
    """A configuration key: its value, whether the server may write it, and how it is checked."""

    value: str
    readonly: bool = False
    kind: str = "text"
    reboot: bool = False
    secret: bool = False


class Configuration:
    """Configuration keys with the checks that a station makes."""

    def __init__(self, *, connectors: int, measurands: str, meter_interval_s: int = 60) -> None:
        def number(value: int, *, readonly: bool = False) -> Key:
            return Key(str(value), readonly, "int")

        def flag(value: bool, *, readonly: bool = False) -> Key:
            return Key("true" if value else "false", readonly, "bool")

        self.keys: dict[str, Key] = {
            "AllowOfflineTxForUnknownId": flag(True),
            "AuthorizationCacheEnabled": flag(True),
            "AuthorizeRemoteTxRequests": flag(False),
            "ClockAlignedDataInterval": number(0),
            "ConnectionTimeOut": number(120),
            "ConnectorPhaseRotation": Key("Unknown"),
            "GetConfigurationMaxKeys": number(50, readonly=True),
            "HeartbeatInterval": number(300),
            "LocalAuthorizeOffline": flag(True),
            "LocalPreAuthorize": flag(False),
            "MeterValuesAlignedData": Key("Energy.Active.Import.Register"),
            "MeterValuesSampledData": Key(measurands, kind="measurands"),
            "MeterValueSampleInterval": number(meter_interval_s),
            "NumberOfConnectors": number(connectors, readonly=True),
            "ResetRetries": number(1),
            "StopTransactionOnEVSideDisconnect": flag(True, readonly=True),
            "StopTransactionOnInvalidId": flag(True),
            "StopTxnAlignedData": Key(""),
            "StopTxnSampledData": Key("Energy.Active.Import.Register", kind="measurands"),
            "SupportedFeatureProfiles": Key(
                "Core,LocalAuthListManagement,RemoteTrigger,Reservation,SmartCharging", readonly=True
            ),
            "TransactionMessageAttempts": number(3),
            "TransactionMessageRetryInterval": number(60),
            "UnlockConnectorOnEVSideDisconnect": flag(True),
            "WebSocketPingInterval": Key("0", kind="int", reboot=True),
            "LocalAuthListEnabled": flag(True),
            "LocalAuthListMaxLength": number(1000, readonly=True),
            "SendLocalListMaxLength": number(100, readonly=True),
            "ChargeProfileMaxStackLevel": number(20, readonly=True),
            "ChargingScheduleAllowedChargingRateUnit": Key("Current,Power", readonly=True),
            "ChargingScheduleMaxPeriods": number(48, readonly=True),
            "MaxChargingProfilesInstalled": number(20, readonly=True),
            "ReserveConnectorZeroSupported": flag(False, readonly=True),
            "SecurityProfile": number(1, readonly=True),
            "AuthorizationKey": Key("", secret=True),
        }

    def text(self, key: str) -> str:
        """Value of a key as text."""
        return self.keys[key].value

    def number(self, key: str) -> float:
        """Value of a key as a number; 0 when it is none."""
        try:
            return float(self.keys[key].value)
        except ValueError:
            return 0.0

    def flag(self, key: str) -> bool:
        """Value of a key as a truth value."""
        return self.keys[key].value.lower() == "true"

    def change(self, name: str, value: str) -> str:
        """Write a key; returns a status of ChangeConfiguration.conf."""
        key = self.keys.get(name)
        if key is None:
            return "NotSupported"
        if key.readonly or not _fits(key.kind, value):
            return "Rejected"
        key.value = value
        return "RebootRequired" if key.reboot else "Accepted"

    def listing(self, names: list[str]) -> tuple[list[dict[str, object]], list[str]]:
        """configurationKey and unknownKey of GetConfiguration.conf; all keys when none is named."""
        wanted = names or list(self.keys)
        known: list[dict[str, object]] = []
        for name in wanted:
            key = self.keys.get(name)
            if key is None:
                continue
            entry: dict[str, object] = {"key": name, "readonly": key.readonly}
            if not key.secret:
                entry["value"] = key.value
            known.append(entry)
        return known, [name for name in wanted if name not in self.keys]


def _fits(kind: str, value: str) -> bool:
    if kind == "int":
        return value.isdigit()
    if kind == "bool":
        return value.lower() in ("true", "false")
    if kind == "measurands":
        return all(part.strip()[:1].isupper() or not part.strip() for part in value.split(","))
    return len(value) <= 500
