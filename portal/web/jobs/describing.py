"""Help with writing a description: how it will look, and Markdown for what was copied from elsewhere."""

from http import HTTPStatus

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.domain.job_fields import OWN_FIELDS, InvalidValue
from portal.domain.pasted import markdown_of_pasted
from portal.models import Organisation
from portal.web.jobs.blueprint import bp
from portal.web.partials import wants_partial


@bp.post("/description/preview")
def preview(org: Organisation) -> ResponseReturnValue:
    """The description as it will look; without htmx the forms themselves show it."""
    if not wants_partial():
        return redirect(url_for("jobs.new", org=org.slug), HTTPStatus.SEE_OTHER)
    typed = request.form.get("description", request.form.get("value", ""))
    return render_template("partials/jobs/editor/_preview.html", organisation=org, preview=previewed(typed))


@bp.post("/description/markdown")
def markdown(org: Organisation) -> ResponseReturnValue:
    """HTML that was pasted, as Markdown."""
    pasted = request.form.get("html")
    if pasted is None:
        abort(HTTPStatus.BAD_REQUEST)
    return Response(markdown_of_pasted(pasted), mimetype="text/plain")


def previewed(typed: str) -> Markup:
    """Return what would be shown of a typed description, or why it cannot be kept."""
    try:
        html = OWN_FIELDS["description"].parse(typed)["description_html"]
    except InvalidValue as error:
        return Markup('<p class="error">{}</p>').format(str(error))
    return Markup(html or '<p class="quiet">Nothing to show yet.</p>')  # noqa: S704 - cleaned by the field
