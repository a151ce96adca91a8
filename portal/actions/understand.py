"""What somebody typed, understood as people of their organisation would."""

from collections.abc import Callable
from typing import TypeVar

from portal.domain.editors import Field, Row, Values
from portal.domain.salaries import CurrencyMissing
from portal.store.salaries import usual_currency

T = TypeVar("T")


def understand(organisation_id: int, field: Field, text: str, row: Row | None = None) -> Values:
    """Return the columns to store; raises ``InvalidValue``, a sentence for the field.

    A salary without a currency is in that of ``row``, the job being edited, or else in the one that
    the organisation uses most, which is looked up only then.
    """
    return with_usual_currency(organisation_id, lambda lent: field.parse(text, lent or row))


def with_usual_currency(organisation_id: int, parse: Callable[[Row | None], T]) -> T:
    """Return what ``parse`` makes of a text, lent the organisation's currency where it lacks one."""
    try:
        return parse(None)
    except CurrencyMissing:
        currency = usual_currency(organisation_id)
        if currency is None:
            raise
        return parse({"salary_currency": currency})
