"""What admins are told of applications by mail; never who applied."""

from dataclasses import dataclass

from portal.domain.mails import Letter, Link


@dataclass(frozen=True, slots=True)
class About:
    """What a mail is about. The addresses are whole."""

    organisation: str
    applications_url: str
    settings_url: str


def undelivered(about: About, waiting: int) -> Letter:
    """Say that applications could not be delivered."""
    wait = "1 application" if waiting == 1 else f"{waiting:,} applications"
    return Letter(
        about.organisation,
        f"{wait} could not be delivered to Greenhouse",
        (
            f"Somebody applied for a job of {about.organisation}, and Greenhouse did not take the "
            f"application, or it is not certain that it did. {wait} "
            f"{'waits' if waiting == 1 else 'wait'} for your decision, and "
            f"{'is' if waiting == 1 else 'each is'} deleted 30 days after it was written.",
        ),
        button=Link("Look at it" if waiting == 1 else "Look at them", about.applications_url),
        footer=f"You get this, at most once a day, because you are an admin of {about.organisation}.",
    )


def confirmation(organisation: str, job: str, link: str) -> Letter:
    """Ask whoever applied to confirm it."""
    return Letter(
        organisation,
        f"Confirm your application to {organisation}",
        (
            f"Somebody applied for “{job}” at {organisation} with this address. If it was you, confirm it, "
            "and your application is sent.",
        ),
        button=Link("Confirm my application", link),
        note="The link is good for two days. Without it your application is deleted.",
        footer="If it was not you, there is nothing to do.",
    )


def switched_off(about: About) -> Letter:
    """Say that nobody can apply here any more, since the key is rejected."""
    return Letter(
        about.organisation,
        f"Greenhouse rejects the API key of {about.organisation}",
        (
            "Greenhouse rejected the API key. People can no longer apply on your own pages: "
            "“Apply here” is switched off, and jobs lead to the form at Greenhouse again.",
            "Enter another key of type “Job Board”, then switch “Apply here” on again. "
            "Applications that were not delivered can be sent again then.",
        ),
        button=Link("Greenhouse settings", about.settings_url),
        links=(Link("Applications that were not delivered", about.applications_url),),
        footer=f"You get this because you are an admin of {about.organisation}.",
    )
