"""Countries and regions by the names that people write, where a name can mean nothing else."""

from typing import Final

_NAMES = """
    Afghanistan|Albania|Algeria|Andorra|Angola|Antigua and Barbuda|Argentina|Armenia|Australia|Austria|
    Azerbaijan|Bahamas|Bahrain|Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|
    Bosnia and Herzegovina|Botswana|Brazil|Brunei|Bulgaria|Burkina Faso|Burundi|Cambodia|Cameroon|
    Canada|Cape Verde|Central African Republic|Chad|Chile|China|Colombia|Comoros|Costa Rica|Croatia|
    Cuba|Cyprus|Czechia|Denmark|Djibouti|Dominica|Dominican Republic|Ecuador|Egypt|El Salvador|
    Equatorial Guinea|Eritrea|Estonia|Eswatini|Ethiopia|Fiji|Finland|France|Gabon|Gambia|Germany|Ghana|
    Greece|Grenada|Guatemala|Guinea|Guinea-Bissau|Guyana|Haiti|Honduras|Hong Kong|Hungary|Iceland|India|
    Indonesia|Iran|Iraq|Ireland|Israel|Italy|Ivory Coast|Jamaica|Japan|Jordan|Kazakhstan|Kenya|Kiribati|
    Kosovo|Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|
    Luxembourg|Madagascar|Malawi|Malaysia|Maldives|Mali|Malta|Marshall Islands|Mauritania|Mauritius|
    Mexico|Micronesia|Moldova|Monaco|Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nauru|Nepal|
    Netherlands|New Zealand|Nicaragua|Niger|Nigeria|North Macedonia|Norway|Oman|Pakistan|Palau|Panama|
    Papua New Guinea|Paraguay|Peru|Philippines|Poland|Portugal|Puerto Rico|Qatar|Romania|Rwanda|Samoa|
    San Marino|Saudi Arabia|Senegal|Serbia|Seychelles|Sierra Leone|Singapore|Slovakia|Slovenia|
    Solomon Islands|Somalia|South Africa|South Korea|South Sudan|Spain|Sri Lanka|Sudan|Suriname|Sweden|
    Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|Togo|Tonga|Trinidad and Tobago|Tunisia|
    Turkmenistan|Tuvalu|Türkiye|Uganda|Ukraine|United Arab Emirates|United Kingdom|United States|
    Uruguay|Uzbekistan|Vanuatu|Venezuela|Vietnam|Yemen|Zambia|Zimbabwe
"""  # not Georgia, which is a state as well
_ALSO = {
    "belgique": "Belgium",
    "brasil": "Brazil",
    "czech republic": "Czechia",
    "côte d'ivoire": "Ivory Coast",
    "danmark": "Denmark",
    "deutschland": "Germany",
    "england": "United Kingdom",
    "españa": "Spain",
    "great britain": "United Kingdom",
    "italia": "Italy",
    "méxico": "Mexico",
    "nederland": "Netherlands",
    "norge": "Norway",
    "polska": "Poland",
    "republic of ireland": "Ireland",
    "schweiz": "Switzerland",
    "scotland": "United Kingdom",
    "suisse": "Switzerland",
    "suomi": "Finland",
    "sverige": "Sweden",
    "the netherlands": "Netherlands",
    "turkey": "Türkiye",
    "u.k.": "United Kingdom",
    "u.s.": "United States",
    "u.s.a.": "United States",
    "uae": "United Arab Emirates",
    "uk": "United Kingdom",
    "united states of america": "United States",
    "us": "United States",
    "usa": "United States",
    "wales": "United Kingdom",
    "österreich": "Austria",
}
_BY_NAME: Final = {name.strip().casefold(): name.strip() for name in _NAMES.split("|")} | _ALSO
_REGION_NAMES = """
    africa|americas|apac|asia|asia pacific|benelux|dach|emea|eu|europe|european union|latam|latin america|
    mena|middle east|nordics|north america|northern ireland|oceania|south america
"""
_REGIONS: Final = frozenset(name.strip() for name in _REGION_NAMES.split("|"))


def country_named(place: str) -> str | None:
    """The country that a place is, by its usual name; ``None`` where it is none, or may be something else."""
    return _BY_NAME.get(place.strip().casefold())


def is_region(place: str) -> bool:
    """Whether a place is a part of the world with several countries, or of one, and no town."""
    return place.strip().casefold() in _REGIONS
