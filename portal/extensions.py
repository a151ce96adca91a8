"""The Flask extensions, made once and bound to an application by ``create_app``."""

from typing import TYPE_CHECKING, cast

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy.orm import Session

from portal.models.base import Base


class RouteLimiter(Limiter):
    """Its limits stand at routes, which check them themselves: before all others it looks up none."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate(render_as_batch=True)
login_manager = LoginManager()
csrf = CSRFProtect()
htmx = Htmx()
limiter = RouteLimiter(key_func=get_remote_address)


def session() -> Session:
    """Return the request's (or the task's) database session."""
    return cast(Session, db.session())


if not TYPE_CHECKING:  # the login page names itself; a flashed English sentence would only repeat it
    login_manager.login_message = None
