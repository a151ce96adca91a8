"""The lists of jobs."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tests.bench.peers import table
from tests.bench.peers.django_site.models import Job, PlainJob


@admin.register(PlainJob)
class ReadOnlyJobs(admin.ModelAdmin):
    """The list, which nobody changes in place."""

    list_display = table.SHOWN
    list_filter = table.FILTERED
    search_fields = table.SEARCHED
    ordering = ("-changed_at",)
    list_per_page = table.PAGE

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Leave the descriptions, which no list shows, where they are."""
        return super().get_queryset(request).defer("description")


@admin.register(Job)
class EditableJobs(ReadOnlyJobs):
    """The list, its cells edited in place as on Manage jobs."""

    list_editable = table.EDITED_IN_PLACE
