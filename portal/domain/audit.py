"""The actions that the audit records, beside edits and syncs, which have tables of their own."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from types import MappingProxyType
from typing import Final

LONGEST_ABOUT: Final = 300
KEPT: Final = timedelta(days=366)


class Kind(StrEnum):
    """What the list is filtered by."""

    SIGN_INS = "sign-ins"
    PEOPLE = "people"
    EDITS = "edits"
    FILES = "files"
    SYNCS = "syncs"
    CLOSINGS = "closings"
    CONNECTION = "connection"
    WEBHOOKS = "webhooks"
    TOKENS = "tokens"
    SINGLE_SIGN_ON = "single-sign-on"
    APPLICATIONS = "applications"
    SETTINGS = "settings"

    @property
    def label(self) -> str:
        """The kind as people read it."""
        return _LABELS[self]


_LABELS: Final[Mapping[Kind, str]] = {
    Kind.SIGN_INS: "Sign-ins",
    Kind.PEOPLE: "Invitations and members",
    Kind.EDITS: "Edits",
    Kind.FILES: "Exports and imports",
    Kind.SYNCS: "Syncs",
    Kind.CLOSINGS: "Held closings",
    Kind.CONNECTION: "Connection and keys",
    Kind.WEBHOOKS: "Webhooks",
    Kind.TOKENS: "API tokens",
    Kind.SINGLE_SIGN_ON: "Single sign-on",
    Kind.APPLICATIONS: "Applications",
    Kind.SETTINGS: "Profile, views and links",
}


class Action(StrEnum):
    """What somebody did. The value is stored: it never changes."""

    SIGNED_IN = "signed-in"
    INVITED = "invited"
    INVITED_AGAIN = "invited-again"
    INVITATION_WITHDRAWN = "invitation-withdrawn"
    JOINED = "joined"
    ROLE_CHANGED = "role-changed"
    REMOVED = "removed"
    LEFT = "left"
    DISABLED = "disabled"
    ENABLED = "enabled"
    SITE_ADMIN_MADE = "site-admin-made"
    SITE_ADMIN_WITHDRAWN = "site-admin-withdrawn"
    ACCOUNT_DELETED = "account-deleted"
    EXPORTED = "exported"
    IMPORTED = "imported"
    CLOSINGS_APPROVED = "closings-approved"
    CLOSINGS_DISCARDED = "closings-discarded"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    KEY_REPLACED = "key-replaced"
    BOARD_RENAMED = "board-renamed"
    CONNECTION_CHANGED = "connection-changed"
    FIELDS_MAPPED = "fields-mapped"
    PAUSED = "paused"
    RESUMED = "resumed"
    HOOK_SECRET_MADE = "hook-secret-made"  # noqa: S105 - what was done, no secret
    COLLEAGUE_ASKED = "colleague-asked"
    COLLEAGUE_WITHDRAWN = "colleague-withdrawn"
    WEBHOOK_ADDED = "webhook-added"
    WEBHOOK_CHANGED = "webhook-changed"
    WEBHOOK_PAUSED = "webhook-paused"
    WEBHOOK_RESUMED = "webhook-resumed"
    WEBHOOK_DELETED = "webhook-deleted"
    WEBHOOK_SECRET = "webhook-secret"  # noqa: S105
    TOKEN_MADE = "token-made"  # noqa: S105
    TOKEN_REVOKED = "token-revoked"  # noqa: S105
    PROVIDER_SAVED = "provider-saved"
    PROVIDER_DELETED = "provider-deleted"
    PROVIDER_ACCESS = "provider-access"
    DOMAIN_ADDED = "domain-added"
    DOMAIN_PROVED = "domain-proved"
    DOMAIN_REMOVED = "domain-removed"
    DOMAIN_LOST = "domain-lost"
    ORGANISATION_MADE = "organisation-made"
    PROFILE_CHANGED = "profile-changed"
    VIEW_SAVED = "view-saved"
    VIEW_RENAMED = "view-renamed"
    VIEW_DELETED = "view-deleted"
    LINK_MADE = "link-made"
    LINK_DELETED = "link-deleted"
    JOB_ADDED = "job-added"
    GREENHOUSE_TAKEN = "greenhouse-taken"
    DIFFERENCE_KEPT = "difference-kept"
    DIFFERENCE_SHOWN = "difference-shown"
    JOBS_PAIRED = "jobs-paired"
    PAIRS_DECLINED = "pairs-declined"
    PAIR_PARTED = "pair-parted"
    APPLICATION_SENT_AGAIN = "application-sent-again"
    APPLICATION_DELIVERED = "application-delivered"
    WEBHOOK_TESTED = "webhook-tested"
    WEBHOOK_SENT_AGAIN = "webhook-sent-again"
    TWO_STEP_REQUIRED = "two-step-required"
    TWO_STEP_NOT_REQUIRED = "two-step-not-required"
    TWO_STEP_ON = "two-step-on"
    TWO_STEP_OFF = "two-step-off"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105


WORDS: Final[Mapping[str, tuple[Kind, str]]] = MappingProxyType(
    {
        Action.SIGNED_IN: (Kind.SIGN_INS, "Signed in"),
        Action.INVITED: (Kind.PEOPLE, "Invited"),
        Action.INVITED_AGAIN: (Kind.PEOPLE, "Sent an invitation again"),
        Action.INVITATION_WITHDRAWN: (Kind.PEOPLE, "Withdrew an invitation"),
        Action.JOINED: (Kind.PEOPLE, "Joined"),
        Action.ROLE_CHANGED: (Kind.PEOPLE, "Changed a role"),
        Action.REMOVED: (Kind.PEOPLE, "Removed"),
        Action.LEFT: (Kind.PEOPLE, "Left"),
        Action.DISABLED: (Kind.PEOPLE, "Disabled an account"),
        Action.ENABLED: (Kind.PEOPLE, "Enabled an account"),
        Action.SITE_ADMIN_MADE: (Kind.PEOPLE, "Made a site admin"),
        Action.SITE_ADMIN_WITHDRAWN: (Kind.PEOPLE, "Withdrew a site admin’s rights"),
        Action.ACCOUNT_DELETED: (Kind.PEOPLE, "Deleted their account"),
        Action.EXPORTED: (Kind.FILES, "Exported"),
        Action.IMPORTED: (Kind.FILES, "Imported"),
        Action.CLOSINGS_APPROVED: (Kind.CLOSINGS, "Approved closings"),
        Action.CLOSINGS_DISCARDED: (Kind.CLOSINGS, "Discarded closings"),
        Action.CONNECTED: (Kind.CONNECTION, "Connected Greenhouse"),
        Action.DISCONNECTED: (Kind.CONNECTION, "Disconnected Greenhouse"),
        Action.KEY_REPLACED: (Kind.CONNECTION, "Replaced the API key"),
        Action.BOARD_RENAMED: (Kind.CONNECTION, "Renamed the board"),
        Action.CONNECTION_CHANGED: (Kind.CONNECTION, "Changed how it imports"),
        Action.FIELDS_MAPPED: (Kind.CONNECTION, "Mapped custom fields"),
        Action.PAUSED: (Kind.CONNECTION, "Paused syncing"),
        Action.RESUMED: (Kind.CONNECTION, "Resumed syncing"),
        Action.HOOK_SECRET_MADE: (Kind.CONNECTION, "Made a secret for Greenhouse’s webhook"),
        Action.COLLEAGUE_ASKED: (Kind.CONNECTION, "Asked a colleague for a key"),
        Action.COLLEAGUE_WITHDRAWN: (Kind.CONNECTION, "Withdrew the page for a colleague"),
        Action.WEBHOOK_ADDED: (Kind.WEBHOOKS, "Added a webhook"),
        Action.WEBHOOK_CHANGED: (Kind.WEBHOOKS, "Changed a webhook"),
        Action.WEBHOOK_PAUSED: (Kind.WEBHOOKS, "Paused a webhook"),
        Action.WEBHOOK_RESUMED: (Kind.WEBHOOKS, "Resumed a webhook"),
        Action.WEBHOOK_DELETED: (Kind.WEBHOOKS, "Deleted a webhook"),
        Action.WEBHOOK_SECRET: (Kind.WEBHOOKS, "Replaced a webhook’s secret"),
        Action.TOKEN_MADE: (Kind.TOKENS, "Made an API token"),
        Action.TOKEN_REVOKED: (Kind.TOKENS, "Revoked an API token"),
        Action.PROVIDER_SAVED: (Kind.SINGLE_SIGN_ON, "Saved the sign-in provider"),
        Action.PROVIDER_DELETED: (Kind.SINGLE_SIGN_ON, "Removed the sign-in provider"),
        Action.PROVIDER_ACCESS: (Kind.SINGLE_SIGN_ON, "Changed single sign-on"),
        Action.DOMAIN_ADDED: (Kind.SINGLE_SIGN_ON, "Added a domain"),
        Action.DOMAIN_PROVED: (Kind.SINGLE_SIGN_ON, "Proved a domain"),
        Action.DOMAIN_REMOVED: (Kind.SINGLE_SIGN_ON, "Removed a domain"),
        Action.DOMAIN_LOST: (Kind.SINGLE_SIGN_ON, "Found a domain’s record gone for a week"),
        Action.ORGANISATION_MADE: (Kind.SETTINGS, "Made the organisation"),
        Action.PROFILE_CHANGED: (Kind.SETTINGS, "Changed the profile"),
        Action.VIEW_SAVED: (Kind.SETTINGS, "Saved a view"),
        Action.VIEW_RENAMED: (Kind.SETTINGS, "Renamed a view"),
        Action.VIEW_DELETED: (Kind.SETTINGS, "Deleted a view"),
        Action.LINK_MADE: (Kind.SETTINGS, "Made a tracked link"),
        Action.LINK_DELETED: (Kind.SETTINGS, "Deleted a tracked link"),
        Action.JOB_ADDED: (Kind.EDITS, "Added a job"),
        Action.GREENHOUSE_TAKEN: (Kind.EDITS, "Took Greenhouse’s value"),
        Action.DIFFERENCE_KEPT: (Kind.EDITS, "Kept ours where Greenhouse differs"),
        Action.DIFFERENCE_SHOWN: (Kind.EDITS, "Had a difference from Greenhouse shown again"),
        Action.JOBS_PAIRED: (Kind.EDITS, "Made one job of two"),
        Action.PAIRS_DECLINED: (Kind.EDITS, "Kept two jobs apart"),
        Action.PAIR_PARTED: (Kind.EDITS, "Made two jobs of one again"),
        Action.APPLICATION_SENT_AGAIN: (Kind.APPLICATIONS, "Sent an application again"),
        Action.APPLICATION_DELIVERED: (Kind.APPLICATIONS, "Marked an application as delivered"),
        Action.WEBHOOK_TESTED: (Kind.WEBHOOKS, "Sent a test message"),
        Action.WEBHOOK_SENT_AGAIN: (Kind.WEBHOOKS, "Sent a message again"),
        Action.TWO_STEP_REQUIRED: (Kind.PEOPLE, "Required two-step sign-in"),
        Action.TWO_STEP_NOT_REQUIRED: (Kind.PEOPLE, "Required two-step sign-in no longer"),
        Action.TWO_STEP_ON: (Kind.SIGN_INS, "Switched two-step sign-in on"),
        Action.TWO_STEP_OFF: (Kind.SIGN_INS, "Switched two-step sign-in off"),
        Action.PASSKEY_ADDED: (Kind.SIGN_INS, "Added a passkey"),
        Action.PASSKEY_REMOVED: (Kind.SIGN_INS, "Removed a passkey"),
        Action.PASSWORD_CHANGED: (Kind.SIGN_INS, "Changed a password"),
    }
)


def actions_of(kind: Kind) -> list[str]:
    """Return the actions of a kind."""
    return [action for action, (each, _) in WORDS.items() if each is kind]


def coarse_network(address: str) -> str:
    """Return the network that an address lies in, so wide that it is nobody's alone: /24, or /48 of IPv6."""
    try:
        found = ip_address(address.partition("/")[0].partition("%")[0])
    except ValueError:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))
