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
PUBLIC = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Jobs</title></head><body>
<form><input name="q">{% for name, choices in filters.items() %}<select name="{{ name }}">
{% for value, count in choices %}<option value="{{ value }}">{{ value }} ({{ count }})</option>{% endfor %}
</select>{% endfor %}</form><p>{{ total }} jobs</p>
{% for row in rows %}<article><h3><a href="/public/{{ row.id }}">{{ row.title }}</a></h3>
<p>{{ row.department }} · {{ row.location }} · {{ row.workplace_type }} · {{ row.employment_type }}</p>
<p>{{ row.salary }} · {{ row.changed_at }}</p></article>{% endfor %}</body></html>"""
JOB = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ row.title }}</title></head>
<body>
<h1>{{ row.title }}</h1><p>{{ row.department }} · {{ row.location }} · {{ row.salary }}</p>
{{ row.description | safe }}</body></html>"""
FILTERS = ("department", "location", "workplace_type", "employment_type")

app = Flask(__name__)
templates = {"jobs.html": PAGE, "row.html": ROW, "public.html": PUBLIC, "job.html": JOB}
app.jinja_options = {"loader": DictLoader(templates)}
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


@app.get("/public")
def public() -> str:
    """The newest two hundred jobs that are shown, how many there are, and the choices of four filters."""
    ask, shown = database().execute, "FROM jobs WHERE state = 'shown'"
    total = ask(f"SELECT count(*) {shown}").fetchone()[0]
    filters = {
        name: ask(f"SELECT {name}, count(*) {shown} GROUP BY {name} ORDER BY {name}").fetchall()
        for name in FILTERS
    }
    rows = ask(f"SELECT {COLUMNS} {shown} ORDER BY department, changed_at DESC LIMIT 200").fetchall()
    return render_template("public.html", rows=rows, total=total, filters=filters)


@app.get("/public/<int:job_id>")
def public_job(job_id: int) -> str:
    """One job with its description."""
    row = database().execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return render_template("job.html", row=row)


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
