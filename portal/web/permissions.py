"""Who may ask for what: one table, enforced before any view runs. What is not in it is not served."""

from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from flask import Flask, abort, g, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.domain.people import Role
from portal.store.people import Access
from portal.web.accounts.unsent import lead_first
from portal.web.auth import ask_to_sign_in
from portal.web.public.organisation_cache import access_of
from portal.web.requests import GREATEST_ID, this_request
from portal.web.single_sign_on.gate import is_refused, way_in
from portal.web.site.access import SITE_PAGES, enter_site
from portal.web.tokens.bearer import check_token, program


class Policy(Enum):
    """Whom a route answers. ``HOOK`` routes prove themselves by a signature, ``OPS`` tell only sums.

    ``TOKEN`` routes answer API tokens of the organisation's admins alone, and no session. ``BEACON`` routes
    take what changes nothing of anybody's from everybody, without a CSRF token. ``SITE_ADMIN`` routes are
    there for site admins alone, signed in in two steps.
    """

    PUBLIC = auto()
    SIGNED_IN = auto()
    MEMBER = auto()
    ADMIN = auto()
    SITE_ADMIN = auto()
    TOKEN = auto()
    BEACON = auto()
    HOOK = auto()
    OPS = auto()


POLICIES: Final[dict[str, Policy]] = {
    "assets.show": Policy.OPS,
    "auth.login": Policy.PUBLIC,
    "auth.logout": Policy.PUBLIC,
    "auth.send_again": Policy.PUBLIC,
    "second_step.show": Policy.PUBLIC,
    "second_step.check": Policy.PUBLIC,
    "passkeys.sign_in_options": Policy.PUBLIC,
    "passkeys.sign_in": Policy.PUBLIC,
    "single_sign_on.find": Policy.PUBLIC,
    "single_sign_on.show": Policy.PUBLIC,
    "single_sign_on.start": Policy.PUBLIC,
    "single_sign_on.callback": Policy.PUBLIC,
    "provider.show": Policy.ADMIN,
    "provider.save": Policy.ADMIN,
    "provider.save_access": Policy.ADMIN,
    "provider.check": Policy.ADMIN,
    "provider.disconnect": Policy.ADMIN,
    "mail_domains.add": Policy.ADMIN,
    "mail_domains.check_domain": Policy.ADMIN,
    "mail_domains.remove_domain": Policy.ADMIN,
    "account.show": Policy.SIGNED_IN,
    "account.save_name": Policy.SIGNED_IN,
    "account.ask_for_address": Policy.SIGNED_IN,
    "account.confirm_address": Policy.PUBLIC,
    "account.change_password": Policy.SIGNED_IN,
    "account.end_sessions": Policy.SIGNED_IN,
    "account.leave_organisation": Policy.SIGNED_IN,
    "account.save_look": Policy.SIGNED_IN,
    "account.save_theme": Policy.SIGNED_IN,
    "account.save_keys": Policy.SIGNED_IN,
    "account.density": Policy.SIGNED_IN,
    "account.delete": Policy.SIGNED_IN,
    "tokens.new": Policy.SIGNED_IN,
    "tokens.create": Policy.SIGNED_IN,
    "tokens.revoke": Policy.SIGNED_IN,
    "two_step.show": Policy.SIGNED_IN,
    "two_step.begin": Policy.SIGNED_IN,
    "two_step.confirm": Policy.SIGNED_IN,
    "two_step.renew_codes": Policy.SIGNED_IN,
    "two_step.switch_off": Policy.SIGNED_IN,
    "passkeys.options": Policy.SIGNED_IN,
    "passkeys.add": Policy.SIGNED_IN,
    "passkeys.remove": Policy.SIGNED_IN,
    "passwords.forgot": Policy.PUBLIC,
    "passwords.reset": Policy.PUBLIC,
    "invites.show": Policy.PUBLIC,
    "new_organisation.create": Policy.SIGNED_IN,
    "colleague.answer": Policy.PUBLIC,
    "colleague.ask": Policy.ADMIN,
    "colleague.withdraw": Policy.ADMIN,
    "audit.index": Policy.ADMIN,
    "audit.export": Policy.ADMIN,
    "people.index": Policy.ADMIN,
    "people.invite": Policy.ADMIN,
    "people.send_again": Policy.ADMIN,
    "people.withdraw": Policy.ADMIN,
    "people.role": Policy.ADMIN,
    "people.remove": Policy.ADMIN,
    "people.require_two_step": Policy.ADMIN,
    "orgs.home": Policy.PUBLIC,
    "orgs.show": Policy.PUBLIC,
    "profile.show": Policy.ADMIN,
    "profile.save": Policy.ADMIN,
    "profile.logo": Policy.PUBLIC,
    "jobs.index": Policy.PUBLIC,
    "jobs.show": Policy.PUBLIC,
    "jobs.card": Policy.PUBLIC,
    "jobs.apply": Policy.PUBLIC,
    "api.jobs": Policy.PUBLIC,
    "api.job": Policy.PUBLIC,
    "api.change_job": Policy.TOKEN,
    "api.sync": Policy.TOKEN,
    "api.openapi": Policy.PUBLIC,
    "alerts.new": Policy.PUBLIC,
    "alerts.subscribe": Policy.PUBLIC,
    "alerts.sent": Policy.PUBLIC,
    "alerts.question": Policy.PUBLIC,
    "alerts.confirm": Policy.PUBLIC,
    "alerts.manage": Policy.PUBLIC,
    "alerts.change": Policy.PUBLIC,
    "alerts.stop_question": Policy.PUBLIC,
    "alerts.stop": Policy.PUBLIC,
    "feeds.atom_feed": Policy.PUBLIC,
    "feeds.json_jobs": Policy.PUBLIC,
    "feeds.job_site": Policy.PUBLIC,
    "crawlers.sitemap": Policy.PUBLIC,
    "crawlers.part": Policy.PUBLIC,
    "crawlers.robots": Policy.PUBLIC,
    "crawlers.indexnow_key": Policy.PUBLIC,
    "embed.script": Policy.OPS,
    "embed.show": Policy.PUBLIC,
    "traffic.seen": Policy.BEACON,
    "traffic.show": Policy.ADMIN,
    "traffic.export": Policy.ADMIN,
    "readers.index": Policy.ADMIN,
    "links.index": Policy.ADMIN,
    "links.create": Policy.ADMIN,
    "links.delete": Policy.ADMIN,
    "links.qr_code": Policy.ADMIN,
    "help.greenhouse": Policy.PUBLIC,
    "ops.healthz": Policy.OPS,
    "ops.readyz": Policy.OPS,
    "ops.metrics": Policy.OPS,
    "command.search": Policy.MEMBER,
    "jobs.manage": Policy.MEMBER,
    "jobs.choices": Policy.MEMBER,
    "jobs.columns": Policy.MEMBER,
    "jobs.column_widths": Policy.MEMBER,
    "jobs.save_view": Policy.ADMIN,
    "jobs.update_view": Policy.ADMIN,
    "jobs.rename_view": Policy.ADMIN,
    "jobs.delete_view": Policy.ADMIN,
    "jobs.restore_view": Policy.ADMIN,
    "jobs.new": Policy.ADMIN,
    "jobs.edit_field": Policy.ADMIN,
    "jobs.edit_cell": Policy.ADMIN,
    "jobs.save_field": Policy.ADMIN,
    "jobs.take_field": Policy.ADMIN,
    "jobs.keep_field": Policy.ADMIN,
    "jobs.field_history": Policy.MEMBER,
    "jobs.bulk": Policy.ADMIN,
    "jobs.confirm_bulk": Policy.ADMIN,
    "jobs.export": Policy.MEMBER,
    "jobs.import_jobs": Policy.ADMIN,
    "jobs.receive_import": Policy.ADMIN,
    "jobs.paste": Policy.ADMIN,
    "edits.undo": Policy.ADMIN,
    "jobs.preview": Policy.ADMIN,
    "jobs.markdown": Policy.ADMIN,
    "jobs.duplicate": Policy.ADMIN,
    "jobs.publish": Policy.ADMIN,
    "jobs.hide": Policy.ADMIN,
    "jobs.members_only": Policy.ADMIN,
    "jobs.review": Policy.ADMIN,
    "jobs.close": Policy.ADMIN,
    "jobs.reopen": Policy.ADMIN,
    "jobs.delete": Policy.ADMIN,
    "jobs.deleted": Policy.ADMIN,
    "connection.connect": Policy.ADMIN,
    "connection.create": Policy.ADMIN,
    "connection.settings": Policy.ADMIN,
    "connection.save_settings": Policy.ADMIN,
    "connection.show_fields": Policy.ADMIN,
    "connection.save_fields": Policy.ADMIN,
    "connection.sync": Policy.ADMIN,
    "connection.disconnect": Policy.ADMIN,
    "connection.pause": Policy.ADMIN,
    "connection.resume": Policy.ADMIN,
    "connection.make_hook_secret": Policy.ADMIN,
    "connection.check_key": Policy.ADMIN,
    "connection.preview": Policy.ADMIN,
    "connection.save_apply_here": Policy.ADMIN,
    "applications.index": Policy.ADMIN,
    "applications.send": Policy.ADMIN,
    "applications.delivered": Policy.ADMIN,
    "closings.index": Policy.MEMBER,
    "closings.approve": Policy.ADMIN,
    "closings.discard": Policy.ADMIN,
    "pairs.index": Policy.MEMBER,
    "pairs.accept": Policy.ADMIN,
    "pairs.decline": Policy.ADMIN,
    "pairs.part": Policy.ADMIN,
    "sync_runs.index": Policy.MEMBER,
    "sync_runs.show": Policy.MEMBER,
    "webhooks.index": Policy.ADMIN,
    "webhooks.create": Policy.ADMIN,
    "webhooks.show": Policy.ADMIN,
    "webhooks.update": Policy.ADMIN,
    "webhooks.pause": Policy.ADMIN,
    "webhooks.resume": Policy.ADMIN,
    "webhooks.delete": Policy.ADMIN,
    "webhooks.test": Policy.ADMIN,
    "webhooks.secret": Policy.ADMIN,
    "webhooks.message": Policy.ADMIN,
    "webhooks.resend": Policy.ADMIN,
    "live.events": Policy.MEMBER,
    "live.presence": Policy.ADMIN,
    "hooks.greenhouse": Policy.HOOK,
    **dict.fromkeys(SITE_PAGES, Policy.SITE_ADMIN),
}
FOR_STRANGERS, FOR_ADMINS = (Policy.PUBLIC, Policy.BEACON), (Policy.ADMIN, Policy.TOKEN)


