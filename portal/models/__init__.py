"""The tables, by subject."""

from portal.models.base import Base
from portal.models.jobs import Edit, Job, JobPair, PairStatus, SavedView, Source
from portal.models.people import LoginSession, Mail, Membership, Organisation, Role, User
from portal.models.sync import (
    BoardSnapshot,
    ChangeKind,
    Connection,
    HeldClosing,
    HoldStatus,
    SyncChange,
    SyncRun,
)

__all__ = [
    "Base",
    "BoardSnapshot",
    "ChangeKind",
    "Connection",
    "Edit",
    "HeldClosing",
    "HoldStatus",
    "Job",
    "JobPair",
    "LoginSession",
    "Mail",
    "Membership",
    "Organisation",
    "PairStatus",
    "Role",
    "SavedView",
    "Source",
    "SyncChange",
    "SyncRun",
    "User",
]
