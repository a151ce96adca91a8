"""An organisation's single sign-on: its provider, who gets in by it, and its mail domains."""

from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.actions.accounts.people import PeopleError
from portal.actions.single_sign_on import domains, settings
from portal.actions.single_sign_on.provider import ProviderError
from portal.domain.accounts.mail_domains import LONGEST_DOMAIN, MOST_MISSES, record_name, record_value
from portal.domain.people import Role
from portal.models import Organisation
from portal.store.accounts.single_sign_on import domains_of, single_sign_on_of
from portal.web.accounts.forms import TOO_LONG, refuse
from portal.web.extensions import limiter, person_or_network
from portal.web.responses import go
from portal.web.single_sign_on.sign_in import redirect_uri

provider_bp = Blueprint("provider", __name__, url_prefix="/orgs/<org>/single-sign-on")
domains_bp = Blueprint("mail_domains", __name__, url_prefix="/orgs/<org>/single-sign-on/domains")

PER_PERSON: Final = "30 per 5 minutes"
"""Of what asks other servers."""
PLAIN: Final = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


asks = limiter.limit(PER_PERSON, key_func=person_or_network)


class ProviderForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """What the provider gave for this site."""

    issuer = StringField(
        "Issuer",
        [InputRequired("Enter the issuer’s address."), Length(max=2048, message=TOO_LONG)],
        render_kw={**PLAIN, "inputmode": "url"},
    )
    client_id = StringField(
        "Client ID",
        [InputRequired("Enter the client ID."), Length(max=255, message=TOO_LONG)],
        render_kw=PLAIN,
    )
    client_secret = PasswordField(
        "Client secret", [Length(max=1000, message=TOO_LONG)], render_kw={"autocomplete": "off"}
    )


class DomainForm(FlaskForm):  # type: ignore[misc]
    """A domain of the organisation's addresses."""

    domain = StringField(
        "Domain",
        [
            InputRequired("Enter a domain, such as example.com."),
            Length(max=LONGEST_DOMAIN + 2, message=TOO_LONG),
        ],
        render_kw=PLAIN,
    )


@provider_bp.get("")
def show(org: Organisation) -> ResponseReturnValue:
    """Everything about an organisation's single sign-on."""
    return _page(org)


@provider_bp.post("")
@asks
def save(org: Organisation) -> ResponseReturnValue:
    """Keep the provider, once its discovery document is read."""
    form = ProviderForm()
    if not form.validate_on_submit():
        return _page(org, provider_form=form)
    try:
        settings.save(
            org.id, form.issuer.data or "", form.client_id.data or "", form.client_secret.data or ""
        )
    except settings.FieldError as error:
        refuse(form[error.field], error)
        return _page(org, provider_form=form)
    return _back(org, "The provider is saved. Try it, then switch single sign-on on.")


@provider_bp.post("/check")
@asks
def check(org: Organisation) -> ResponseReturnValue:
    """Try the provider, and say what is wrong with it."""
    try:
        settings.try_out(org.id, redirect_uri(org.slug))
    except ProviderError as error:
        return _page(org, HTTPStatus.CONFLICT, str(error))
    return _back(org, "The provider answers as it should, and knows this site.")


@provider_bp.post("/access")
def save_access(org: Organisation) -> ResponseReturnValue:
    """Say whether and for whom it is on."""
    role = request.form.get("role", Role.MEMBER)
    access = settings.Access(
        is_on=bool(request.form.get("is_on")),
        creates_members=bool(request.form.get("creates_members")),
        role=Role(role) if role in list(Role) else Role.MEMBER,
        is_required=bool(request.form.get("is_required")),
    )
    try:
        settings.change_access(org.id, access, current_user.user_id)
    except PeopleError as error:
        return _page(org, HTTPStatus.CONFLICT, str(error))
    return _back(org, f"Single sign-on is {'on' if access.is_on else 'off'}.")


@provider_bp.post("/disconnect")
def disconnect(org: Organisation) -> ResponseReturnValue:
    """Forget the provider."""
    settings.disconnect(org.id)
    return _back(org, "The provider is removed. Who signed in by it is signed out.")


@domains_bp.post("")
def add(org: Organisation) -> ResponseReturnValue:
    """Claim a domain."""
    form = DomainForm()
    if not form.validate_on_submit():
        return _page(org, domain_form=form)
    try:
        claimed = domains.add(org.id, form.domain.data or "")
    except PeopleError as error:
        refuse(form.domain, error)
        return _page(org, domain_form=form)
    return _back(org, f"Set the TXT record of {claimed.domain}, then check it.")


@domains_bp.post("/<int:domain_id>/check")
@asks
def check_domain(org: Organisation, domain_id: int) -> ResponseReturnValue:
    """Look for the record that proves a domain."""
    try:
        domain = domains.check(org.id, domain_id)
    except domains.DomainGone as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    except PeopleError as error:
        return _page(org, HTTPStatus.CONFLICT, str(error))
    return _back(org, f"{domain} is proved.")


@domains_bp.post("/<int:domain_id>/remove")
def remove_domain(org: Organisation, domain_id: int) -> ResponseReturnValue:
    """Remove a domain."""
    try:
        domain = domains.remove(org.id, domain_id)
    except domains.DomainGone as error:
        abort(HTTPStatus.NOT_FOUND, str(error))
    return _back(org, f"{domain} is removed.")


def _back(org: Organisation, said: str) -> ResponseReturnValue:
    """Show the page; who came in by what was just ended signs in again."""
    return go(url_for("provider.show", org=org.slug), said)


def _page(
    org: Organisation, status: HTTPStatus = HTTPStatus.OK, trouble: str = "", **submitted: Any
) -> ResponseReturnValue:
    if submitted:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    held = single_sign_on_of(org.id)
    form = submitted.get("provider_form")
    if form is None:
        form = ProviderForm(formdata=None, issuer=held.issuer, client_id=held.client_id) if held else None
    page = render_template(
        "pages/single_sign_on/settings.html",
        organisation=org,
        held=held,
        provider_form=form or ProviderForm(formdata=None),
        domain_form=submitted.get("domain_form") or DomainForm(formdata=None),
        domains=domains_of(org.id),
        record_name=record_name,
        record_value=record_value,
        most_misses=MOST_MISSES,
        redirect_uri=redirect_uri(org.slug),
        roles=list(Role),
        trouble=trouble,
    )
    return page, status


@provider_bp.errorhandler(RateLimitExceeded)
@domains_bp.errorhandler(RateLimitExceeded)
def too_often(_: RateLimitExceeded) -> ResponseReturnValue:
    """Say that enough was asked for now."""
    return _page(request.view_args["org"], HTTPStatus.TOO_MANY_REQUESTS, "Too often. Wait some minutes.")  # type: ignore[index]
