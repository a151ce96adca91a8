"""The one table that the peers list: what its columns hold, and which of them people may do what with."""

import os

TABLE = "jobs"
DATABASE = os.environ.get("PEERS_DB", "")
PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
WAIT_SECONDS = 20
PAGE = 50

# The columns of Manage jobs that everybody sees at first, in their order.
SHOWN = (
    "title",
    "department",
    "location",
    "workplace_type",
    "employment_type",
    "salary",
    "state",
    "changed_at",
)
EDITED_IN_PLACE = ("department", "location", "workplace_type", "employment_type", "salary")
SEARCHED = ("title", "department", "location", "requisition_id")
FILTERED = ("state", "department", "location", "workplace_type", "employment_type", "source")

CHOICES = {
    "workplace_type": [("onsite", "On-site"), ("hybrid", "Hybrid"), ("remote", "Remote")],
    "employment_type": [("full_time", "Full-time"), ("part_time", "Part-time"), ("contract", "Contract")],
    "state": [("shown", "Open"), ("hidden", "Hidden"), ("closed", "Closed")],
    "source": [("greenhouse", "Greenhouse"), ("own", "Added here")],
}
