"""What a board last said of its posts: enough to show what another field mapping would change."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import BIG, Base


class BoardSnapshot(Base):
    """The custom fields and the posts of the last complete answer of a connection's board.

    ``posts`` are the posts without their descriptions, compressed; empty where they are too large to keep.
    ``fields`` are the ``CustomField``s, ``more_fields`` counts those that were left out. ``digest`` is of
    both, so that an answer that says the same is not stored again.
    """

    __tablename__ = "board_snapshots"

    connection_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest: Mapped[str] = mapped_column(String(32))
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    more_fields: Mapped[int] = mapped_column(default=0)
    posts: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
