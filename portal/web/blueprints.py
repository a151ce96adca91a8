"""The blueprints whose routes stand in several modules."""

from flask import Blueprint

jobs = Blueprint("jobs", __name__, url_prefix="/orgs/<org>/jobs")
connection = Blueprint("connection", __name__, url_prefix="/orgs/<org>/greenhouse")
