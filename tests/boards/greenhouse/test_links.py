"""Only an https address of a plain host becomes a link."""

import pytest

from portal.boards.greenhouse.payloads import safe_https_url


@pytest.mark.parametrize(
    "url",
    [
        "https://boards.greenhouse.io/acme/jobs/1?gh_jid=1&gh_src=abc",
        "https://job-boards.eu.greenhouse.io/acme/jobs/1",
        "HTTPS://Acme.Example:443/jobs#apply",
        "https://xn--mnchen-3ya.example/stellen/développeur",
        "https://acme.example",
    ],
)
def test_an_address_of_a_plain_host_is_kept(url: str) -> None:
    assert safe_https_url(f" {url}\n") == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "http://acme.example/",
        "javascript:alert(1)",
        "https://known@evil.example/",
        "https://known:pw@evil.example/",
        "https://acme.example:8443/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https:///acme.example",
        "https:acme.example",
        "//acme.example/",
        "https://acme.example\\@evil.example/",
        "https://acme.example/a b",
        "https://acme.example/\nx",
        'https://acme.example/"onclick=',
        "https://acme.example/\u202egpj",
        "https://аcme.example/",
        "https://acme..example/",
        "https://-acme.example/",
        "https://acme.example/" + "x" * 2048,
    ],
)
def test_any_other_address_is_no_link(url: str | None) -> None:
    assert safe_https_url(url) is None
