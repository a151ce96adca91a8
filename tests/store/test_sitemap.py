"""What a sitemap lists, on both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import Flask

from portal.store.public.sitemap import SiteJobs, jobs_of_sites, sitemap_jobs, sites
from tests.support.app import Cast

MakeJob = Callable[..., int]
LONG_AGO, LATER = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 11, 28), date(2026, 11, 29)


def test_jobs_are_open_by_the_date_of_their_organisations_zone(
    app: Flask, cast: Cast, make_job: MakeJob
) -> None:
    old = {"page_changed_at": LONG_AGO}
    ours = [make_job(**old), make_job(closes_on=TODAY, page_changed_at=LATER)]
    theirs = make_job(organisation_id=cast.cafe.id, page_changed_at=LATER)
    make_job(listed=False, closed_at=LONG_AGO)
    make_job(visibility="hidden", page_changed_at=datetime.now(UTC))
    make_job(merged_into_id=theirs, page_changed_at=datetime.now(UTC))
    with app.app_context():
        assert [site.slug for site in sites()] == ["northwind", "cafe-nord"]
        today, tomorrow = [(TODAY, ["UTC"])], [(TOMORROW, ["UTC"])]
        assert jobs_of_sites(today) == {
            cast.northwind.id: SiteJobs(2, LATER, None),
            cast.cafe.id: SiteJobs(1, LATER, None),
        }
        assert jobs_of_sites(tomorrow)[cast.northwind.id] == SiteJobs(1, LONG_AGO, TODAY)
        assert jobs_of_sites([(TODAY, ["Asia/Tokyo"]), (TOMORROW, ["UTC"])]) == jobs_of_sites(tomorrow)
        listed = [tuple(job) for job in sitemap_jobs(today, limit=9, offset=0)]
        assert listed == [
            (cast.northwind.id, ours[0], LONG_AGO),
            (cast.northwind.id, ours[1], LATER),
            (cast.cafe.id, theirs, LATER),
        ]
        assert [tuple(job) for job in sitemap_jobs(today, limit=1, offset=1)] == listed[1:2]
