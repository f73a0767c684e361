"""Settings that are more than a word."""

from __future__ import annotations

import pytest

from forecourt.app.settings import Settings
from forecourt.gateway.address import Address, Alias, read_address


class TestAliases:
    def test_host_path_or_both(self) -> None:
        settings = Settings(ocpp_aliases="acme=/steve/websocket, acme=ocpp.acme.example,beta=h.example/a/b,")
        assert settings.aliases() == [
            Alias("acme", "", "/steve/websocket"),
            Alias("acme", "ocpp.acme.example", ""),
            Alias("beta", "h.example", "/a/b"),
        ]
        assert read_address("/steve/websocket/CP1", "x", settings.aliases())[0] == Address("acme", "CP1")
        assert read_address("/CP1", "ocpp.acme.example:9000", settings.aliases())[0] == Address("acme", "CP1")

    @pytest.mark.parametrize("text", ["acme", "=/a", "acme=/", "acme="])
    def test_half_of_one_is_an_error(self, text: str) -> None:
        with pytest.raises(ValueError, match="FORECOURT_OCPP_ALIASES"):
            Settings(ocpp_aliases=text).aliases()


def test_proxies() -> None:
    assert Settings(trusted_proxies="10.0.0.1, ::1").proxies() == {"10.0.0.1", "::1"}
