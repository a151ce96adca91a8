"""What boards write of places, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.fields import WorkplaceType
from portal.domain.places.locations import read_location, region_label

REMOTE, HYBRID, ONSITE = WorkplaceType.REMOTE, WorkplaceType.HYBRID, WorkplaceType.ONSITE


def places(text: str, offices: str = "") -> list[str]:
    """Each place as "town, region, country", what is not known left out."""
    found = read_location(text, offices).places
    parts = [(p.locality, p.region, p.country) if not p.is_area else (f"({p.text})",) for p in found]
    return [", ".join(part for part in each if part) for each in parts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Berlin, Germany", ["Berlin, DE"]),
        ("Springfield, IL", ["Springfield, US-IL, US"]),
        ("Austin, Texas, United States", ["Austin, US-TX, US"]),
        ("Austin TX", ["Austin, US-TX, US"]),
        ("Smallville, KS", ["Smallville, US-KS, US"]),
        ("US, CA, Santa Clara", ["Santa Clara, US-CA, US"]),
        ("US-CA-Santa Clara", ["Santa Clara, US-CA, US"]),
        ("USA - Texas - Austin", ["Austin, US-TX, US"]),
        ("Ireland - Dublin", ["Dublin, IE"]),
        ("Germany, Bavaria, Munich", ["Munich, DE-BY, DE"]),
        ("UK - London", ["London, GB"]),
        ("DE-Berlin", ["Berlin, DE"]),
        ("Lyon France", ["Lyon, FR"]),
        ("US New York", ["New York, US-NY, US"]),
        ("Brooklyn, New York", ["Brooklyn, US-NY, US"]),
        ("Berlin, Berlin, Germany", ["Berlin, DE-BE, DE"]),
        ("London, Greater London, England, United Kingdom", ["London, GB-ENG, GB"]),
        ("Milano, MI, Italia", ["Milano, IT-MI, IT"]),
        ("São Paulo - SP, Brasil", ["São Paulo, BR-SP, BR"]),
        ("Campinas/SP", ["Campinas, BR-SP, BR"]),
        ("Sydney NSW", ["Sydney, AU-NSW, AU"]),
        ("Toronto, Ontario, CA", ["Toronto, CA-ON, CA"]),
        ("Victoria, BC", ["Victoria, CA-BC, CA"]),
        ("Washington DC", ["Washington, US-DC, US"]),
        ("Washington, D.C.", ["Washington, US-DC, US"]),
        ("Dallas-Fort Worth", ["Dallas-Fort Worth, US-TX, US"]),
        ("Bangalore (Bengaluru), India", ["Bangalore, IN"]),
        ("Frankfurt/Main", ["Frankfurt/Main, DE"]),
        ("Beijing, China PRC", ["Beijing, CN"]),
        ("Singapore, Singapore", ["SG"]),
        ("South Africa", ["ZA"]),
        ("日本", ["JP"]),
        ("大阪、日本", ["大阪, JP"]),
        ("神奈川県横浜市", ["横浜市, JP"]),
        ("東京都港区六本木6-10-1", ["東京都, JP"]),
        ("福岡県", ["福岡県, JP"]),
        ("IND - Hyderabad", ["Hyderabad, IN"]),
        ("DEU-Berlin", ["Berlin, DE"]),
        ("London, GBR", ["London, GB"]),
        ("deutschlandweit", ["DE"]),
        ("the United States", ["US"]),
        ("Texas, United States", ["US-TX, US"]),
        ("California", ["US-CA, US"]),
        ("Bayern, Deutschland", ["DE-BY, DE"]),
        ("Northern Ireland, UK", ["GB-NIR, GB"]),
        ("Newfoundland and Labrador", ["CA-NL, CA"]),
        ("Bosnia and Herzegovina", ["BA"]),
        ("Trinidad & Tobago", ["TT"]),
        ("EMEA", ["(EMEA)"]),
    ],
)
def test_one_place_is_read_in_whichever_order_it_is_written(text, expected):
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Berlin; Munich", ["Berlin, DE", "Munich, DE"]),
        ("Lisbon or Porto", ["Lisbon, PT", "Porto, PT"]),
        ("Ontario or British Columbia", ["CA-ON, CA", "CA-BC, CA"]),
        ("London | Paris | london", ["London, GB", "Paris, FR"]),
        ("Dublin, Ireland / London, UK", ["Dublin, IE", "London, GB"]),
        ("Portland, OR or Seattle, WA", ["Portland, US-OR, US", "Seattle, US-WA, US"]),
        ("London, Paris, Berlin", ["London, GB", "Paris, FR", "Berlin, DE"]),
        ("London, UK, Paris, France", ["London, GB", "Paris, FR"]),
        ("Berlin & München", ["Berlin, DE", "München, DE"]),
        ("Munich / München", ["Munich, DE"]),
        ("UK and Southern Europe", ["GB", "(Southern Europe)"]),
        ("Home based - Americas, EMEA", ["(Americas)", "(EMEA)"]),
        ("Copenhagen, Denmark • Malmö, Sweden", ["Copenhagen, DK", "Malmö, SE"]),
        ("Remote - United States, Canada", ["US", "CA"]),
        ("Madrid o Barcelona", ["Madrid, ES", "Barcelona, ES"]),
    ],
)
def test_several_places_in_one_text_are_several(text, expected):
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("New York City", ["New York City, US-NY, US"]),
        ("NYC", ["NYC, US-NY, US"]),
        ("New York", ["New York, US-NY, US"]),
        ("SF Bay Area", ["SF Bay Area, US-CA, US"]),
        ("Greater London", ["Greater London, GB"]),
        ("München", ["München, DE"]),
        ("Mailand", ["Mailand, IT"]),
        ("Tokyo 東京", ["Tokyo 東京, JP"]),
        ("תל אביב", ["תל אביב, IL"]),
        ("Paris, TX", ["Paris, US-TX, US"]),
        ("Paris", ["Paris, FR"]),
        ("London, ON", ["London, CA-ON, CA"]),
        ("London", ["London, GB"]),
        ("Vienna, VA", ["Vienna, US-VA, US"]),
        ("Cambridge, MA", ["Cambridge, US-MA, US"]),
        ("Toronto, CA", ["Toronto, CA"]),
        ("San Jose, CA", ["San Jose, US-CA, US"]),
        ("Berlin, DE", ["Berlin, DE"]),
        ("Wilmington, DE", ["Wilmington, US-DE, US"]),
        ("Bangalore, IN", ["Bangalore, IN"]),
        ("Fort Wayne, IN", ["Fort Wayne, US-IN, US"]),
        ("Tel Aviv, IL", ["Tel Aviv, IL"]),
        ("Atlanta, Georgia", ["Atlanta, US-GA, US"]),
        ("Tbilisi, Georgia", ["Tbilisi, GE"]),
        ("Georgia, USA", ["US-GA, US"]),
        ("Springfield", ["Springfield, US"]),
    ],
)
def test_what_a_name_leaves_open_is_decided_by_its_neighbours_and_by_the_number_of_people(text, expected):
    assert places(text) == expected


@pytest.mark.parametrize("text", ["Cambridge", "San Jose", "Valencia", "Xyzzyville"])
def test_between_near_equals_nothing_is_guessed(text):
    assert places(text) == [text]


@pytest.mark.parametrize(
    ("text", "offices", "expected"),
    [
        ("Springfield", "Springfield, Illinois, United States", ["Springfield, US-IL, US"]),
        ("Paris", "Paris, Texas, United States", ["Paris, US-TX, US"]),
        ("London", "New York, NY", ["London, GB"]),
        ("Cambridge", "London, UK", ["Cambridge, GB"]),
        ("Georgia", "Tbilisi, Georgia", ["GE"]),
        ("Georgia", "Austin, TX", ["US-GA, US"]),
        ("Georgia", "", [""]),
        ("Xyzzyville", "Berlin, Germany", ["Xyzzyville, DE"]),
        ("Xyzzyville", "Berlin, Germany; Paris, France", ["Xyzzyville"]),
        ("Xyzzyville", "Xyzzyville, Cape Town, South Africa; Paris, France", ["Xyzzyville, ZA"]),
        ("Xyzzyville", "Xyzzyville, Poland; New Xyzzyville, Ghana", ["Xyzzyville, PL"]),
        ("Springfield", "Springfield, Illinois", ["Springfield, US-IL, US"]),
        ("Paris", "Berlin, Germany", ["Paris, FR"]),
        ("Cambridge", "Berlin, Germany", ["Cambridge"]),
        ("Cambridge", "Cambridge, Ontario; London, UK; Boston, MA", ["Cambridge, CA"]),
        ("Cambridge", "London, UK; Boston, MA", ["Cambridge"]),
        ("Parow", "EMEA; Cape Town, South Africa", ["Parow, ZA"]),
        ("Lyon; Xyzzyville", "Berlin, Germany", ["Lyon, FR", "Xyzzyville, DE"]),
        ("Worldwide", "Berlin, Germany", []),
    ],
)
def test_what_is_still_open_is_decided_by_the_offices(text, offices, expected):
    assert places(text, offices) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Berlin (Germany", ["Berlin, DE"]),
        ("Berlin Germany)", ["Berlin, DE"]),
        ("Remote) US", ["US"]),
        ("London (UK) or Remote", ["London, GB"]),
        ("123 Main St, Austin, TX 78701", ["Austin, US-TX, US"]),
        ("Hauptstr. 5, 10115 Berlin, Germany", ["Berlin, DE"]),
        ("75009 Paris", ["Paris, FR"]),
        ("Dublin 2", ["Dublin, IE"]),
        ("London EC1A 1BB", ["London, GB"]),
        ("Berlin HQ", ["Berlin, DE"]),
        ("\u200bBerlin，\u00a0Germany", ["Berlin, DE"]),
        ("US East Coast", ["US"]),
        ("US only", ["US"]),
        ("Field-based, Scotland", ["GB-SCT, GB"]),
        ("Dublin (3 days/week in office)", ["Dublin, IE"]),
        ("Köln (3 Tage/Woche vor Ort)", ["Köln, DE"]),
        ("Rotterdam of thuis", ["Rotterdam, NL"]),
        ("La Rochelle", ["La Rochelle, FR"]),
    ],
)
def test_brackets_streets_and_figures_are_no_part_of_a_place(text, expected):
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Remote in the US", ["US"]),
        ("US Remote", ["US"]),
        ("US-Remote", ["US"]),
        ("Remote - US", ["US"]),
        ("Remote (US)", ["US"]),
        ("Anywhere in the United States", ["US"]),
        ("Remote within Germany", ["DE"]),
        ("Remote; Germany", ["DE"]),
        ("Remote, OR", ["US-OR, US"]),
        ("Remote EMEA", ["(EMEA)"]),
        ("Remote, CA", [""]),
        ("Worldwide (Remote)", []),
        ("Home office Deutschland", ["DE"]),
        ("Télétravail France", ["FR"]),
        ("Remoto - España", ["ES"]),
        ("Teletrabajo", []),
        ("Remote (within 50 miles of Denver, CO)", ["Denver, US-CO, US"]),
        ("Remote - New York or Boston", ["New York, US-NY, US", "Boston, US-MA, US"]),
        ("Remote (US) or Remote (Canada)", ["US", "CA"]),
        ("Berlin (fully remote)", ["Berlin, DE"]),
        ("フルリモート", []),
        ("フルリモート（日本国内）", ["JP"]),
        ("Full remote (France)", ["FR"]),
        ("Full-remote", []),
        ("Remote OR", ["US-OR, US"]),
        ("Remote aus ganz Deutschland", ["DE"]),
        ("Remote innerhalb Deutschlands", ["DE"]),
        ("Homeoffice in der Schweiz", ["CH"]),
        ("Télétravail depuis la France", ["FR"]),
        ("100% teletrabajo desde España", ["ES"]),
        ("Remoto dall'Italia", ["IT"]),
        ("Remote vanuit Nederland", ["NL"]),
        ("Home-based with travel, UK", ["GB"]),
        ("עבודה מהבית, ישראל", ["IL"]),
    ],
)
def test_remote_is_read_apart_from_the_place(text, expected):
    assert read_location(text).model is REMOTE
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("San Francisco or Remote", ["San Francisco, US-CA, US"]),
        ("Paris ou télétravail", ["Paris, FR"]),
        (
            "New York, NY, United States (or Remote in the United States)",
            ["New York, US-NY, US", "US"],
        ),
        ("London (UK) or Remote", ["London, GB"]),
        ("Remote or Porto", ["Porto, PT"]),
        ("New York, San Francisco, Remote", ["New York, US-NY, US", "San Francisco, US-CA, US"]),
        ("Kuala Lumpur, Malaysia; Remote - Malaysia", ["Kuala Lumpur, MY", "MY"]),
        ("Austin, TX (open to remote)", ["Austin, US-TX, US"]),
        ("Remote-friendly, Berlin", ["Berlin, DE"]),
        ("Madrid o en remoto", ["Madrid, ES"]),
        ("東京（リモート可）", ["東京, JP"]),
        ("Hybrid or Remote", []),
    ],
)
def test_remote_beside_another_way_is_one_option_and_no_work_model(text, expected):
    read = read_location(text)
    assert (read.model, read.offers_remote) == (None, True)
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Lyon (in person 3 days a week)", HYBRID),
        ("2 days remote, Berlin", HYBRID),
        ("Dublin (3 days/week in office)", HYBRID),
        ("Dublin - 2 days WFH", HYBRID),
        ("Utrecht (2 dagen thuis)", HYBRID),
        ("Gdynia (2 dni w biurze)", HYBRID),
        ("Milano (3 giorni in sede)", HYBRID),
        ("Hybrid – Berlin", HYBRID),
        ("Hybride - Paris", HYBRID),
        ("Office Based - London, UK", ONSITE),
        ("Office-based / Taipei", ONSITE),
        ("Home Office, Chicago", None),
        ("Cape Town", None),
        ("", None),
    ],
)
def test_other_work_models_are_read_from_a_location(text, model):
    assert read_location(text).model is model


@pytest.mark.parametrize(
    "text",
    [
        "",
        "N/A",
        "TBD",
        "Various",
        "Multiple Locations",
        "Remote",
        "Hybrid",
        "Remote / Home Based",
        "-",
        "Home Office",
    ],
)
def test_a_text_that_names_no_place_says_nothing(text):
    read = read_location(text)
    assert read.says_nothing
    assert not read.places


def test_a_region_is_named_as_it_is_written_in_english() -> None:
    assert [region_label(code) for code in ("DE-BY", "IN-KA", "LV-RIX")] == [
        "Bavaria, Germany",
        "Karnataka, India",
        "Rīga, Latvia",
    ]


@pytest.mark.parametrize("text", ["Worldwide", "Berlin", "Remote, OR", "EMEA", "Gebäude 5"])
def test_a_text_that_names_something_is_kept(text):
    assert not read_location(text).says_nothing


@given(st.text(alphabet=st.sampled_from("Remote US,-–;|/()&or and BErlin 7"), max_size=80) | st.text())
def test_any_text_is_read_and_every_place_once(text):
    found = read_location(text).places
    assert len(set(found)) == len(found)
    assert all(place.text == place.text.strip() for place in found)
    assert all(place.region[:2] == place.country for place in found if place.region)
