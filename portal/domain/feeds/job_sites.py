"""The feeds that job sites read, each in the XML that the site asks for.

Indeed: docs.indeed.com, "XML feed reference". LinkedIn: learn.microsoft.com, "XML feeds development guide".
Jooble: "XML feed specification".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from portal.domain.feeds.jobs import (
    DECLARATION,
    Feed,
    FeedJob,
    FeedPlace,
    cdata,
    cdata_each,
    element,
    plain_amount,
    salary_words,
    timestamp,
)
from portal.domain.jobs.fields import EmploymentType, WorkplaceType
from portal.domain.jobs.salary import Salary, SalaryPeriod

JobSite = Callable[[Feed, Iterable[FeedJob]], Iterator[str]]
LONGEST_LINKEDIN_TITLE: Final = 200

_INDEED_REMOTE: Final = {WorkplaceType.REMOTE: "Fully remote", WorkplaceType.HYBRID: "Hybrid remote"}
_LINKEDIN_PLACES: Final = {
    WorkplaceType.ONSITE: "On-site",
    WorkplaceType.HYBRID: "Hybrid",
    WorkplaceType.REMOTE: "Remote",
}
_LINKEDIN_PERIODS: Final = {
    SalaryPeriod.HOUR: "HOURLY",
    SalaryPeriod.DAY: "DAILY",
    SalaryPeriod.WEEK: "WEEKLY",
    SalaryPeriod.MONTH: "MONTHLY",
    SalaryPeriod.YEAR: "YEARLY",
}


def indeed(feed: Feed, jobs: Iterable[FeedJob]) -> Iterator[str]:
    """Yield the feed for Indeed, which many other sites read as well."""
    yield f"{DECLARATION}<source>\n{element('publisher', feed.site_name)}\n"
    yield f"{element('publisherurl', feed.site_address)}\n"
    yield f"{element('lastBuildDate', timestamp(feed.updated))}\n"
    for job in jobs:
        yield f"<job>\n{''.join(_indeed_job(feed, job))}</job>\n"
    yield "</source>\n"


def _indeed_job(feed: Feed, job: FeedJob) -> Iterator[str]:
    yield cdata("title", job.title)
    yield cdata("date", timestamp(job.opened_at))
    yield cdata("referencenumber", str(job.id))
    yield cdata("requisitionid", job.requisition_id or str(job.id))
    yield cdata("url", job.address)
    yield cdata("company", feed.organisation)
    yield cdata("sourcename", feed.organisation)
    yield from _address(job, "city", "state", "country")
    yield cdata("description", _description(job))
    yield cdata("salary", salary_words(job.salary) if job.salary else None)
    yield cdata("jobtype", _joined(job.employment_type))
    yield cdata("category", job.department)
    yield cdata("remotetype", _INDEED_REMOTE.get(job.workplace_type) if job.workplace_type else None)
    yield cdata("expirationdate", job.closes_on.isoformat() if job.closes_on else None)
    yield cdata("lastactivitydate", timestamp(job.updated))


def linkedin(feed: Feed, jobs: Iterable[FeedJob]) -> Iterator[str]:
    """Yield the feed for LinkedIn."""
    yield f"{DECLARATION}<source>\n{element('lastBuildDate', timestamp(feed.updated))}\n"
    yield f"{element('publisherURL', feed.site_address)}\n{element('publisher', feed.site_name)}\n"
    yield f"{element('expectedJobCount', str(feed.count))}\n"
    for job in jobs:
        yield f"<job>\n{''.join(_linkedin_job(feed, job))}</job>\n"
    yield "</source>\n"


def _linkedin_job(feed: Feed, job: FeedJob) -> Iterator[str]:
    yield cdata("partnerJobId", str(job.id))
    yield cdata("company", feed.organisation)
    yield cdata("title", job.title[:LONGEST_LINKEDIN_TITLE])
    yield cdata("description", _description(job))
    yield cdata("applyUrl", job.apply_url or job.address)
    yield cdata("companyId", feed.company_id)
    yield cdata("posterEmail", feed.poster_email)
    yield cdata("location", job.places[0].text if job.places else job.location)
    others = (place.text for place in job.places[1:])
    yield cdata_each("alternateLocations", "alternateLocation", others)
    yield from _address(job, "city", "state", "country")
    yield cdata("workplaceTypes", _LINKEDIN_PLACES[job.workplace_type] if job.workplace_type else None)
    yield cdata("jobtype", job.employment_type.upper() if job.employment_type else None)
    yield _linkedin_salary(job.salary) if job.salary else ""
    yield cdata("listDate", _american(job.opened_at.astimezone(feed.zone)))
    yield cdata("expirationDate", _american(job.closes_on) if job.closes_on else None)


def _linkedin_salary(salary: Salary) -> str:
    if not isinstance(salary.period, SalaryPeriod):  # LinkedIn knows no other
        return ""
    bounds = (("highEnd", salary.max_minor), ("lowEnd", salary.min_minor))
    said = "".join(
        f"<{name}>\n{cdata('amount', plain_amount(minor, salary.currency))}"
        f"{cdata('currencyCode', salary.currency)}</{name}>\n"
        for name, minor in bounds
        if minor is not None
    )
    period = cdata("period", _LINKEDIN_PERIODS[salary.period])
    return f"<salaries>\n<salary>\n{said}{period}{cdata('type', 'BASE_SALARY')}</salary>\n</salaries>\n"


def jooble(feed: Feed, jobs: Iterable[FeedJob]) -> Iterator[str]:
    """Yield the feed for Jooble."""
    yield f"{DECLARATION}<jobs>\n"
    for job in jobs:
        yield f'<job id="{job.id}">\n{"".join(_jooble_job(feed, job))}</job>\n'
    yield "</jobs>\n"


def _jooble_job(feed: Feed, job: FeedJob) -> Iterator[str]:
    yield cdata("link", job.address)
    yield cdata("name", job.title)
    yield cdata("region", "; ".join(place.text for place in job.places) or job.location)
    yield cdata("description", _description(job))
    yield cdata("pubdate", f"{job.opened_at.astimezone(feed.zone):%d.%m.%Y}")
    yield cdata("updated", f"{job.updated.astimezone(feed.zone):%d.%m.%Y}")
    yield cdata("salary", salary_words(job.salary) if job.salary else None)
    yield cdata("company", feed.organisation)
    yield cdata("expire", f"{job.closes_on:%d.%m.%Y}" if job.closes_on else None)
    yield cdata("jobtype", job.employment_type.label if job.employment_type else None)


def _description(job: FeedJob) -> str:
    """No site takes a job without one."""
    return job.description_html or job.summary or job.title


def _address(job: FeedJob, city: str, state: str, country: str) -> Iterator[str]:
    """The first place, since a job has one in these formats; with a town if there is one."""
    place = _first(job.places)
    if place is not None:
        yield cdata(city, place.town)
        yield cdata(state, place.state)
        yield cdata(country, place.country)


def _first(places: tuple[FeedPlace, ...]) -> FeedPlace | None:
    return next((place for place in places if place.town), next(iter(places), None))


def _joined(kind: EmploymentType | None) -> str | None:
    return None if kind in (None, EmploymentType.OTHER) else str(kind).replace("_", "")


def _american(day: date | datetime) -> str:
    return f"{day:%m/%d/%Y}"


JOB_SITES: Final[Mapping[str, JobSite]] = MappingProxyType(
    {"indeed": indeed, "linkedin": linkedin, "jooble": jooble}
)
