"""The blueprint that every module of this folder adds its routes to."""

from flask import Blueprint

bp = Blueprint("jobs", __name__, url_prefix="/orgs/<org>/jobs")
