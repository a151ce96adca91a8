"""Which pay of a post is advertised, for what period, in which currency."""

import pytest

from portal.domain.sync.metadata import Column
from portal.domain.sync.posts import Metadata, PayRange
from tests.support.pay_posts import amount, amounts, pay, text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (
            [
                amounts("Baseline Budgeted Salary", "226000.0", "226000.0"),
                amounts("Job Post Range (United States)", "181000.0", "249000.0"),
            ],
            "$181k – 249k",
        ),
        (
            [
                amounts("Target variable pay (bonus)", "10000.0", "25000.0"),
                amounts("Base Salary Range", "90000.0", "120000.0"),
            ],
            "$90k – 120k",
        ),
        (
            [amounts("Salary range", "1", "2"), amounts("Pay Transparency Range", "90000", "91000")],
            "$90k – 91k",
        ),
        ([amounts("Salary", "80000", "81000"), amounts("Posted salary", "90000", "91000")], "$90k – 91k"),
        ([amounts("Posted salary", "80000", "81000"), PayRange(9_000_000, None, "USD", "Pay")], "From $90k"),
        ([amounts("Salary", "80000", "81000"), PayRange(9_000_000, None, "USD", "OTE")], "$80k – 81k"),
    ],
)
def test_advertised_pay_outranks_other_pay(fields: list[Metadata | PayRange], shown: str) -> None:
    assert pay(*fields) == shown
    assert pay(*reversed(fields)) == shown


def test_the_field_that_somebody_chose_is_the_pay_whatever_it_is_called() -> None:
    fields = amounts("Pay band B", "90000", "95000"), amounts("Posted salary", "70000", "75000")
    assert pay(*fields, choices={"pay band b": Column.SALARY}) == "$90k – 95k"
    assert pay(*fields, choices={"posted salary": None}) == "$90k – 95k"
    assert pay(*fields, choices={"posted salary": None, "pay band b": Column.TAGS}) is None


SMALL = amounts("Pay Transparency Range", "4200.0", "5600.0", "EUR")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([SMALL], None),
        ([amounts("Salary range", "1500.0", "1900.0", "JPY")], None),
        (
            [amounts("Gehaltsrahmen", "3800", "4400", "EUR"), text("Auszahlung", "monatlich")],
            "€3.8k – 4.4k / month",
        ),
        ([amounts("טווח שכר", "15000", "20000", "ILS"), text("תקופת שכר", "חודשי")], "₪15k – 20k / month"),
        ([amounts("Salary range", "300000", "400000", "JPY")], None),
        ([amounts("Salary range", "5000000", "6000000", "JPY")], "¥5m – 6m"),
        ([amounts("Salary range", "3000000", "4000000", "KRW")], None),
        ([amounts("Salary range", "60000", "90000", "INR")], None),
        ([amounts("Salary range", "30000", "45000", "SEK")], None),
        (
            [amounts("Salary range", "45000", "60000", "INR"), text("Pay Basis", "per month")],
            "₹45k – 60k / month",
        ),
        ([text("Pay Frequency", "Monthly"), SMALL], "€4.2k – 5.6k / month"),
        ([SMALL, text("Pay Frequency", ["Monthly"])], "€4.2k – 5.6k / month"),
        ([SMALL, text("Zeitraum der Vergütung", "Monat")], "€4.2k – 5.6k / month"),
        ([SMALL, text("Compensation Period", "month")], "€4.2k – 5.6k / month"),
        ([SMALL, text("Fréquence de paie", "Mensuelle")], "€4.2k – 5.6k / month"),
        ([SMALL, text("Periodicidad del salario", "Mensual")], "€4.2k – 5.6k / month"),
        ([SMALL, text("Gehaltszeitraum", "monatlich")], "€4.2k – 5.6k / month"),
        ([SMALL, text("Travel frequency", "Monthly")], None),
        (
            [amounts("Salary Range", "1500", "1900", "JPY"), text("Pay Frequency", "Hourly")],
            "¥1.5k – 1.9k / hour",
        ),
        ([amounts("Pay Range", "22.5", "30.0"), text("Salary Type", "Hourly")], "$22.50 – 30 / hour"),
        ([amounts("Pay Range", "22.5", "30.0"), Metadata("Hourly?", "yes_no", True)], "$22.50 – 30 / hour"),
        (
            [amounts("Pay Range", "22.5", "30.0"), text("Employment Type", "Full-time hourly")],
            "$22.50 – 30 / hour",
        ),
        ([amounts("Pay Range", "45", "55"), text("Employment Type", "Per Diem")], None),
        ([amounts("Pay Range", "2500", "2800"), text("Pay Frequency", "Twice a month")], None),
        ([amounts("Pay Range", "2500", "2800"), text("Payroll schedule", "Every two weeks")], None),
        ([amounts("Pay Range", "60000", "80000"), text("Pay Frequency", "Bi-weekly")], "$60k – 80k"),
        ([amounts("Pay Range", "60000", "80000", "EUR"), text("Pay Frequency", "Monthly")], "€60k – 80k"),
        ([amounts("Hourly rate", "40", "45.5"), text("Pay Frequency", "Weekly")], "$40 – 45.50 / hour"),
        ([amounts("Salary (monthly)", "3400", None, "eur")], "From €3.4k / month"),
        ([amounts("Monatsgehalt", "3400", "3800", "EUR")], "€3.4k – 3.8k / month"),
        ([amounts("Tagessatz", "640", "720", "EUR")], "€640 – 720 / day"),
        ([amounts("Timlön", "180", "220", "SEK")], "SEK 180 – 220 / hour"),
        ([amounts("Salary per hour or year", "40000", "45000", "EUR")], "€40k – 45k"),
        ([amounts("Hourly rate", "40000", "45000", "EUR")], None),
        ([amounts("Annual salary", "40", "45", "EUR")], None),
        ([amounts("Annual salary", "9600", "9600", "EUR")], "€9.6k / year"),
    ],
)
def test_the_period_is_what_a_name_or_a_field_beside_says_and_a_small_figure_is_no_year(
    said: list[Metadata], shown: str | None
) -> None:
    assert pay(*said) == shown
    assert pay(*reversed(said)) == shown


