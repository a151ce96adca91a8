import pytest
from babel.core import get_global

from portal.domain.jobs.currencies import NAMES, SYMBOLS, exponent_of, is_currency

ZERO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"


def test_every_currency_has_the_digits_of_iso_4217_in_which_salaries_are_stored():
    codes = {code for code in get_global("all_currencies") if is_currency(code)}
    assert len(codes) > 150
    odd = {code: exponent_of(code) for code in codes if exponent_of(code) != 2}
    assert odd == dict.fromkeys(ZERO_DIGITS.split(), 0) | dict.fromkeys(THREE_DIGITS.split(), 3) | {"CLF": 4}


@pytest.mark.parametrize("code", ["EUR", "USD", "CHF", "RSD", "ZAR", "CLF", "SVC", "VED", "ZWG", "XCG"])
def test_what_is_paid_in_today_is_a_currency(code):
    assert is_currency(code)


@pytest.mark.parametrize("code", ["DEM", "HRK", "VEF", "XAU", "XXX", "XTS", "CHE", "USN", "eur", "EURO", ""])
def test_what_was_paid_in_once_and_what_never_was_is_none(code):
    assert not is_currency(code)


def test_every_sign_and_name_means_a_currency():
    assert all(is_currency(code) for code in {*SYMBOLS, *NAMES.values()})
