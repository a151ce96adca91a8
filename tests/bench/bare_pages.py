"""The floor of the pages: Flask, one table, raw SQL; no sign-in, no roles, no live changes.

``gunicorn tests.bench.bare_pages:app`` with the database in ``BARE_DB``.
"""

import os
import sqlite3
from pathlib import Path
from threading import local

from flask import Flask, render_template, request
from jinja2 import DictLoader

COLUMNS = "id, title, department, location, workplace_type, employment_type, salary, state, changed_at"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Jobs</title></head><body>
<form hx-get="/jobs" hx-target="tbody"><input name="q" value="{{ q }}">
<select name="department"><option></option>
{% for name in departments %}<option>{{ name }}</option>{% endfor %}</select></form>
<p>{{ total }} jobs</p><table><tbody>
{% for row in rows %}{% include "row.html" %}{% endfor %}</tbody></table>
<nav>{% for page in range(1, 6) %}<a href="/jobs?page={{ page }}">{{ page }}</a>{% endfor %}</nav>
</body></html>"""
ROW = """<tr id="job-{{ row.id }}"><td>{{ row.title }}</td>
<td><input name="department" value="{{ row.department }}"
 hx-post="/jobs/{{ row.id }}" hx-target="closest tr"></td>
<td><input name="location" value="{{ row.location }}"
 hx-post="/jobs/{{ row.id }}" hx-target="closest tr"></td>
<td>{{ row.workplace_type }}</td><td>{{ row.employment_type }}</td><td>{{ row.salary }}</td>
<td>{{ row.state }}</td><td>{{ row.changed_at }}</td></tr>"""

app = Flask(__name__)
app.jinja_options = {"loader": DictLoader({"jobs.html": PAGE, "row.html": ROW})}
_kept = local()


def database() -> sqlite3.Connection:
    """One connection a thread."""
    if not hasattr(_kept, "connection"):
        _kept.connection = sqlite3.connect(os.environ["BARE_DB"], isolation_level=None, timeout=20)
        _kept.connection.row_factory = sqlite3.Row
        _kept.connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
    connection: sqlite3.Connection = _kept.connection
    return connection


@app.get("/jobs")
def jobs() -> str:
    """Fifty rows of one query, their count, and the departments there are."""
    q, where, given = request.args.get("q", ""), "", []
    if q:
        where = " WHERE (title LIKE ? OR department LIKE ? OR location LIKE ? OR requisition_id LIKE ?)"
        given = [f"%{q}%"] * 4
    total = database().execute(f"SELECT count(*) FROM jobs{where}", given).fetchone()[0]
    rows = database().execute(f"SELECT {COLUMNS} FROM jobs{where} ORDER BY changed_at DESC LIMIT 50", given)
    departments = [row[0] for row in database().execute("SELECT DISTINCT department FROM jobs")]
    return render_template("jobs.html", rows=rows.fetchall(), total=total, departments=departments, q=q)


@app.post("/jobs/<int:job_id>")
def edit(job_id: int) -> str:
    """One UPDATE, answered with its row."""
    database().execute("UPDATE jobs SET location = ? WHERE id = ?", (request.form["value"], job_id))
    row = database().execute(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return render_template("row.html", row=row)


def make_database(path: Path, rows: list[tuple[object, ...]]) -> None:
    """Store the rows: ``COLUMNS`` without the id, then requisition and description."""
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE jobs(id INTEGER PRIMARY KEY, title, department, location,"
        " workplace_type, employment_type, salary, state, changed_at, requisition_id, description);"
        " CREATE INDEX by_change ON jobs(changed_at); CREATE INDEX by_department ON jobs(department);"
    )
    connection.executemany(f"INSERT INTO jobs VALUES(NULL{',?' * 10})", rows)
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()
