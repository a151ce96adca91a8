"""The commands of ``flask --app wsgi``; what goes wrong is said in one sentence."""

import sys
from datetime import UTC, datetime

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from portal.actions import site_admins
from portal.actions.accounts import organisations, people, two_step
from portal.actions.applications.sealing import rotate_applications
from portal.actions.sync.credentials import rotate
from portal.cli.errors import in_words
from portal.cli.single_sign_on import single_sign_on
from portal.cli.sync import sync
from portal.domain.people import Role
from portal.models import Mail
from portal.store.accounts.site import site_admins as all_site_admins
from portal.store.mails import unsent_mails

org = AppGroup("org", help="Organisations.")
user = AppGroup("user", help="People who sign in.")
credentials = AppGroup("credentials", help="Stored keys.")
MOST_MAILS = 200
ROLE = click.Choice([role.value for role in Role])


def add_commands(app: Flask) -> None:
    """Add the portal's commands to ``flask``."""
    for group in (org, user, credentials, single_sign_on):
        app.cli.add_command(group)
    app.cli.add_command(sync)
    app.cli.add_command(list_mails)


def _read_password() -> str:
    """Read one line: what follows the first line end is not part of a password."""
    return sys.stdin.readline().rstrip("\r\n")


force = click.option("--force", is_flag=True, help="Also where an organisation is left without an admin.")
password_stdin = click.option(
    "--password-stdin", is_flag=True, required=True, help="Read the password from standard input."
)


@org.command("create")
@click.argument("name")
@click.option("--slug", help="The organisation's address, such as northwind; made from the name otherwise.")
@click.option("--summary", default="", help="What it does, in a sentence that its page shows.")
@click.option("--time-zone", default="UTC", help="Where its closing dates end, such as Europe/Lisbon.")
@in_words
def create_org(name: str, slug: str | None, summary: str, time_zone: str) -> None:
    """Create the organisation NAME."""
    created = organisations.create_organisation(name, slug, summary, time_zone)
    click.echo(f"Created {created.name} at /orgs/{created.slug}.")


@org.command("change")
@click.argument("slug")
@click.option("--name", help="Another name; the address stays.")
@click.option("--summary", help="What it does, in a sentence that its page shows.")
@click.option("--time-zone", help="Where its closing dates end, such as Europe/Lisbon.")
@in_words
def change_org(slug: str, name: str | None, summary: str | None, time_zone: str | None) -> None:
    """Change what is given of the organisation at SLUG."""
    changed = organisations.change_organisation(slug, name=name, summary=summary, time_zone=time_zone)
    click.echo(f"{changed.name}, {changed.time_zone}: {changed.summary or 'no summary'}")


@user.command("create")
@click.argument("email")
@click.option("--org", "slug", required=True, help="The address of the organisation they belong to.")
@click.option("--role", type=ROLE, required=True)
@password_stdin
@in_words
def create_user(email: str, slug: str, role: str, password_stdin: bool) -> None:
    """Create a person who signs in with EMAIL."""
    created = people.create_user(email, slug, Role(role), _read_password())
    click.echo(f"Created {created.email}, {role} of {slug}.")


@user.command("set-password")
@click.argument("email")
@password_stdin
@in_words
def set_password(email: str, password_stdin: bool) -> None:
    """Give EMAIL a new password and sign them out everywhere."""
    people.set_password(email, _read_password())
    click.echo(f"{email} has a new password and is signed out everywhere.")


@user.command("disable")
@click.argument("email")
@force
@in_words
def disable(email: str, force: bool) -> None:
    """Keep EMAIL from signing in, and sign them out everywhere."""
    people.disable_user(email, datetime.now(UTC), force=force)
    click.echo(f"{email} is disabled and signed out everywhere.")


@user.command("enable")
@click.argument("email")
@in_words
def enable(email: str) -> None:
    """Let EMAIL, who was disabled, sign in again."""
    people.enable_user(email)
    click.echo(f"{email} may sign in again.")


@user.command("site-admin")
@click.argument("email")
@click.option("--off", is_flag=True, help="Withdraw it, and sign them out everywhere.")
@in_words
def site_admin(email: str, off: bool) -> None:
    """Let EMAIL see all organisations and people, and disable people."""
    site_admins.appoint(email, wanted=not off)
    if off:
        click.echo(f"{email} is no site admin, and signed out everywhere.")
    else:
        click.echo(f"{email} is a site admin: /ops asks them to sign in in two steps.")


@user.command("site-admins")
@in_words
def list_site_admins() -> None:
    """List the site admins."""
    for found, has_app in all_site_admins():
        state = (
            "disabled"
            if found.disabled_at
            else "two-step sign-in on"
            if has_app
            else "no two-step sign-in yet"
        )
        click.echo(f"{found.email}  {state}")


@user.command("role")
@click.argument("email")
@click.option("--org", "slug", required=True, help="The address of the organisation.")
@click.option("--role", type=ROLE, required=True)
@force
@in_words
def set_role(email: str, slug: str, role: str, force: bool) -> None:
    """Give EMAIL a role in an organisation, which they join by it."""
    people.set_role(email, slug, Role(role), force=force)
    click.echo(f"{email} is {role} of {slug}.")


@user.command("remove")
@click.argument("email")
@click.option("--org", "slug", required=True, help="The address of the organisation.")
@force
@in_words
def remove(email: str, slug: str, force: bool) -> None:
    """Take EMAIL out of an organisation, and sign them out everywhere."""
    people.remove_member(email, slug, force=force)
    click.echo(f"{email} is no longer in {slug}, and signed out everywhere.")


@user.command("two-step-off")
@click.argument("email")
@in_words
def two_step_off(email: str) -> None:
    """Let EMAIL sign in by password alone: for who lost both phone and recovery codes."""
    two_step.switch_off_of(email)
    click.echo(f"{email} signs in by password alone. A mail tells them of it.")


@credentials.command("rotate")
@in_words
def rotate_credentials() -> None:
    """Encrypt every stored key anew with the first of CREDENTIAL_KEYS."""
    rotation, lost = rotate(), rotate_applications()
    total = rotation.connections
    click.echo(f"Encrypted {total} {'key' if total == 1 else 'keys'} with the newest credential key.")
    if lost:
        click.echo(
            f"{lost} waiting applications or files of theirs cannot be read with any of them.", err=True
        )
    if rotation.unreadable:
        named = "".join(f"\n  {each}" for each in rotation.unreadable)
        raise click.ClickException(
            f"No key of CREDENTIAL_KEYS opens these, which stay as they are:{named}\n"
            "Put the key they were encrypted with behind the new one and run this again, or have their "
            "admins enter them again."
        )


@click.command("mails")
@with_appcontext
@in_words
def list_mails() -> None:
    """List the newest mails that wait or were given up, and why."""
    unsent = unsent_mails(MOST_MAILS)
    for mail, slug in unsent:
        click.echo(_mail_line(mail, slug))
    if not unsent:
        click.echo("No mail waits, and none was given up.")


def _mail_line(mail: Mail, slug: str | None) -> str:
    state = f"due {mail.not_before:%Y-%m-%d %H:%M} UTC" if mail.not_before else "given up"
    parts = (f"{mail.id}", slug or "-", mail.reader, mail.subject, state, f"attempt {mail.attempt}")
    return "  ".join(parts + ((mail.last_error,) if mail.last_error else ()))
