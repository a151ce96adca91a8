"""Passkeys as a browser makes and uses them, on a device that is part of Chromium."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.app import PASSWORD, Cast
from tests.support.browser_pages import Faults

pytestmark = pytest.mark.browser

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_signs_in_alone(
    browser: Browser, live_url: str, cast: Cast, faults: Faults
) -> None:
    context = browser.new_context(base_url=live_url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    faults.watch(context)
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    added = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto("/login?next=/account")
    page.get_by_label("E-mail").fill("mara@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    section = page.get_by_role("region", name="Passkeys")
    section.get_by_label("Its name").fill("Work laptop")
    section.get_by_label("Current password").fill(PASSWORD)
    section.get_by_label("Current password").press("Enter")
    expect(section.get_by_text("not used yet")).to_be_visible()
    context.clear_cookies()
    page.goto("/login?next=/account")
    page.get_by_role("button", name="Use a passkey").click()
    expect(section.get_by_text("Work laptop")).to_be_visible()
    expect(section.get_by_text("last used")).to_be_visible()
    context.clear_cookies()
    device.send("WebAuthn.setUserVerified", {**added, "isUserVerified": False})
    page.goto("/login")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Nothing was done")).to_be_visible()
    context.close()
