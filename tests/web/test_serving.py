"""How the screens are served: policy, caching, compression, and nothing outside their folder."""

from __future__ import annotations

import httpx
import pytest

from tests.web.browser import Demo


@pytest.fixture
def client(demo: Demo) -> httpx.Client:
    return httpx.Client(base_url=demo.url)


class TestPages:
    @pytest.mark.parametrize("path", ["/console", "/console/stations/UTR-P3-07", "/", "/c/DE*FCT*E1024*1"])
    def test_every_address_gets_its_document_with_a_strict_policy(
        self, client: httpx.Client, path: str
    ) -> None:
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-cache"
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "<script>" not in answer.text


class TestAssets:
    def test_hashed_files_are_kept_for_ever_and_come_compressed(self, client: httpx.Client) -> None:
        html = client.get("/console").text
        script = html.partition('src="/assets/')[2].partition('"')[0]
        answer = client.get(f"/assets/{script}", headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "br"
        assert answer.headers["content-type"].startswith("text/javascript")

    @pytest.mark.parametrize(
        "name", ["..%2Fmanifest.json", "%2e%2e%2fconsole%2findex.html", "nothing.js", ""]
    )
    def test_nothing_else_is_served(self, client: httpx.Client, name: str) -> None:
        assert client.get(f"/assets/{name}").status_code == 404
