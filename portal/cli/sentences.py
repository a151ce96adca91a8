"""What goes wrong in a command, as a sentence."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import DBAPIError

from portal.actions.passwords import HashingBusy, WeakPassword
from portal.actions.people import PeopleError

P = ParamSpec("P")
R = TypeVar("R")


def in_words(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what people can put right into a sentence."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (PeopleError, WeakPassword, HashingBusy) as error:
            raise click.ClickException(str(error)) from None
        except DBAPIError as error:
            sentence = (
                "The database does not answer as it should. Is it there, and has “db upgrade” been run?"
            )
            raise click.ClickException(f"{sentence} ({type(error.orig).__name__})") from None

    return run
