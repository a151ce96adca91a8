"""A site admin who signs in in two steps, and their browser."""

from flask import Flask

from portal.actions.site_admins import appoint
from portal.db import write
from portal.models import Authenticator, User
from tests.support.app import PortalClient, _client


def site_admin_of(app: Flask, user: User, *, in_two_steps: bool = True) -> PortalClient:
    """Make somebody a site admin; return their browser."""
    with app.app_context():
        appoint(user.email, wanted=True)
        if in_two_steps:
            with write() as session:
                session.add(Authenticator(user_id=user.id, secret_ciphertext=b"", last_step=0))
    return _client(app).become(user)
