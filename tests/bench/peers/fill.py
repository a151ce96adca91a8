"""Fill the peers' file with the bare page's rows: ``python -m tests.bench.peers.fill bare.db``.

Prints, as JSON, the cookie of somebody who is signed in to each.
"""

import json
import os
import sys

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.peers.django_site.settings")
COPIED = (
    "title, department, location, workplace_type, employment_type, salary, state, changed_at,"
    " requisition_id, description"
)


def copy_jobs(bare: str) -> None:
    """Copy every row; all are Greenhouse's."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ATTACH %s AS bare", [bare])
        cursor.execute(f"INSERT INTO jobs({COPIED}, source) SELECT {COPIED}, 'greenhouse' FROM bare.jobs")
        cursor.execute("ANALYZE")


def django_cookie() -> str:
    """Sign a superuser in, as the login page does, and return their cookie."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore

    user = User.objects.create_superuser("bench", "bench@example.test", "bench")
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"sessionid={store.session_key}"


def flask_admin_cookie() -> str:
    """Return the cookie of a signed-in browser."""
    from tests.bench.peers.flask_admin_site import SIGNED_IN, app

    signer = app.session_interface.get_signing_serializer(app)
    return f"session={signer.dumps({SIGNED_IN: 1})}"


if __name__ == "__main__":
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    copy_jobs(sys.argv[1])
    print(json.dumps({"django": django_cookie(), "flask_admin": flask_admin_cookie()}))
