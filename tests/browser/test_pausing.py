"""Pausing, and making a webhook secret, in a real browser."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.app import Cast
from tests.support.manage_page import MANAGE, connect

pytestmark = pytest.mark.browser

SETTINGS = "/orgs/northwind/greenhouse"


def test_pausing_shows_on_a_page_that_was_open_and_is_resumed_there(
    app: Flask, open_as: Callable[..., Page], cast: Cast
) -> None:
    connect(app, cast)
    manage = open_as(cast.mara, MANAGE)
    settings = open_as(cast.mara, SETTINGS)
    resume = manage.get_by_role("button", name="Resume")
    expect(resume).to_be_hidden()
    settings.get_by_role("button", name="Pause syncing").click()
    expect(settings.get_by_role("status").get_by_text("Syncing is paused.")).to_be_visible()
    expect(manage.locator("#sync-status")).to_contain_text("Syncing is paused")
    manage.get_by_role("button", name="Sync now").click()
    expect(manage.locator("#sync-notices")).to_contain_text("Syncing is paused")
    resume.click()
    expect(manage.locator("#sync-status")).to_contain_text("Queued")
    expect(resume).to_be_hidden()


def test_a_secret_can_be_copied_once(app: Flask, open_as: Callable[..., Page], cast: Cast) -> None:
    connect(app, cast)
    page = open_as(cast.mara, SETTINGS, viewport={"width": 360, "height": 800})
    page.get_by_role("button", name="Make a secret key").click()
    secret = page.get_by_role("textbox", name="Secret key")
    expect(secret).to_be_focused()
    assert len(secret.input_value()) >= 40
    page.get_by_role("button", name="Copy the secret key").click()
    expect(page.locator("#announcements")).to_have_text(re.compile("^(Copied|Selected: copy it)$"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    expect(page.get_by_text("Secret set")).to_be_visible()
    expect(secret).to_have_count(0)
