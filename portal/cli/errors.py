"""What people can put right, as a sentence of a command."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import DBAPIError

from portal.actions.accounts.passwords import HashingBusy, WeakPassword
from portal.actions.accounts.people import LastAdmin, PeopleError

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
