"""Of what is sent or typed, links that every browser opens: encoded, in ASCII, https; and nothing else."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.links import https_link


@pytest.mark.parametrize(
    "url",
    [
        "https://boards.greenhouse.io/acme/jobs/1?gh_jid=1&gh_src=abc",
        "https://job-boards.eu.greenhouse.io/acme/jobs/1",
        "https://acme.example/jobs#apply",
        "https://acme.example",
        "https://careers.acme.example:8443/?gh_jid=1",
        "https://acme.example/a%20b?q=%7Bx%7D&r=1+2&list[]=3#top",
        "https://my_jobs.acme.example/o'brien/(m,w,d);v=1/@team/~x/a:b=c!$*",
        "https://xn--mller-kva.example/",
    ],
)
def test_a_link_that_works_stays_as_it_is(url: str) -> None:
    assert https_link(url) == https_link(f" {url}\n\u200b") == url


@pytest.mark.parametrize(
    ("said", "link"),
    [
        ("http://your.co.example/careers?gh_jid=444444", "https://your.co.example/careers?gh_jid=444444"),
        ("HTTPS://Acme.Example:443/Jobs", "https://acme.example/Jobs"),
        ("http://acme.example:80/jobs", "https://acme.example/jobs"),
        ("//acme.example/jobs", "https://acme.example/jobs"),
        ("www.acme.example/jobs?id=1", "https://www.acme.example/jobs?id=1"),
        ("acme.example", "https://acme.example"),
        ("https://acme.example.:443/x", "https://acme.example/x"),
        (
            "https://acme.example/jobs?gh_jid=12&t=Sr Manager | Ops",
            "https://acme.example/jobs?gh_jid=12&t=Sr%20Manager%20%7C%20Ops",
        ),
        ("https://acme.example/jobs/{id}?gh_jid=12", "https://acme.example/jobs/%7Bid%7D?gh_jid=12"),
        ('https://acme.example/"onclick=<x>', "https://acme.example/%22onclick=%3Cx%3E"),
        ("https://acme.example/a\\b^`", "https://acme.example/a%5Cb%5E%60"),
        ("https://acme.example/100%/a%2", "https://acme.example/100%25/a%252"),
        ("https://acme.example/développeur?où=là#été", "https://acme.example/d%C3%A9veloppeur?o%C3%B9=l%C3%A0#%C3%A9t%C3%A9"),
        ("https://acme.example/求人/1", "https://acme.example/%E6%B1%82%E4%BA%BA/1"),
        ("https://karriere.müller.example/?gh_jid=12", "https://karriere.xn--mller-kva.example/?gh_jid=12"),
        ("https://STRAßE.example/", "https://xn--strae-oqa.example/"),
        ("https://пример.рф/работа", "https://xn--e1afmkfd.xn--p1ai/%D1%80%D0%B0%D0%B1%D0%BE%D1%82%D0%B0"),
        ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://аcme.example/", "https://xn--cme-5cd.example/"),
        ("https://m%C3%BCller.example/", "https://xn--mller-kva.example/"),
        ("https://acme.example/?a=1&amp;gh_jid=2", "https://acme.example/?a=1&gh_jid=2"),
        ("https://acme.example/a\n\tb", "https://acme.example/ab"),
        ("https://acme.example/\u202egpj", "https://acme.example/%E2%80%AEgpj"),
        ("https://acme.example?x=1", "https://acme.example?x=1"),
    ],
)  # fmt: skip
def test_a_link_that_needs_encoding_punycode_or_https_gets_it(said: str, link: str) -> None:
    assert https_link(said) == link


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        " ",
        "see our site",
        "javascript:alert(1)",
        "javascript://acme.example/%0aalert(1)",
        " java\nscript:alert(1)",
        "data:text/html,x",
        "mailto:jobs@acme.example",
        "ftp://acme.example/",
        "https://known@evil.example/",
        "https://known:pw@evil.example/",
        "https://acme.example\\@evil.example/",
        "acme.example@evil.example",
        "acme.example:443@evil.example",
        "http://acme.example:8080/",
        "https://acme.example:99999/",
        "https://acme.example:x/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://１２７.0.0.1/",
        "https:///acme.example",
        "https:acme.example",
        "https://acme..example/",
        "https://-acme.example/",
        "https://acme.example%2f@evil.example/",
        "https://acme.example%00/",
        "https://xn--zz.\u200d/",
        "https://acme.example/\x00",
        "https://acme.example/" + "x" * 2048,
        "https://acme.example/" + "é" * 1000,
        "https://" + "a." * 300 + "example/",
    ],
)
def test_of_anything_else_no_link_is_made(url: str | None) -> None:
    assert https_link(url) is None


@given(
    st.text(max_size=60),
    st.sampled_from(["https://acme.example/", "https://", "", "http://a.example?", "//"]),
)
def test_every_link_leads_by_https_to_a_named_host_and_needs_nothing_more(text: str, before: str) -> None:
    link = https_link(before + text)
    if link is not None:
        parts = urlsplit(link)
        assert link.isascii()
        assert not set(link) & set(' "<>\\^`{|}\n')
        assert (parts.scheme, parts.username) == ("https", None)
        assert "." in (parts.hostname or "")
        assert https_link(link) == link