def init_app(app: Flask) -> None:
    """Enforce the table on every request."""
    app.before_request(enforce)


def enforce() -> ResponseReturnValue | None:
    """Let the request through, or answer it as its policy says.

    In a route with ``<org>`` the view is given the ``Organisation`` itself; ``g.org`` and
    ``g.membership`` (``None`` for people who are not of it) hold it for the templates.
    ``g.belongs`` tells also of members who have to sign in another way first.
    """
    asked = this_request()
    endpoint, view_args = asked.endpoint, asked.view_args or {}
    if endpoint is None:
        return None  # no such address, or not by this verb: the same for everybody
    policy = POLICIES.get(endpoint)
    if policy is None:
        abort(HTTPStatus.NOT_FOUND)
    if policy in (Policy.HOOK, Policy.OPS):
        return None
    check_token(endpoint, needed=policy is Policy.TOKEN)
    if policy not in FOR_STRANGERS and not current_user.is_authenticated:
        return ask_to_sign_in()
    if any(map(_names_nothing, view_args.values())):
        abort(HTTPStatus.NOT_FOUND)
    if policy is Policy.SITE_ADMIN:
        return enter_site()
    if policy is Policy.SIGNED_IN and is_refused(endpoint):
        return render_template("pages/single_sign_on/account.html"), HTTPStatus.FORBIDDEN
    if "org" in view_args:
        return _enter_organisation(view_args, policy)
    return None


