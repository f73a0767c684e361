"""The device model of a simulated 2.x station: components, variables, and the report of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forecourt.simulator.meter import DEFAULT_MEASURANDS
from forecourt.simulator.spec import StationSpec

Key = tuple[str, int, int, str, str]
"""Component, EVSE, connector, variable, instance; 0 and "" where there is none. Names in lower case."""

MEASURANDS = ",".join(DEFAULT_MEASURANDS)


@dataclass(kw_only=True)
class Variable:
    """One variable with its Actual attribute."""

    component: str
    name: str
    value: str
    evse: int = 0
    connector: int = 0
    instance: str = ""
    kind: str = "string"
    mutability: str = "ReadWrite"
    unit: str | None = None
    values: str | None = None
    max_limit: float | None = None
    reboot: bool = False

    @property
    def key(self) -> Key:
        """What it is found by."""
        return key_of(self.component, self.evse, self.connector, self.name, self.instance)

    def report(self) -> dict[str, Any]:
        """As an element of NotifyReport's reportData."""
        component: dict[str, Any] = {"name": self.component}
        if self.evse:
            component["evse"] = {"id": self.evse}
            if self.connector:
                component["evse"]["connectorId"] = self.connector
        variable: dict[str, Any] = {"name": self.name}
        if self.instance:
            variable["instance"] = self.instance
        attribute: dict[str, Any] = {"type": "Actual", "mutability": self.mutability, "persistent": True}
        if self.mutability != "WriteOnly":
            attribute["value"] = self.value
        characteristics: dict[str, Any] = {"dataType": self.kind, "supportsMonitoring": False}
        if self.unit:
            characteristics["unit"] = self.unit
        if self.values:
            characteristics["valuesList"] = self.values
        if self.max_limit is not None:
            characteristics["maxLimit"] = self.max_limit
        return {
            "component": component,
            "variable": variable,
            "variableAttribute": [attribute],
            "variableCharacteristics": characteristics,
        }

    def accepts(self, value: str) -> bool:
        """Whether ``value`` is of its kind."""
        if self.kind == "integer":
            return value.lstrip("-").isdigit()
        if self.kind == "boolean":
            return value.lower() in ("true", "false")
        if self.kind == "OptionList" and self.values:
            return value in self.values.split(",")
        return len(value) <= 2500


def key_of(component: str, evse: int, connector: int, name: str, instance: str = "") -> Key:
    """The key of a variable; names are compared without regard to case."""
    return component.lower(), evse, connector, name.lower(), instance.lower()


class DeviceModel:
    """All variables of one station."""

    def __init__(self, spec: StationSpec) -> None:
        self.variables = {variable.key: variable for variable in _inventory(spec)}

    def text(self, component: str, name: str) -> str:
        """Value of a station-wide variable."""
        return self.variables[key_of(component, 0, 0, name)].value

    def number(self, component: str, name: str) -> float:
        """Value of a station-wide variable as a number; 0 when it is none."""
        try:
            return float(self.text(component, name))
        except ValueError:
            return 0.0

    def flag(self, component: str, name: str) -> bool:
        """Value of a station-wide variable as a truth value."""
        return self.text(component, name).lower() == "true"

    def set_actual(self, component: str, evse: int, connector: int, name: str, value: str) -> None:
        """The station's own change of a value."""
        variable = self.variables.get(key_of(component, evse, connector, name))
        if variable is not None:
            variable.value = value

    def find(self, item: dict[str, Any]) -> tuple[Variable | None, str]:
        """The variable that an element of Get- or SetVariables names, or what is unknown about it."""
        component, variable = item["component"], item["variable"]
        evse = component.get("evse") or {}
        name = component["name"].lower()
        place = (name, evse.get("id", 0), evse.get("connectorId", 0))
        if item.get("attributeType", "Actual") != "Actual":
            return None, "NotSupportedAttributeType"
        found = self.variables.get(key_of(*place, variable["name"], variable.get("instance", "")))
        if found is not None:
            return found, "Accepted"
        known = any(key[:3] == place for key in self.variables)
        return None, "UnknownVariable" if known else "UnknownComponent"

    def report(self, base: str) -> list[dict[str, Any]]:
        """reportData of a base report."""
        chosen = [
            variable
            for variable in self.variables.values()
            if base == "FullInventory"
            or (base == "ConfigurationInventory" and variable.mutability != "ReadOnly")
            or (base == "SummaryInventory" and variable.name in ("AvailabilityState", "Problem"))
        ]
        return [variable.report() for variable in chosen]


