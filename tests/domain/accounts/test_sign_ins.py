"""How a sign-in began is said in plain words, by the name that a provider has."""

import pytest

from portal.domain.accounts.sign_ins import LONGEST_PROVIDER, Means, means_words, provider_name


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("https://northwind.okta.com/oauth2/default", "Okta"),
        ("https://accounts.google.com", "Google"),
        ("https://login.microsoftonline.com/0f3c/v2.0", "Microsoft Entra ID"),
        ("https://notokta.com", "notokta.com"),
        ("https://okta.com.evil.example", "okta.com.evil.example"),
        ("https://id.northwind.example:8443/realms/all", "id.northwind.example"),
        ("https://[", ""),
        ("nonsense", ""),
    ],
)
def test_a_provider_is_named_by_its_host(issuer: str, name: str) -> None:
    assert provider_name(issuer) == name


def test_a_very_long_host_is_cut() -> None:
    assert len(provider_name(f"https://{'w' * 250}.example")) == LONGEST_PROVIDER


def test_every_means_has_words_and_what_is_not_known_none() -> None:
    assert all(means_words(means).startswith("Signed in ") for means in Means)
    assert means_words(Means.SINGLE_SIGN_ON, "Okta") == "Signed in by single sign-on (Okta)"
    assert means_words("", "Okta") == means_words("of a newer version") == ""
