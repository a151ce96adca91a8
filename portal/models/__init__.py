"""The tables, one noun a file."""

from portal.models.base import Base
from portal.models.board_snapshot import BoardSnapshot
from portal.models.connection import Connection
from portal.models.edit import Edit
from portal.models.held_closing import HeldClosing, HoldStatus
from portal.models.job import Job, Source
from portal.models.job_pair import JobPair, PairStatus
from portal.models.mail import Mail
from portal.models.organisation import Membership, Organisation, Role
from portal.models.saved_view import SavedView
from portal.models.sync_change import ChangeKind, SyncChange
from portal.models.sync_run import SyncRun
from portal.models.user import LoginSession, User

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