def _inventory(spec: StationSpec) -> list[Variable]:
    dc = spec.kind.upper() == "DC"
    phases = "3" if not dc and spec.max_power_w > 7_500 else "1"

    def fixed(
        component: str,
        name: str,
        value: str,
        *,
        evse: int = 0,
        connector: int = 0,
        kind: str = "string",
        values: str | None = None,
        unit: str | None = None,
        most: float | None = None,
        instance: str = "",
    ) -> Variable:
        return Variable(
            component=component,
            name=name,
            value=value,
            evse=evse,
            connector=connector,
            kind=kind,
            mutability="ReadOnly",
            values=values,
            unit=unit,
            max_limit=most,
            instance=instance,
        )

    def whole(component: str, name: str, value: int, unit: str | None = "s") -> Variable:
        return Variable(component=component, name=name, value=str(value), kind="integer", unit=unit)

    def flag(component: str, name: str, value: bool) -> Variable:
        return Variable(component=component, name=name, value=str(value).lower(), kind="boolean")

    def listed(component: str, name: str, value: str) -> Variable:
        return Variable(component=component, name=name, value=value, kind="MemberList")

    states = "Available,Occupied,Reserved,Unavailable,Faulted"
    found = [
        fixed("ChargingStation", "AvailabilityState", "Available", kind="OptionList", values=states),
        fixed("ChargingStation", "Available", "true", kind="boolean"),
        fixed("ChargingStation", "Model", spec.model),
        fixed("ChargingStation", "VendorName", spec.vendor),
        fixed("ChargingStation", "SerialNumber", spec.serial_number or spec.identity),
        fixed("ChargingStation", "FirmwareVersion", spec.firmware_version),
        fixed("ChargingStation", "SupplyPhases", phases, kind="integer"),
        flag("AuthCtrlr", "Enabled", True),
        flag("AuthCtrlr", "AuthorizeRemoteStart", False),
        flag("AuthCtrlr", "LocalAuthorizeOffline", True),
        flag("AuthCtrlr", "LocalPreAuthorize", False),
        flag("AuthCtrlr", "OfflineTxForUnknownIdEnabled", True),
        flag("AuthCacheCtrlr", "Enabled", True),
        flag("LocalAuthListCtrlr", "Enabled", True),
        fixed("LocalAuthListCtrlr", "Entries", "0", kind="integer", most=1000),
        fixed("LocalAuthListCtrlr", "ItemsPerMessage", "100", kind="integer"),
        whole("OCPPCommCtrlr", "HeartbeatInterval", 300),
        whole("OCPPCommCtrlr", "WebSocketPingInterval", 0),
        whole("OCPPCommCtrlr", "OfflineThreshold", 60),
        whole("OCPPCommCtrlr", "ResetRetries", 1, None),
        whole("OCPPCommCtrlr", "RetryBackOffRepeatTimes", 5, None),
        whole("OCPPCommCtrlr", "RetryBackOffRandomRange", 10),
        whole("OCPPCommCtrlr", "RetryBackOffWaitMinimum", 3),
        fixed("OCPPCommCtrlr", "MessageTimeout", "30", kind="integer", unit="s", instance="Default"),
        fixed("OCPPCommCtrlr", "FileTransferProtocols", "HTTPS", kind="MemberList"),
        Variable(component="OCPPCommCtrlr", name="NetworkConfigurationPriority", value="1", reboot=True),
        whole("SampledDataCtrlr", "TxUpdatedInterval", spec.meter_interval_s),
        whole("SampledDataCtrlr", "TxEndedInterval", 0),
        listed("SampledDataCtrlr", "TxStartedMeasurands", "Energy.Active.Import.Register"),
        listed("SampledDataCtrlr", "TxUpdatedMeasurands", MEASURANDS),
        listed("SampledDataCtrlr", "TxEndedMeasurands", "Energy.Active.Import.Register"),
        whole("AlignedDataCtrlr", "Interval", 0),
        listed("AlignedDataCtrlr", "Measurands", "Energy.Active.Import.Register"),
        fixed(
            "TxCtrlr",
            "TxStartPoint",
            "EVConnected" if spec.starts_at_plug else "PowerPathClosed",
            kind="MemberList",
        ),
        fixed("TxCtrlr", "TxStopPoint", "Authorized,EVConnected", kind="MemberList"),
        whole("TxCtrlr", "EVConnectionTimeOut", 120),
        flag("TxCtrlr", "StopTxOnInvalidId", True),
        flag("TxCtrlr", "StopTxOnEVSideDisconnect", True),
        flag("SmartChargingCtrlr", "Enabled", True),
        fixed("SmartChargingCtrlr", "ProfileStackLevel", "20", kind="integer"),
        fixed("SmartChargingCtrlr", "RateUnit", "A,W", kind="MemberList"),
        fixed("SmartChargingCtrlr", "PeriodsPerSchedule", "48", kind="integer"),
        flag("ReservationCtrlr", "Enabled", True),
        fixed("SecurityCtrlr", "SecurityProfile", "1", kind="integer"),
        Variable(component="SecurityCtrlr", name="Identity", value=spec.identity, mutability="ReadOnly"),
        Variable(component="SecurityCtrlr", name="BasicAuthPassword", value="", mutability="WriteOnly"),
        listed("ClockCtrlr", "TimeSource", "Heartbeat"),
        fixed("DeviceDataCtrlr", "ItemsPerMessage", "20", kind="integer", instance="GetReport"),
    ]
    for evse in range(1, spec.connectors + 1):
        plug = "cCCS2" if dc else "sType2"
        found += [
            fixed("EVSE", "AvailabilityState", "Available", evse=evse, kind="OptionList", values=states),
            fixed("EVSE", "Available", "true", evse=evse, kind="boolean"),
            fixed("EVSE", "Power", "0", evse=evse, kind="decimal", unit="W", most=spec.max_power_w),
            fixed("EVSE", "SupplyPhases", phases, evse=evse, kind="integer"),
            fixed(
                "Connector",
                "AvailabilityState",
                "Available",
                evse=evse,
                connector=1,
                kind="OptionList",
                values=states,
            ),
            fixed("Connector", "Available", "true", evse=evse, connector=1, kind="boolean"),
            fixed("Connector", "ConnectorType", plug, evse=evse, connector=1),
            fixed("Connector", "SupplyPhases", phases, evse=evse, connector=1, kind="integer"),
        ]
    return found
