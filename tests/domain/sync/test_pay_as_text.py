"""Pay that a custom field says in words, or as a bare number."""

import pytest

from portal.domain.sync.posts import Metadata
from tests.support.pay_posts import pay, text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("$120,000 - $150,000", "$120k – 150k"),
        ("120k–150k EUR", "€120k – 150k"),
        ("USD 120,000.00 to USD 150,000.00 per year", "$120k – 150k"),
        ("Up to £60k", "Up to £60k"),
        ("From 25 USD per hour", "From $25 / hour"),
        ("$45/hr - $55/hr", "$45 – 55 / hour"),
        ("3.500 – 4.200 € brutto/Monat", "€3.5k – 4.2k / month"),
        ("2.500,- € pro Monat", "€2.5k / month"),
        ("45k€/an", "€45k"),
        ("R$ 5.000,00/mês", "R$5k / month"),
        ("12-18 LPA", "₹1.2m – 1.8m"),
        ("£50,000 DOE", "£50k"),
        ("<p>$25.50 per hour</p>", "$25.50 / hour"),
        ("$25/hr ($52,000 annually)", "$52k"),
        ("The base pay range is $120,000 to $150,000 per year, plus equity and bonus.", "$120k – 150k"),
        ("$120,000 base + 20% bonus + 401(k)", "$120k"),
        ("San Francisco: $150k-$180k; Denver: $120k–$140k", "$120k – 180k"),
        (["$100k - $120k", "$120k - $140k"], "$100k – 140k"),
        ("We offer a salary of $120,000 to $150,000 a year. It is not negotiable.", "$120k – 150k"),
        ("月給30万円〜40万円(経験による)", "¥300k – 400k / month"),
        ("時給1,500円", "¥1.5k / hour"),
        ("$100,000-$120,000 base salary, OTE $200,000", "$100k – 120k"),
        ("Base: $100,000; OTE: $200,000", "$100k"),
        ("15-20 tys. zł brutto miesięcznie", "PLN 15k – 20k / month"),
        ("Rs. 50,000 - Rs. 60,000 INR per month", "₹50k – 60k / month"),
        ("max. 70.000 € brutto", "Up to €70k"),
        ("bis zu 70.000 €", "Up to €70k"),
        ("500万円以上", "From ¥5m"),
        ("30万円以下/月", "Up to ¥300k / month"),
        ("$50,000 and up", "From $50k"),
        ("120-150 PLN/h + VAT", "PLN 120 – 150 / hour"),
        ("50,000-70,000 บาท/เดือน", "THB 50k – 70k / month"),
        ('18,000-22,000 ש"ח לחודש', "₪18k – 22k / month"),
        ("40 000–60 000 грн на місяць", "₴40k – 60k / month"),
        ("Rp 15.000.000 - 20.000.000 per bulan", "IDR 15m – 20m / month"),
        ("Min: $90,000 Max: $120,000", "$90k – 120k"),
        ("$150,000 - $120,000", None),
        ("-$120,000", None),
        ("OTE $200k", None),
        ("$5,000 sign-on bonus", None),
        ("Budget: $120,000", None),
        ("$4,000", None),
        ("45 000 kr/mån", None),
        ("120,000 - 150,000", None),
        ("Competitive", None),
        ("DOE", None),
        ("N/A", None),
        ("", None),
        ("2 000 € netto / mois", None),
        ("See description", None),
        ("Grade 7", None),
    ],
)
def test_pay_written_as_text_is_understood(said: str | list[str], shown: str | None) -> None:
    assert pay(text("Pay range", said)) == shown


def test_a_sign_of_several_currencies_is_that_of_the_jobs_country() -> None:
    assert pay(text("Pay", "$120,000 - $150,000"), location="Toronto, Canada") == "CA$120k – 150k"
    assert pay(text("Pay", "US$120,000 - 150,000"), location="Toronto, Canada") == "$120k – 150k"
    assert pay(text("Lön", "45 000 kr/mån"), location="Malmö, Sweden") == "SEK 45k / month"
    assert pay(text("Løn", "45.000 kr. om måneden"), location="Odense, Danmark") == "DKK 45k / month"


def test_a_number_takes_its_currency_from_its_name_or_the_field_beside() -> None:
    assert pay(text("Salary (USD)", "120000.0")) == "$120k"
    assert pay(Metadata("Salary", "number", "120000.0"), text("Salary currency", "EUR")) == "€120k"
    assert pay(Metadata("Salary", "number", "120000.0")) is None
    assert pay(Metadata("Salary", "yes_no", True), text("Salary currency", "EUR")) is None
