"""Forms that came too late, of people who sign in through a provider."""

from tests.support.app import HTMX, PortalClient
from tests.support.openid import OpenIdProvider
from tests.support.signing_in import sign_in
from tests.support.unsent import STILL_HERE, form_to, send

NEW = "/orgs/northwind/jobs/new"


def test_who_signs_in_through_the_provider_does_so_in_another_tab_and_goes_on(
    browser: PortalClient, provider: OpenIdProvider
) -> None:
    provider.be("mara@example.com")
    asked = send(browser, NEW, {"title": "Welder"})
    assert 'formaction="/login/sso" formtarget="_blank"' in asked.text
    browser.with_csrf_token()
    typed = {"email": "mara@example.com", "unsent-to": NEW}
    assert 'target="_blank" href="/login/sso/' in browser.post("/login/sso", data=typed, headers=HTMX).text
    sign_in(browser, provider)
    shown = send(browser, "/login/unsent", form_to("/login", asked))
    assert STILL_HERE in shown.text
    assert send(browser, NEW, form_to(NEW, shown)).status_code == 303
