"""People come in by mail, prove who they are, and leave a trail: the real program, a real SMTP server, a real browser."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
import pyotp
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, Page, expect

from tests.conftest import free_port
from tests.e2e.conftest import Program
from tests.web.browser import DESKTOP, PHONE, accessibility_findings

PASSWORD = "a password for the tests"


class Post:
    """What an SMTP server on loopback was given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    def link_to(self, address: str) -> str:
        """The link in the newest mail to an address; waits for the mail."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for mail in reversed(self.mails):
                found = re.search(r"http://localhost:\d+/console/\S+#\S+", mail.get_content())
                if mail["To"] == address and found:
                    return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no mail with a link for {address}: {[mail['To'] for mail in self.mails]}")


class Place:
    """Two operators on one installation, with a mail server."""

    def __init__(self, program: Program, post: Post) -> None:
        self.program, self.post = program, post
        self.url = f"http://localhost:{program.http_port}/console"

    def user(self, email: str, role: str, *, operator: str = "default") -> str:
        self.program.cli(
            "user", "create", email, "--role", role, "--password", PASSWORD, "--operator", operator
        )
        return email


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="fc-web-people-"))
    folder.chmod(0o755)
    post, port = Post(), free_port()
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    program = Program(folder)
    program.env |= {
        "FORECOURT_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "FORECOURT_MAIL_FROM": "Forecourt <no-reply@cpo.example>",
    }
    try:
        program.cli("init", "--name", "Veldhart Charging")
        program.cli("init", "--operator", "other", "--name", "Other Charging")
        program.start()
        yield Place(program, post)
    finally:
        if program.process is not None:
            program.stop()
        controller.stop()
        shutil.rmtree(folder, ignore_errors=True)


def open_page(browser: Browser, **more: object) -> Page:
    context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **more})  # type: ignore[arg-type]
    return context.new_page()


def enter(page: Page, place: Place, email: str, path: str = "", password: str = PASSWORD) -> None:
    page.goto(f"{place.url}{path}")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def leave(page: Page, operator: str = "Veldhart Charging") -> None:
    page.get_by_role("button", name=f"Menu of {operator}").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("E-mail")).to_be_visible()


def add_authenticator(page: Page) -> None:
    """Chromium's own virtual authenticator, which says yes by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_from_the_invitation_to_the_key_in_the_trail(browser: Browser, place: Place) -> None:
    ada = place.user("ada@example.org", "owner")
    owner = open_page(browser)
    enter(owner, place, ada, "/people")
    owner.get_by_role("button", name="Invite…").click()
    dialog = owner.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("bea@example.org")
    dialog.get_by_label("Role").select_option("admin")
    dialog.get_by_role("button", name="Send the invitation").click()
    expect(dialog).to_be_hidden()
    owner.get_by_role("button", name="Invitations").click()
    expect(owner.get_by_role("row").filter(has_text="bea@example.org")).to_be_visible()

    page = open_page(browser)
    page.goto(place.post.link_to("bea@example.org"))
    expect(page.get_by_role("heading", name="Welcome to Veldhart Charging")).to_be_visible()
    assert "#" not in page.url  # the token does not stay in the address
    page.get_by_label("Your name").fill("Bea Lind")
    page.get_by_label("New password").fill("short")
    page.get_by_label("Repeat it").fill("short")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("A password has 10 to 256 characters.")).to_be_visible()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("Repeat it").fill(PASSWORD)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("link", name="Bea Lind")).to_be_visible()

    page.get_by_role("link", name="Bea Lind").click()
    page.get_by_role("button", name="Set up…").click()
    secret = (page.get_by_test_id("totp-key").text_content() or "").replace(" ", "")
    page.get_by_label("Code that the app shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("dialog", name="Keep your recovery codes").get_by_role("listitem")).to_have_count(
        10
    )
    page.get_by_role("button", name="I have kept them").click()
    add_authenticator(page)
    page.get_by_role("button", name="Add a passkey…").click()
    page.get_by_label("Name of this passkey").fill("Laptop")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Laptop")).to_be_visible()

    leave(page)
    enter(page, place, "bea@example.org")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_label("Code of your authenticator app").fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    next_code = pyotp.TOTP(secret).at(int(time.time()), counter_offset=1)
    page.get_by_label("Code of your authenticator app").fill(next_code)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("link", name="Bea Lind")).to_be_visible()

    leave(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Bea Lind")).to_be_visible()

    page.goto(f"{place.url}/people?tab=keys")
    page.get_by_role("button", name="New key…").first.click()
    page.get_by_label("What it is for").fill("fleet sync")
    page.get_by_role("checkbox", name="stations:read").check()
    page.get_by_role("button", name="Create").click()
    shown = page.get_by_role("dialog", name="Keep this key").locator("code")
    key = shown.text_content() or ""
    assert re.fullmatch(r"fck_[0-9a-f]{12}_[0-9a-f]{64}", key)
    page.get_by_role("button", name="I have kept it").click()
    row = page.get_by_role("row").filter(has_text="fleet sync")
    expect(row).to_contain_text("1 permission")
    expect(page.get_by_text(key)).to_have_count(0)
    with httpx.Client(base_url=place.program.api, headers={"Authorization": f"Bearer {key}"}) as api:
        assert api.get("/stations").status_code == 200
        assert api.get("/users").status_code == 403

    owner.goto(f"{place.url}/audit")
    made = owner.get_by_role("row").filter(has_text="Created API key").filter(has_text="bea@example.org")
    made.get_by_role("button", name="Created API key").click()
    panel = owner.get_by_role("complementary", name="Created API key")
    expect(panel).to_contain_text("fleet sync")
    expect(panel).to_contain_text("stations:read")
    assert key not in owner.content()
    signed_in = owner.get_by_role("row").filter(has_text="Signed in").filter(has_text="bea@example.org")
    signed_in.first.get_by_role("button", name="Signed in").click()
    expect(owner.get_by_role("complementary", name="Signed in")).to_contain_text("passkey")
    owner.context.close()
    page.context.close()


def test_a_forgotten_password_comes_by_mail(browser: Browser, place: Place) -> None:
    email = place.user("cleo@example.org", "viewer")
    page = open_page(browser)
    page.goto(place.url)
    page.get_by_role("link", name="Forgotten your password?").click()
    said = []
    for address in ("nobody@example.org", email):
        page.goto(f"{place.url}/forgotten")
        page.get_by_label("E-mail").fill(address)
        page.get_by_role("button", name="Send the link").click()
        expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
        said.append((page.get_by_role("main").text_content() or "").replace(address, "…"))
    assert said[0] == said[1]
    link = place.post.link_to(email)
    page.goto(link)
    page.get_by_label("New password").fill("another one entirely")
    page.get_by_label("Repeat it").fill("another one entirely")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    again = open_page(browser)
    again.goto(link)
    again.get_by_label("New password").fill("yet another one here")
    again.get_by_label("Repeat it").fill("yet another one here")
    again.get_by_role("button", name="Save the password").click()
    expect(again.get_by_role("alert")).to_contain_text("was used")
    enter(page, place, email, password="another one entirely")
    expect(page.locator("#content")).to_be_visible()
    assert all(mail["To"] != "nobody@example.org" for mail in place.post.mails)
    page.context.close()
    again.context.close()


def test_what_a_viewer_may_not_is_hidden_and_refused(browser: Browser, place: Place) -> None:
    viewer, admin = place.user("vera@example.org", "viewer"), place.user("adam@example.org", "admin")
    page = open_page(browser)
    enter(page, place, viewer)
    menu = page.get_by_role("navigation", name="Main").first
    expect(menu.get_by_role("link", name="Stations", exact=True)).to_be_visible()
    expect(menu.get_by_role("link", name="People and access")).to_have_count(0)
    expect(menu.get_by_role("link", name="Audit trail")).to_have_count(0)
    page.goto(f"{place.url}/people")
    expect(page.get_by_text("users:read")).to_be_visible()
    page.goto(f"{place.url}/settings")
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
    expect(page.get_by_role("button", name="Operator", exact=True)).to_have_count(0)
    for path in ("users", "audit", "api-keys", "invitations", "operator"):
        status = page.evaluate(f"fetch('/api/v1/{path}').then((answer) => answer.status)")
        assert status == 403, path
    page.context.close()
    page = open_page(browser)
    enter(page, place, admin, "/people")
    expect(page.get_by_role("row").filter(has_text="vera@example.org")).to_be_visible()
    page.context.close()


def test_two_operators_never_see_each_other(browser: Browser, place: Place) -> None:
    place.user("olga@example.org", "owner")
    page = open_page(browser)
    enter(page, place, place.user("otto@example.org", "owner", operator="other"), "/people")
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("otto@example.org")
    page.goto(f"{place.url}/audit")
    expect(page.get_by_role("row").filter(has_text="Signed in").first).to_be_visible()
    text = page.get_by_role("main").text_content() or ""
    assert "olga@example.org" not in text
    assert "bea@example.org" not in text
    page.context.close()


def test_one_person_switches_between_operators(browser: Browser, place: Place) -> None:
    place.user("sam@example.org", "owner")
    place.user("sam@example.org", "viewer", operator="other")
    page = open_page(browser)
    enter(page, place, "sam@example.org")
    page.get_by_label("Operator").select_option("default")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Menu of Veldhart Charging").click()
    page.get_by_role("menuitem", name="Other Charging").click()
    expect(page.get_by_role("button", name="Menu of Other Charging")).to_be_visible()
    expect(page.get_by_role("link", name="People and access")).to_have_count(0)
    page.get_by_role("button", name="Menu of Other Charging").click()
    page.get_by_role("menuitem", name="Veldhart Charging").click()
    expect(page.get_by_role("link", name="People and access")).to_be_visible()
    page.context.close()


def test_saved_views_and_looks_follow_the_person(browser: Browser, place: Place) -> None:
    email = place.user("vic@example.org", "operations")
    page = open_page(browser)
    enter(page, place, email, "/stations?q=hall")
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Name of the view").fill("The hall")
    with page.expect_response(
        lambda answer: "/me/preferences" in answer.url and answer.request.method == "PATCH"
    ):
        page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{place.url}/settings")
    with page.expect_response(
        lambda answer: "/me/preferences" in answer.url and answer.request.method == "PATCH"
    ):
        page.get_by_role("button", name="Dark").click()
    other = open_page(browser, color_scheme="light")
    enter(other, place, email, "/stations")
    other.get_by_role("button", name="The hall").click()
    expect(other).to_have_url(re.compile(r"q=hall"))
    expect(other.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.context.close()
    other.context.close()


def test_a_required_second_factor_is_set_up_at_the_next_sign_in(browser: Browser, place: Place) -> None:
    owner = place.user("oda@example.org", "owner", operator="other")
    page = open_page(browser)
    enter(page, place, owner, "/settings?tab=operator")
    page.get_by_role("switch", name="Second factor required").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("button", name="Save changes")).to_be_disabled()
    leave(page, "Other Charging")
    enter(page, place, owner)
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    secret = (page.get_by_test_id("totp-key").text_content() or "").replace(" ", "")
    page.get_by_label("Code that the app shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("button", name="Menu of Other Charging")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, place: Place, scheme: str) -> None:
    email = place.user(f"axe-{scheme}@example.org", "owner")
    page = open_page(browser, color_scheme=scheme, reduced_motion="reduce")
    for path in ("", "/forgotten", "/reset#not-a-token-at-all-but-long"):
        page.goto(f"{place.url}{path}")
        expect(page.get_by_role("heading", name="Forecourt")).to_be_visible()
        assert accessibility_findings(page) == [], path
    enter(page, place, email, "/people")
    for path in (
        "people",
        "people?tab=roles",
        "people?tab=keys",
        "settings",
        "settings?tab=operator",
        "audit",
    ):
        page.goto(f"{place.url}/{path}")
        page.wait_for_timeout(800)
        assert accessibility_findings(page) == [], path
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in ("people", "settings", "audit"):
        page.goto(f"{place.url}/{path}")
        page.wait_for_timeout(800)
        assert accessibility_findings(page) == [], path
    page.context.close()
