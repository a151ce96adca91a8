"""What the markup of a job's page says, and how to write it down."""

import json
import re
from typing import Any


def address(locality: str | None, region: str | None, country: str) -> dict[str, Any]:
    """What it says of a job at one place."""
    said = {"addressLocality": locality, "addressRegion": region, "addressCountry": country}
    postal = {"@type": "PostalAddress"} | {name: value for name, value in said.items() if value}
    return {"jobLocation": {"@type": "Place", "address": postal}}


def said_of_places(page: str) -> dict[str, Any] | None:
    """What the markup says of places; ``None`` where there is none."""
    found = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    names = ("jobLocation", "jobLocationType", "applicantLocationRequirements")
    return {name: value for name, value in json.loads(found[0]).items() if name in names} if found else None
