import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.salary import Salary, SalaryPeriod, format_salary, problem_of, salary_text
from portal.domain.jobs.salary_text import CurrencyMissing, InvalidSalary, parse_salary

HOUR, DAY, MONTH, YEAR = SalaryPeriod.HOUR, SalaryPeriod.DAY, SalaryPeriod.MONTH, SalaryPeriod.YEAR


@pytest.mark.parametrize(
    ("typed", "low", "high", "currency", "period"),
    [
        ("25.50 EUR per hour", 2_550, 2_550, "EUR", HOUR),
        ("25,50 € / Stunde", 2_550, 2_550, "EUR", HOUR),
        ("£24.50 / hour", 2_450, 2_450, "GBP", HOUR),
        ("£24.50/h", 2_450, 2_450, "GBP", HOUR),
        ("USD 25 – 30 an hour", 2_500, 3_000, "USD", HOUR),
        ("€85k – 110k", 8_500_000, 11_000_000, "EUR", YEAR),
        ("€85k-€110k", 8_500_000, 11_000_000, "EUR", YEAR),
        ("85 - 110k EUR", 8_500_000, 11_000_000, "EUR", YEAR),
        ("85k - 110 EUR", 8_500_000, 11_000_000, "EUR", YEAR),
        ("90k–120k EUR", 9_000_000, 12_000_000, "EUR", YEAR),
        ("90kEUR", 9_000_000, 9_000_000, "EUR", YEAR),
        ("85,000 - 110,000 USD a year", 8_500_000, 11_000_000, "USD", YEAR),
        ("$85k to $110k CAD", 8_500_000, 11_000_000, "CAD", YEAR),
        ("between 85.5k and 1.2m EUR p.a.", 8_550_000, 120_000_000, "EUR", YEAR),
        ("1.234,56 EUR a year", 123_456, 123_456, "EUR", YEAR),
        ("1,234.56 EUR per month", 123_456, 123_456, "EUR", MONTH),
        ("3.400 EUR monthly", 340_000, 340_000, "EUR", MONTH),
        ("900 - 1.2k EUR per month", 90_000, 120_000, "EUR", MONTH),
        ("CHF 95'000", 9_500_000, 9_500_000, "CHF", YEAR),
        ("85 000 EUR", 8_500_000, 8_500_000, "EUR", YEAR),
        ("85\u202f000 - 90\u202f000 EUR", 8_500_000, 9_000_000, "EUR", YEAR),
        ("12,00,000 INR", 120_000_000, 120_000_000, "INR", YEAR),
        ("R450,000", 45_000_000, 45_000_000, "ZAR", YEAR),
        ("from 50k EUR", 5_000_000, None, "EUR", YEAR),
        ("50k+ EUR", 5_000_000, None, "EUR", YEAR),
        ("up to 60k EUR", None, 6_000_000, "EUR", YEAR),
        ("bis 60k EUR", None, 6_000_000, "EUR", YEAR),
        ("JPY 5000000", 5_000_000, 5_000_000, "JPY", YEAR),
        ("¥5m", 5_000_000, 5_000_000, "JPY", YEAR),
        ("12.500 KWD per day", 12_500, 12_500, "KWD", DAY),
        ("1,234 KWD / year", 1_234_000, 1_234_000, "KWD", YEAR),
        ("£50,000 DOE", 5_000_000, 5_000_000, "GBP", YEAR),
        ("£30k – 35k pro rata, depending on experience", 3_000_000, 3_500_000, "GBP", YEAR),
        ("45k€/an", 4_500_000, 4_500_000, "EUR", YEAR),
        ("entre 45k et 55k € brut par an", 4_500_000, 5_500_000, "EUR", YEAR),
        ("dès 3 500 € mensuels", 350_000, None, "EUR", MONTH),
        ("500€/j", 50_000, 50_000, "EUR", DAY),
        ("R$ 5.000,00/mês", 500_000, 500_000, "BRL", MONTH),
        ("MXN 30,000 mensuales", 3_000_000, 3_000_000, "MXN", MONTH),
        ("2.500,- €/Monat", 250_000, 250_000, "EUR", MONTH),
        ("2.500,– bis 3.000,– € brutto im Monat", 250_000, 300_000, "EUR", MONTH),
        ("Jahresgehalt: 60 TEUR", 6_000_000, 6_000_000, "EUR", YEAR),
        ("50.000 € p. a.", 5_000_000, 5_000_000, "EUR", YEAR),
        ("45.000,00 € annui lordi", 4_500_000, 4_500_000, "EUR", YEAR),
        ("CHF 95’000.– – 110’000.–", 9_500_000, 11_000_000, "CHF", YEAR),
        ("45 000 SEK/mån", 4_500_000, 4_500_000, "SEK", MONTH),
        ("od 10 do 15 tys. zł miesięcznie", 1_000_000, 1_500_000, "PLN", MONTH),
        ("12-18 LPA", 120_000_000, 180_000_000, "INR", YEAR),
        ("₹12,00,000 – ₹18,00,000", 120_000_000, 180_000_000, "INR", YEAR),
        ("upto 12.5 LPA CTC", None, 125_000_000, "INR", YEAR),
        ("150 000 ₽ в месяц", 15_000_000, 15_000_000, "RUB", MONTH),
        ("£25 p/h", 2_500, 2_500, "GBP", HOUR),
        ("12 lakh p.a.", 120_000_000, 120_000_000, "INR", YEAR),
        ("80 lakhs - 1.2 crore", 800_000_000, 1_200_000_000, "INR", YEAR),
        ("5 lakh PKR per month", 50_000_000, 50_000_000, "PKR", MONTH),
        ("月給30万円", 300_000, 300_000, "JPY", MONTH),
        ("年収500万円〜800万円", 5_000_000, 8_000_000, "JPY", YEAR),
        ("￥１，５００ / hour", 1_500, 1_500, "JPY", HOUR),
        ("5000元/月", 500_000, 500_000, "CNY", MONTH),
        ("연봉 5000만원", 50_000_000, 50_000_000, "KRW", YEAR),
        ("CA$100K–CA$120K", 10_000_000, 12_000_000, "CAD", YEAR),
        ("120 000 $ CAD", 12_000_000, 12_000_000, "CAD", YEAR),
        ("$45/hr - $55/hr", 4_500, 5_500, "USD", HOUR),
        ("35 € de l'heure", 3_500, 3_500, "EUR", HOUR),
        ("bis zu 70.000 €", None, 7_000_000, "EUR", YEAR),
        ("60.000 bis zu 70.000 €", 6_000_000, 7_000_000, "EUR", YEAR),
        ("£30k or more", 3_000_000, None, "GBP", YEAR),
        ("時給1,200円～", 1_200, None, "JPY", HOUR),
        ("年収500万円以下", None, 5_000_000, "JPY", YEAR),
        ("연봉 5000만원 이상", 50_000_000, None, "KRW", YEAR),
        ("от 150 000 до 200 000 ₽ в месяц", 15_000_000, 20_000_000, "RUB", MONTH),
        ('20,000 ש"ח לחודש', 2_000_000, 2_000_000, "ILS", MONTH),
        ("40.000 TL/ay", 4_000_000, 4_000_000, "TRY", MONTH),
        ("RM 5,000 per month", 500_000, 500_000, "MYR", MONTH),
        ("10k – 60k USD", 1_000_000, 6_000_000, "USD", YEAR),
    ],
)
def test_a_salary_is_understood_as_people_type_it(typed, low, high, currency, period):
    assert parse_salary(typed) == Salary(low, high, currency, period)