@pytest.mark.parametrize(
    ("cents", "title", "blurb", "shown"),
    [
        (450_000, "Gehaltsband", "<p>Monatliches Bruttogehalt</p>", "€4.5k / month"),
        (450_000, "Gehaltsband", "&lt;p&gt;Monatliches Bruttogehalt&lt;/p&gt;", "€4.5k / month"),
        (450_000, "Salaire mensuel", "", "€4.5k / month"),
        (
            450_000,
            "Pay",
            "<p>We pay monthly.</p><p>30 days off a year, and an annual bonus.</p>",
            "€4.5k / month",
        ),
        (450_000, "Pay", "<p>Five years of experience, 40 hours a week, 30 days of vacation</p>", None),
        (
            2_550,
            "",
            "<p>Hourly rate. Every year there is a party for all, whatever their rate is.</p>",
            "€25.50 / hour",
        ),
        (8_500_000, "", "<p>Paid monthly. Annual gross salary, plus bonus and equity.</p>", "€85k"),
        (8_500_000, "Base salary range", "<p>This role is also eligible for equity and OTE.</p>", "€85k"),
        (2_550, "Pay", "", None),
        (450_000, "Salaris", "<p>Bruto per maand op basis van 40 uur per week.</p>", "€4.5k / month"),
        (450_000, "Salaire", "<p>Brut par mois, pour 35 heures par semaine.</p>", "€4.5k / month"),
        (8_500_000, "Pay", "<p>On-target earnings, including commission</p>", None),
        (8_500_000, "Salary range", "<p>The range represents the OTE of this role.</p>", None),
        (8_500_000, "Salary range", "<p>For sales roles, the range is the OTE range.</p>", "€85k"),
        (8_500_000, "Salary range", "<p>This range does not include OTE.</p>", "€85k"),
        (25_00, "Hourly pay", "<p>The yearly salary is then 52,000.</p>", "€25 / hour"),
    ],
)
def test_a_blurb_says_the_period_and_target_earnings_where_the_title_does_not(
    cents: int, title: str, blurb: str, shown: str | None
) -> None:
    assert pay(PayRange(cents, cents, "EUR", title, blurb)) == shown


USA, CANADA = "USA: Pay Transparency Range", "Canada: Pay Transparency Range"
IN_TWO = amounts(USA, "150000.0", "180000.0"), amounts(CANADA, "120000.0", "140000.0", "CAD")
UNNAMED = amounts("Range A", "150000", "180000"), amounts("Range B", "120000", "140000", "CAD")


