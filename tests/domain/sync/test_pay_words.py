"""Which names mean the advertised pay, and which period or country they name."""

import pytest

from portal.domain.sync.metadata import Column, guessed_column
from portal.domain.sync.pay_words import countries_in, countries_in_name, periods_in
from portal.domain.sync.posts import PayRange
from tests.support.pay_posts import amount, amounts, pay, text

NOT_THE_PAY = [
    "Baseline Budgeted Salary", "Salary budget", "Gehaltsbudget", "Presupuesto salarial",
    "Orçamento salarial", "Budżet wynagrodzenia", "Budget salarial", "給与予算",
    "Base Compensation Recruiting Range", "Recruiter salary range", "Internal Salary Range",
    "Interne Gehaltsspanne", "Hiring Manager Pay Range", "Salary Band Midpoint", "Market rate salary",
    "Equity compensation range", "RSU range", "Stock options range", "Aktienvergütung",
    "Target variable pay (bonus)", "Annual bonus range", "Bonusvergütung", "Prime salariale",
    "Commission rate", "Provision Gehalt", "Comisión sobre salario", "Variable compensation", "OTE Range",
    "On-Target Earnings (OTE)", "Target earnings", "Target compensation range", "Target cash range",
    "Zielgehalt", "Total Compensation Range", "Total target cash pay range", "Gesamtvergütung",
    "Base + Bonus", "Compensation (base + bonus)", "Total compensation (base + bonus)",
    "Base salary plus commission", "Cash compensation", "Bandas salariales internas", "Sign-on pay",
    "Severance pay", "Relocation pay range", "Stipend range", "Employer cost of salary",
    "Personalkosten Gehalt", "Overtime rate", "Salary expectations", "Approved salary range",
    "Salary range (do not publish)", "Confidential salary range", "Referral pay range", "Bill rate",
    "Target salary", "Candidate expected salary", "Salary notes", "Comments on pay",
]  # fmt: skip
THE_PAY = [
    "Salary", "Pay Range", "Compensation", "Hiring Range", "Base Salary Range",
    "Base Salary (excluding bonus)", "Base pay range, excl. equity", "Zone 1 Range", "Range",
    "Intern Pay Range", "Gehaltsband", "Jahresgehalt", "Salaire annuel brut", "Fourchette",
    "Banda salarial", "Faixa", "Retribuzione", "RAL", "Salaris", "Årslön", "Wynagrodzenie roczne",
    "Posted Target Salary", "年収", "연봉", "Job Post Range (United States)", "Remote Salary Range",
    "Salary range (bonus eligible)", "Estimated pay range", "Bezahlung", "Lohnband",
    "Stawka", "The expected base salary range for this role",
]  # fmt: skip


@pytest.mark.parametrize("name", NOT_THE_PAY)
def test_what_is_not_the_advertised_base_pay_is_never_the_salary(name: str) -> None:
    assert pay(amounts(name, "90000.0", "120000.0")) is None
    assert pay(amount(name, "90000.0")) is None
    assert pay(text(name, "$90,000 – $120,000 a year")) is None
    assert guessed_column(name) is not Column.SALARY


@pytest.mark.parametrize(
    "name", ["Budget", "OTE range", "On-Target Earnings (OTE)", "Equity", "Total cash pay"]
)
def test_a_pay_range_whose_title_says_so_is_not_the_salary_either(name: str) -> None:
    assert pay(PayRange(12_000_000, 18_000_000, "USD", name, "")) is None
    both = (
        PayRange(12_000_000, 18_000_000, "USD", name, ""),
        PayRange(9_000_000, 9_500_000, "USD", "Base pay"),
    )
    assert pay(*both) == "$90k – 95k"


@pytest.mark.parametrize("name", THE_PAY)
def test_pay_goes_by_many_names(name: str) -> None:
    assert pay(amounts(name, "9000000", "12000000", "JPY")) == "¥9m – 12m"


@pytest.mark.parametrize(
    ("named", "codes"),
    [
        ("USA: Pay Transparency Range", {"US"}),
        ("US1 - Base", {"US"}),
        ("UK/Ireland salary", {"GB", "IE"}),
        ("Gehaltsband Deutschland", {"DE"}),
        ("New Mexico Pay Range", set()),
        ("Pay Range - NYC", set()),
    ],
)
def test_the_name_of_a_field_can_name_its_country(named: str, codes: set[str]) -> None:
    assert countries_in_name(named) == codes


def test_the_countries_of_a_location_are_those_it_names() -> None:
    assert countries_in("Paris, France or Madrid, Spain") == {"FR", "ES"}
    assert countries_in("US-Remote") == {"US"}
    assert countries_in("Springfield") == {"US"}
    assert countries_in("Cambridge") == set()


@pytest.mark.parametrize(
    "said", ["40 hours per week", "5 years of experience", "annual bonus", "Bi-weekly", "PM"]
)
def test_times_that_are_not_what_is_paid_for_are_no_period(said: str) -> None:
    assert periods_in(said) == set()
