"""The command that syncs an organisation and says what that brought, or would bring."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click
from flask.cli import with_appcontext

from portal.actions.accounts.people import PeopleError
from portal.actions.sync.run import SyncWaits, sync_in_process
from portal.cli.errors import in_words
from portal.domain.descriptions.diff import Part, description_changes
from portal.domain.sync.following import DESCRIPTION, label_of, value_words
from portal.domain.sync.plan import ChangeKind
from portal.domain.sync.runs import NOTHING, RunStatus, Trigger, outcome
from portal.models import SyncChange, SyncRun
from portal.store.connections import connection_of
from portal.store.people import organisation_by_slug
from portal.store.sync_changes import changes_of, later_descriptions

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
