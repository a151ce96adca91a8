"""The commands about single sign-on: what the operator vouches for, and a way back in."""

import click
from flask.cli import AppGroup

from portal.actions.single_sign_on import domains, settings
from portal.cli.errors import in_words

single_sign_on = AppGroup("single-sign-on", help="Single sign-on of organisations.")


@single_sign_on.command("domain")
@click.argument("slug", metavar="ORG_SLUG")
@click.argument("domain")
@click.option("--remove", is_flag=True, help="Take the domain away; sign-ins by single sign-on end.")
@in_words
def set_domain(slug: str, domain: str, remove: bool) -> None:
    """Let DOMAIN be proved for the organisation at ORG_SLUG, without a record in DNS."""
    if remove:
        click.echo(f"{domains.remove_by_operator(slug, domain)} is removed from {slug}.")
    else:
        click.echo(f"{domains.set_by_operator(slug, domain)} is proved for {slug}.")


@single_sign_on.command("not-required")
@click.argument("slug", metavar="ORG_SLUG")
@in_words
def not_required(slug: str) -> None:
    """Let people of ORG_SLUG sign in by password again: for when its provider is away."""
    settings.require_no_longer(slug)
    click.echo(f"People of {slug} may sign in by password again.")
