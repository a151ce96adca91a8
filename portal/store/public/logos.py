"""The logos of organisations: stored, read and removed."""

from sqlalchemy import delete, select

from portal.db import session
from portal.domain.logos import Logo
from portal.models import Organisation, OrganisationLogo


def put_logo(organisation_id: int, logo: Logo) -> None:
    """Store an organisation's logo in the place of the one that is there."""
    session().merge(OrganisationLogo(organisation_id=organisation_id, png=logo.png, webp=logo.webp))


def delete_logo(organisation_id: int) -> None:
    """Remove an organisation's logo."""
    session().execute(delete(OrganisationLogo).where(OrganisationLogo.organisation_id == organisation_id))


def logo_content(organisation_id: int, kind: str) -> tuple[str, bytes] | None:
    """Return the logo with its hash: as ``png``, the large one, or as ``webp``, the small one."""
    column = OrganisationLogo.png if kind == "png" else OrganisationLogo.webp
    query = select(Organisation.logo_hash, column).join(OrganisationLogo)
    row = session().execute(query.where(Organisation.id == organisation_id)).first()
    return (row[0], row[1]) if row and row[0] else None