def _names_nothing(value: object) -> bool:
    """Whether a part of the address cannot be looked for: PostgreSQL refuses to compare it with anything."""
    return value > GREATEST_ID if isinstance(value, int) else "\0" in str(value)


def _enter_organisation(view_args: dict[str, object], policy: Policy) -> ResponseReturnValue | None:
    """Put the organisation in the place of its slug; a stranger learns nothing of it."""
    access = access_of(str(view_args["org"]))
    if access is None or (policy not in FOR_STRANGERS and access.membership is None):
        abort(HTTPStatus.NOT_FOUND)
    asking = program()
    if asking is not None and asking.organisation_id != access.organisation.id:
        if policy not in FOR_STRANGERS:
            abort(HTTPStatus.NOT_FOUND)
        access = Access(access.organisation, None)
    organisation, membership = access.organisation, access.membership
    g.org, g.membership, g.belongs = organisation, membership, bool(membership)
    view_args["org"] = organisation
    if membership and (first := way_in(organisation, membership)):
        g.membership = None  # what is public they see as everybody does
        if policy not in FOR_STRANGERS:
            return lead_first(first) if asking is None else abort(HTTPStatus.FORBIDDEN)
    if policy in FOR_ADMINS and not is_admin():
        abort(HTTPStatus.FORBIDDEN)
    return None


def is_admin() -> bool:
    """Whether the person asking is an admin of the organisation asked about."""
    membership = g.get("membership")
    return membership is not None and membership.role == Role.ADMIN


def is_member() -> bool:
    """Whether the person asking belongs to the organisation asked about."""
    return g.get("membership") is not None
