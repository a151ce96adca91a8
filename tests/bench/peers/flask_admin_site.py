"""Flask-Admin's list view of the jobs: ``gunicorn tests.bench.peers.flask_admin_site:app``."""

from datetime import datetime
from typing import Any

from flask import Flask, session
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Text, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.bench.peers import table

SIGNED_IN = "user"


class Base(DeclarativeBase):
    """The one table."""


db = SQLAlchemy(model_class=Base)


class Job(db.Model):
    """One job, as Django's migration made the table."""

    __tablename__ = table.TABLE

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    department: Mapped[str]
    location: Mapped[str]
    workplace_type: Mapped[str]
    employment_type: Mapped[str]
    salary: Mapped[str]
    state: Mapped[str]
    changed_at: Mapped[datetime]
    requisition_id: Mapped[str]
    source: Mapped[str]
    description: Mapped[str] = mapped_column(Text, deferred=True)


class ReadOnlyJobs(ModelView):
    """The list, which nobody changes in place."""

    page_size = table.PAGE
    column_list = table.SHOWN
    column_searchable_list = table.SEARCHED
    column_filters = table.FILTERED
    column_choices = table.CHOICES
    column_default_sort = ("changed_at", True)
    named_filter_urls = True

    def is_accessible(self) -> bool:
        """Whether somebody is signed in; Flask-Admin leaves to the application how."""
        return SIGNED_IN in session


class EditableJobs(ReadOnlyJobs):
    """The list, its cells edited in place as on Manage jobs."""

    column_editable_list = table.EDITED_IN_PLACE
    form_choices = table.CHOICES


def make_app() -> Flask:
    """Return the application with both lists."""
    made = Flask(__name__)
    made.config["SECRET_KEY"] = "bench-bench-bench-bench-bench-bench-bench"
    made.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{table.DATABASE}"
    made.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": table.WAIT_SECONDS}}
    db.init_app(made)
    with made.app_context():
        event.listen(db.engine, "connect", _prepare)
    admin = Admin(made, name="Jobs")
    admin.add_view(EditableJobs(Job, db, endpoint="jobs"))
    admin.add_view(ReadOnlyJobs(Job, db, endpoint="plain"))
    return made


def _prepare(connection: Any, _record: Any) -> None:
    connection.executescript(table.PRAGMAS)


app = make_app()
