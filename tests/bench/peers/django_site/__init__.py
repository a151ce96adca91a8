"""Django's admin over the jobs: ``gunicorn tests.bench.peers.django_site.wsgi``."""