def test_nothing_typed_is_no_salary():
    assert parse_salary(" \n") is None


def test_a_currency_that_is_known_already_need_not_be_typed():
    assert parse_salary("25.50 per hour", "EUR") == Salary(2_550, 2_550, "EUR", HOUR)
    assert parse_salary("25.50 GBP per hour", "EUR") == Salary(2_550, 2_550, "GBP", HOUR)


@pytest.mark.parametrize(
    ("typed", "usual", "meant"),
    [
        ("450 000 kr", "SEK", Salary(45_000_000, 45_000_000, "SEK", YEAR)),
        ("kr. 45.000,- pr. md.", "DKK", Salary(4_500_000, 4_500_000, "DKK", MONTH)),
        ("Rs. 9,00,000", "PKR", Salary(90_000_000, 90_000_000, "PKR", YEAR)),
        ("Rs. 9,00,000", "EUR", Salary(90_000_000, 90_000_000, "INR", YEAR)),
        ("12 lakh", "PKR", Salary(120_000_000, 120_000_000, "PKR", YEAR)),
        ("12 LPA", "EUR", Salary(120_000_000, 120_000_000, "INR", YEAR)),
    ],
)
def test_a_name_of_several_currencies_means_the_usual_one_where_it_can(typed, usual, meant):
    assert parse_salary(typed, usual) == meant


