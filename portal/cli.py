"""The commands of ``flask --app wsgi``; what goes wrong is said in one sentence."""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import DBAPIError

from portal.actions.accounts import organisations, people, two_step
from portal.actions.accounts.passwords import HashingBusy, WeakPassword
from portal.actions.accounts.people import LastAdmin, PeopleError
from portal.actions.applications.sealing import rotate_applications
from portal.actions.sync.credentials import rotate
from portal.actions.sync.run import SyncWaits, sync_in_process
from portal.domain.descriptions.diff import Part, description_changes
from portal.domain.people import Role
from portal.domain.sync.following import DESCRIPTION, label_of, value_words
from portal.domain.sync.plan import ChangeKind
from portal.domain.sync.runs import NOTHING, RunStatus, Trigger, outcome
from portal.models import Mail, SyncChange, SyncRun
from portal.store.connections import connection_of
from portal.store.mails import unsent_mails
from portal.store.people import organisation_by_slug
from portal.store.sync_changes import changes_of, later_descriptions

P = ParamSpec("P")
R = TypeVar("R")


def in_words(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what people can put right into a sentence."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except LastAdmin as error:
            raise click.ClickException(f"{error} Or repeat this with --force.") from None
        except (PeopleError, WeakPassword, HashingBusy) as error:
            raise click.ClickException(str(error)) from None
        except DBAPIError as error:
            sentence = (
                "The database does not answer as it should. Is it there, and has “db upgrade” been run?"
            )
            raise click.ClickException(f"{sentence} ({type(error.orig).__name__})") from None

    return run


PAGE: Final = 200
MARKS: Final = {Part.REMOVED: "[-{}-]", Part.ADDED: "{{+{}+}}"}
KINDS: Final[Mapping[str, str]] = {ChangeKind.CREATED: "new"}


@click.command("sync")
@click.argument("slug", metavar="ORG_SLUG")
@click.option("--dry-run", is_flag=True, help="Only say what would change, field by field.")
@with_appcontext
@in_words
def sync(slug: str, dry_run: bool) -> None:
    """Sync the organisation at ORG_SLUG, and say what that brought."""
    organisation = organisation_by_slug(slug)
    if organisation is None:
        raise PeopleError(f"There is no organisation at “{slug}”.")
    name, connection = organisation.name, connection_of(organisation.id)
    if connection is None:
        raise click.ClickException(f"{name} is not connected to Greenhouse.")
    try:
        run = sync_in_process(connection, Trigger.PREVIEW if dry_run else Trigger.MANUAL)
    except SyncWaits:
        raise click.ClickException(
            f"A sync of {name} waits already and will bring what has changed. Nothing was done here."
        ) from None
    if run is None:
        raise click.ClickException(f"Syncing of {name} is paused, or Greenhouse was disconnected meanwhile.")
    if run.status != RunStatus.SUCCEEDED:
        raise click.ClickException(run.error or "It was paused or disconnected meanwhile.")
    for line in _told(run, dry_run=dry_run):
        click.echo(line)


def _told(run: SyncRun, *, dry_run: bool) -> Iterator[str]:
    brought = outcome(
        updated=run.updated,
        created=run.created,
        reopened=run.reopened,
        closed=run.closed,
        held=run.held,
        hides_new=run.hides_new,
    )
    if run.trigger != Trigger.PREVIEW:
        yield f"{brought}."
    else:
        yield "A sync would change nothing." if brought == NOTHING else f"A sync would bring: {brought}."
    if run.held:
        yield "So many closings are held until an admin decides about them on Manage jobs."
    for post in run.set_aside:
        yield f"Set aside: post {post['id']}, {post['title'] or 'without a title'}. {post['reason']}"
    if dry_run:
        yield from _changes(run)


def _changes(run: SyncRun) -> Iterator[str]:
    offset = 0
    while changes := changes_of(run.id, limit=PAGE, offset=offset):
        descriptions = later_descriptions(changes)
        for change in changes:
            yield from _change(change, descriptions.get(change.id, ""))
        offset += PAGE


def _change(change: SyncChange, later: str) -> Iterator[str]:
    yield f"{KINDS.get(change.kind, change.kind):<9} {change.title}"
    for field in change.fields:
        yield from (f"          {line}" for line in _told_of(field, later))


def _told_of(field: dict[str, Any], later: str) -> Iterator[str]:
    name, before, after = field["field"], field["before"], field.get("after")
    if name != DESCRIPTION:
        values = value_words(name, before) or "nothing", value_words(name, after) or "nothing"
        yield f"{label_of(name)}: {' → '.join(values)}"
        return
    for change in description_changes(before or "", later if after is None else after):
        marked = [MARKS.get(passage.part, "{}").format(passage.text) for passage in change.passages]
        yield f"{change.label}: {' '.join(marked) or 'only its formatting changed'}"


org = AppGroup("org", help="Organisations.")
user = AppGroup("user", help="People who sign in.")
credentials = AppGroup("credentials", help="Stored keys.")
MOST_MAILS = 200
ROLE = click.Choice([role.value for role in Role])


def add_commands(app: Flask) -> None:
    """Add the portal's commands to ``flask``."""
    for group in (org, user, credentials):
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
