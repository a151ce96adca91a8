"""The one table."""

from django.db import models

from tests.bench.peers.table import CHOICES, TABLE


class Job(models.Model):
    """One job; every column that is filtered or sorted by has an index."""

    title = models.CharField(max_length=500)
    department = models.CharField(max_length=200, db_index=True)
    location = models.CharField(max_length=300, db_index=True)
    workplace_type = models.CharField(max_length=16, choices=CHOICES["workplace_type"], db_index=True)
    employment_type = models.CharField(max_length=16, choices=CHOICES["employment_type"], db_index=True)
    salary = models.CharField(max_length=100)
    state = models.CharField(max_length=16, choices=CHOICES["state"], db_index=True)
    changed_at = models.DateTimeField("changed", db_index=True)
    requisition_id = models.CharField(max_length=200)
    source = models.CharField(max_length=16, choices=CHOICES["source"], db_index=True)
    description = models.TextField()

    class Meta:
        """The table that Flask-Admin lists as well."""

        db_table = TABLE

    def __str__(self) -> str:
        return self.title


class PlainJob(Job):
    """The same rows, for a list that nobody changes in place."""

    class Meta:
        """No table of its own."""

        proxy = True