def test_a_name_of_several_currencies_is_asked_about_where_the_usual_one_has_another():
    with pytest.raises(CurrencyMissing, match="SEK, NOK, DKK or ISK"):
        parse_salary("450 000 kr", "EUR")


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("25.50 per hour", "Add the currency"),
        ("25.50 EUR", "Say what the amount is for"),
        ("85 EUR", "Say what the amount is for"),
        ("€45", "such as “€45 per hour” or “€45 per month”"),
        ("3.200 €", "a month or a year: “3.200 € per month” or “3.200 € per year”"),
        ("5k – 6.5k USD", "a month or a year"),
        ("250,000 円", "a month or a year"),
        ("1,234 KWD", "a month or a year"),
        ("45 000 SEK", "a month or a year"),
        ("45 000 kr", "“kr” is the money of several countries. Type SEK, NOK, DKK or ISK"),
        ("45 000 kr. per måned", "Type SEK, NOK, DKK or ISK"),
        ("€45k OTE", "Leave out “OTE”: a salary is the base pay alone"),
        ("€45k + bonus", "Leave out “bonus”"),
        ("2.000 € netto im Monat", "Leave out “netto”, and type the pay before tax"),
        ("110k – 85k EUR", "lower amount comes first"),
        ("-5 EUR per hour", "above zero"),
        ("€-5 per hour", "above zero"),
        ("0 EUR per hour", "above zero"),
        ("0 – 50k EUR per year", "above zero"),
        ("50k - -60k EUR", "cannot be read"),
        ("85k EUR per hour", "more than a salary"),
        ("9999999999999999 EUR", "more than a salary"),
        ("85k XYZ", "not a currency"),
        ("85k EUR plus dinner", "not a currency"),
        ("85k EUR - 90k USD", "one currency"),
        ("85k EUR per month per year", "one period"),
        ("5000.50 JPY", "no coin"),
        ("1 2 3 EUR", "one amount"),
        ("EUR", "one amount"),
        ("competitive", "leave it empty"),
        (".50 EUR per hour", "cannot be read"),
        ("1,2,3 EUR", "cannot be read"),
        ("1e5 EUR per hour", "“e” is not a currency"),
        ("1.2.3 EUR", "cannot be read"),
        ("12,34,56 EUR", "cannot be read"),
        ("50k EUR\x00", "cannot be read"),
        ("9" * 99, "Add the currency"),
        ("9" * 90 + " EUR", "cannot be read"),
        ("5" * 101, "too long"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_what_to_type(typed, advice):
    with pytest.raises(InvalidSalary, match=advice):
        parse_salary(typed)


@pytest.mark.parametrize(
    ("salary", "shown", "edited"),
    [
        (Salary(8_500_000, 11_000_000, "EUR", YEAR), "€85k – 110k", "85k – 110k EUR"),
        (Salary(2_550, 2_550, "EUR", HOUR), "€25.50 / hour", "25.50 EUR per hour"),
        (Salary(2_500, 3_050, "USD", HOUR), "$25 – 30.50 / hour", "25 – 30.50 USD per hour"),
        (Salary(5_000_000, None, "CHF", YEAR), "From CHF 50k", "from 50k CHF"),
        (Salary(None, 6_050_000, "GBP", YEAR), "Up to £60.5k", "up to 60.5k GBP"),
        (Salary(5_000_000, 5_000_000, "JPY", YEAR), "¥5m", "5m JPY"),
        (Salary(125_000_000, 180_000_000, "INR", YEAR), "₹1.25m – 1.8m", "1.25m – 1.8m INR"),
        (Salary(8_512_345, 8_512_345, "EUR", YEAR), "€85,123.45", "85,123.45 EUR"),
        (Salary(50_000, 50_000, "EUR", YEAR), "€500 / year", "500 EUR per year"),
        (Salary(320_000, 320_000, "EUR", YEAR), "€3.2k / year", "3.2k EUR per year"),
        (Salary(4_500_000, 4_500_000, "SEK", YEAR), "SEK 45k / year", "45k SEK per year"),
        (Salary(340_000, 400_000, "EUR", MONTH), "€3.4k – 4k / month", "3.4k – 4k EUR per month"),
    ],
)
def test_a_salary_is_shown_short_and_edited_with_its_currency(salary, shown, edited):
    assert format_salary(salary) == shown
    assert salary_text(salary) == edited


CURRENCIES = ["EUR", "USD", "CAD", "JPY", "KWD", "CLF", "CHF", "ZAR", "INR", "BRL", "SEK", "KRW", "IDR"]
minor_units = st.one_of(
    st.integers(1, 500_000), st.integers(1, 10**15), st.integers(1, 10**6).map(lambda n: n * 100)
)
salaries = st.builds(
    Salary,
    st.none() | minor_units,
    st.none() | minor_units,
    st.sampled_from(CURRENCIES),
    st.sampled_from(SalaryPeriod),
).filter(lambda salary: (salary.min_minor or salary.max_minor) and problem_of(salary) is None)


@given(salaries, st.sampled_from([None, *CURRENCIES]))
def test_what_is_shown_and_what_is_edited_are_both_understood_as_the_same_salary(salary, usual):
    assert parse_salary(salary_text(salary), usual) == salary
    assert parse_salary(format_salary(salary), usual) == salary


@given(
    st.text(alphabet="0123456789.,'k -–~€$EURusdperhoumnty/+LPAêñ万円\xa0\x00", max_size=40)
    | st.text(max_size=60)
)
def test_anything_typed_ends_as_a_salary_that_can_be_meant_or_as_a_sentence(typed):
    try:
        salary = parse_salary(typed)
    except InvalidSalary:
        return
    assert salary is None or problem_of(salary) is None