@pytest.mark.parametrize(
    ("fields", "location", "office", "shown"),
    [
        (IN_TWO, "Toronto, Canada", None, "CA$120k – 140k"),
        (IN_TWO, "Austin, United States", None, "$150k – 180k"),
        (IN_TWO, "Remote", "Vancouver, British Columbia, Canada", "CA$120k – 140k"),
        (IN_TWO, "Remote", None, None),
        (IN_TWO, "Remote - US or Canada", None, None),
        (IN_TWO, "Berlin, Germany", None, None),
        (UNNAMED, "Toronto, Canada", None, "CA$120k – 140k"),
        (UNNAMED, "Mexico City, Mexico", None, None),
        ((amounts(USA, "150000", "180000"),), "Toronto, Canada", None, "$150k – 180k"),
        ((amounts(USA, "150000", "180000"),), "Remote", "Toronto, Canada", "$150k – 180k"),
        ((amounts("Pay range", "50000", "60000"),), "Bangalore, India", None, "$50k – 60k"),
        (
            (amounts("Pay DE", "60000", "70000", "EUR"), amounts("Pay Ireland", "70000", "80000", "EUR")),
            "Dublin, Ireland",
            None,
            "€70k – 80k",
        ),
        (
            (
                PayRange(15_000_000, 18_000_000, "USD", "US"),
                PayRange(9_000_000, 9_900_000, "GBP", "London"),
            ),
            "London, UK",
            None,
            "£90k – 99k",
        ),
    ],
)
def test_of_several_currencies_that_of_the_jobs_country_counts(
    fields: tuple[Metadata | PayRange, ...], location: str, office: str | None, shown: str | None
) -> None:
    assert pay(*fields, location=location, office=office) == shown
    assert pay(*reversed(fields), location=location, office=office) == shown


def test_zones_of_one_currency_make_a_span_in_fields_as_in_pay_ranges() -> None:
    zones = ((180_000, 220_000), (150_000, 185_000))
    fields = [amounts(f"Zone {n} Pay Range", low, high) for n, (low, high) in enumerate(zones)]
    ranges = [PayRange(low * 100, high * 100, "USD", f"Zone {n}", "") for n, (low, high) in enumerate(zones)]
    assert pay(*fields) == pay(*ranges) == "$150k – 220k"


def test_one_pay_said_for_two_periods_is_shown_for_the_longer_or_the_one_that_is_said() -> None:
    both = amounts("Annual salary", "90000", "100000"), amounts("Hourly rate", "43.27", "48.08")
    assert pay(*both) == "$90k – 100k"
    assert pay(*both, text("Pay Type", "Hourly")) == "$43.27 – 48.08 / hour"
    assert pay(both[0], amounts("Hourly rate", "15", "18")) is None


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        (amount("Salary", "95000.0"), "$95k"),
        (amount("Salary minimum", "95000.0"), "From $95k"),
        (amount("Max. salary", "95000.0"), "Up to $95k"),
        (amounts("Salary", "90000", "90000"), "$90k"),
        (amounts("Salary", "90000", None), "From $90k"),
        (amounts("Salary", "0.0", "90000"), "Up to $90k"),
        (amounts("Salary", "0.0", "0.0"), None),
        (amounts("Salary", None, None), None),
        (amounts("Salary", "110000", "90000"), None),
        (amounts("Salary", "-90000", "-80000"), None),
        (amounts("Salary", "-5", "90000"), None),
        (amounts("Salary", "1", "90000"), None),
        (amounts("Salary", "12000000", "15000000"), None),
        (amounts("Salary", "NaN", "Infinity"), None),
        (amounts("Salary", "1e9", True), None),
        (amounts("Salary", 90_000, 95_000.5), "$90,000 – 95,000.50"),
        (amounts("Salary", "85000", "110000", "credits"), None),
        (amounts("Salary", "5000000.5", "6000000", "JPY"), None),
        (amounts("Salary", "85000", "110000", "€"), "€85k – 110k"),
        (PayRange(11_000_000, 8_500_000, "EUR", ""), None),
        (PayRange(500_000_000, 500_000_000, "JPY", ""), None),
        (PayRange(8_500_000, None, None, ""), None),
        (PayRange(0, 0, "EUR", ""), None),
        (PayRange(0, 8_500_000, "EUR", ""), "Up to €85k"),
    ],
)
def test_amounts_that_cannot_be_meant_are_nobodys_pay(field: Metadata | PayRange, shown: str | None) -> None:
    assert pay(field) == shown


def test_the_least_and_the_most_in_two_fields_are_one_range() -> None:
    assert pay(amount("Salary Min", "90000.0"), amount("Salary Max", "120000.0")) == "$90k – 120k"
    assert pay(text("Salary min (EUR)", "90000"), text("Salary max (EUR)", "120000")) == "€90k – 120k"
