/** Actions of OCPP 1.6, 2.0.1 and 2.1 that the log is narrowed to most often; others can be typed. */
export const ACTIONS: readonly string[] = [
  "Authorize", "BootNotification", "ChangeAvailability", "ChangeConfiguration", "ClearCache", "ClearChargingProfile", "DataTransfer",
  "DiagnosticsStatusNotification", "FirmwareStatusNotification", "GetBaseReport", "GetConfiguration", "GetLocalListVersion", "GetVariables",
  "Heartbeat", "LogStatusNotification", "MeterValues", "NotifyEvent", "NotifyReport", "RemoteStartTransaction", "RemoteStopTransaction",
  "RequestStartTransaction", "RequestStopTransaction", "Reset", "SecurityEventNotification", "SendLocalList", "SetChargingProfile",
  "SetVariables", "StartTransaction", "StatusNotification", "StopTransaction", "TransactionEvent", "TriggerMessage", "UnlockConnector", "UpdateFirmware",
];
