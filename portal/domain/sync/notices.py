"""The notice on automated tools that a post wants shown, with the way to opt out of them."""

from typing import Any, Final

from portal.domain.descriptions.clean import clean_description, clean_foreign_html
from portal.domain.sync.posts import JobPost

AI_NOTICE: Final = "ai_notice"
"""Its name among what Greenhouse says of a job: ``html``, empty where the post has no words of its own, and
``opt_out``, an address or nothing."""


def ai_notice(post: JobPost) -> dict[str, Any]:
    """The notice, by its name; nothing where the post does not want one, or there is nothing to show."""
    if not post.include_ai_disclaimer:
        return {}
    said = (post.ai_disclaimer or "").strip()
    clean = clean_foreign_html if "<" in said else clean_description
    html, opt_out = clean(said, post.absolute_url), post.ai_opt_out_request_url
    return {AI_NOTICE: {"html": html, "opt_out": opt_out}} if html or opt_out else {}
