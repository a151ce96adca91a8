"""The tables, by subject."""

from portal.models.alerts import Alert, AlertMail, AlertReader, PublishedJob
from portal.models.applications import Application, ApplicationFile
from portal.models.audit import AuditEntry
from portal.models.base import Base
from portal.models.counts import FeedFetch, TrackedLink, Traffic
from portal.models.factors import Authenticator, Passkey, RecoveryCode
from portal.models.jobs import Edit, Job, JobImport, JobPair, SavedView
from portal.models.people import (
    LoginSession,
    Mail,
    Membership,
    OneTimeLink,
    Organisation,
    OrganisationLogo,
    User,
)
from portal.models.search import SearchNotice
from portal.models.single_sign_on import ExternalIdentity, MailDomain, SingleSignOn
from portal.models.sync import (
    BoardSnapshot,
    Connection,
    HeldClosing,
    SyncChange,
    SyncRun,
)
from portal.models.tokens import ApiToken
from portal.models.webhooks import ToldJob, ToldOrganisation, WebhookDelivery, WebhookEndpoint

__all__ = [
    "Alert",
    "AlertMail",
    "AlertReader",
    "ApiToken",
    "Application",
    "ApplicationFile",
    "AuditEntry",
    "Authenticator",
    "Base",
    "BoardSnapshot",
    "Connection",
    "Edit",
    "ExternalIdentity",
    "FeedFetch",
    "HeldClosing",
    "Job",
    "JobImport",
    "JobPair",
    "LoginSession",
    "Mail",
    "MailDomain",
    "Membership",
    "OneTimeLink",
    "Organisation",
    "OrganisationLogo",
    "Passkey",
    "PublishedJob",
    "RecoveryCode",
    "SavedView",
    "SearchNotice",
    "SingleSignOn",
    "SyncChange",
    "SyncRun",
    "ToldJob",
    "ToldOrganisation",
    "TrackedLink",
    "Traffic",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
]
