"""The links in the mails of alerts: whoever holds one may change what its reader gets."""

import hashlib
from urllib.parse import urlencode

from itsdangerous import BadSignature, Signer

from portal.config import current_settings
from portal.domain.alerts.letters import Links
from portal.domain.alerts.searches import parse_stored, stored
from portal.models import Alert, AlertReader


def sign(key: str) -> str:
    """Return what a link bears for a reader's ``key``: the database alone could not make it."""
    return _signer().sign(key).decode()


def key_from(signed: str) -> str | None:
    """Return the key that was signed."""
    try:
        return _signer().unsign(signed).decode()
    except (BadSignature, UnicodeError):
        return None


def _signer() -> Signer:
    return Signer(current_settings().secret_key, salt="e-mail alerts", digest_method=hashlib.sha256)


def manage_url(reader: AlertReader) -> str:
    """Return where a reader sees and changes all that they get."""
    return f"{current_settings().address}/alerts?{urlencode({'key': sign(reader.key)})}"


def stop_url(reader: AlertReader, alert: Alert) -> str:
    """Return the address that ends an alert: by a POST at once, by a GET after a question."""
    return (
        f"{current_settings().address}/alerts/stop?{urlencode({'key': sign(reader.key), 'alert': alert.id})}"
    )


def confirm_url(token: str) -> str:
    """Return where what was asked for is confirmed."""
    return f"{current_settings().address}/alerts/confirm?{urlencode({'key': token})}"


def jobs_path(slug: str, alert: Alert) -> str:
    """Return the path of the Jobs tab with the search of an alert, and the source that it carries on."""
    parameters = stored(parse_stored(alert.wanted)) | ({"gh_src": alert.source} if alert.source else {})
    path = f"/orgs/{slug}/jobs"
    return f"{path}?{urlencode(parameters, doseq=True)}" if parameters else path


def links_of(slug: str, alert: Alert) -> Links:
    """Return all the links of a mail with new jobs."""
    reader = alert.reader
    return Links(
        f"{current_settings().address}{jobs_path(slug, alert)}", manage_url(reader), stop_url(reader, alert)
    )
