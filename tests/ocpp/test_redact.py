"""Secrets never reach the message log."""

import json

import pytest

from forecourt.ocpp import Version, redact

SECRET = "s3cr3t-S3CR3T-s3cr3t"


class TestRedact:
    @pytest.mark.parametrize(
        ("version", "action", "payload"),
        [
            (Version.V16, "ChangeConfiguration", {"key": "AuthorizationKey", "value": SECRET}),
            (Version.V16, "ChangeConfiguration", {"key": "Vendor_WiFi_Password", "value": SECRET}),
            (Version.V16, "GetConfiguration", {"configurationKey": [{"key": "authorizationkey", "readonly": False, "value": SECRET}]}),
            (Version.V201, "SetVariables", {"setVariableData": [{"attributeValue": SECRET, "component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}]}),
            (Version.V201, "GetVariables", {"getVariableResult": [{"attributeValue": SECRET, "component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}]}),
            (Version.V201, "NotifyReport", {"reportData": [{"variable": {"name": "BasicAuthPassword"}, "variableAttribute": [{"value": SECRET}]}]}),
            (Version.V21, "SetNetworkProfile", {"connectionData": {"basicAuthPassword": SECRET, "vpn": {"password": SECRET, "key": SECRET}, "apn": {"apnPassword": SECRET}}}),
            (Version.V201, "Authorize", {"idToken": {"idToken": SECRET, "type": "KeyCode"}}),
            (Version.V201, "TransactionEvent", {"idToken": {"type": "keycode", "idToken": SECRET}}),
            (Version.V201, "SendLocalList", {"localAuthorizationList": [{"idToken": {"idToken": SECRET, "type": "KeyCode"}}]}),
            (Version.V201, "GetLog", {"log": {"remoteLocation": f"sftp://user:{SECRET}@files.example.com/x"}}),
        ],
    )  # fmt: skip
    def test_a_secret_is_hidden_and_the_rest_stays(
        self, version: Version, action: str, payload: object
    ) -> None:
        text = json.dumps([2, "7f", action, payload, {"rest": 1.50}])
        hidden = redact(version, action, text)
        assert SECRET not in hidden
        assert "***" in hidden
        assert json.loads(hidden)[:3] == [2, "7f", action]
        assert SECRET not in redact(version, action, text[:-2])  # also when it is no longer JSON

    def test_what_holds_no_secret_is_the_very_same_text(self) -> None:
        for action, text in (
            ("MeterValues", '[2,"7f","MeterValues",{"password":"x"}]'),
            (
                "ChangeConfiguration",
                '[2,"7f","ChangeConfiguration",{"key":"HeartbeatInterval","value":"60"}]',
            ),
            ("Authorize", '[2,"7f","Authorize",{"idToken":{"idToken":"A","type":"ISO14443"}}]'),
        ):
            assert redact(Version.V16, action, text) is text

    def test_numbers_keep_their_digits(self) -> None:
        text = '[2,"7f","Authorize",{"idToken":{"idToken":"1234","type":"KeyCode"},"x":12.50}]'
        assert redact(Version.V201, "Authorize", text).endswith('"x":12.50}]')
