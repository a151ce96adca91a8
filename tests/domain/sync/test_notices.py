"""The notice on automated tools."""

import pytest

from portal.domain.sync.following import label_of, value_words
from portal.domain.sync.posts import JobPost
from portal.domain.sync.prefill import AI_NOTICE, ai_notice

OPT_OUT = "https://app.example.com/opt_out/29"


def posted(**fields):
    return ai_notice(JobPost(1, "A", "B", **fields))


@pytest.mark.parametrize("said", [
    "<p><strong>AI:</strong> tools &amp; people</p>",
    "&lt;p&gt;&lt;strong&gt;AI:&lt;/strong&gt; tools &amp;amp; people&lt;/p&gt;",
])  # fmt: skip
def test_the_notice_is_read_escaped_or_not_with_its_way_to_opt_out(said):
    assert posted(include_ai_disclaimer=True, ai_disclaimer=said, ai_opt_out_request_url=OPT_OUT) == {
        AI_NOTICE: {"html": "<p><strong>AI:</strong> tools &amp; people</p>", "opt_out": OPT_OUT}
    }


def test_a_way_to_opt_out_is_shown_without_words_too():
    assert posted(include_ai_disclaimer=True, ai_opt_out_request_url=OPT_OUT) == {
        AI_NOTICE: {"html": "", "opt_out": OPT_OUT}
    }


@pytest.mark.parametrize("wanted", [None, False])
def test_nothing_is_shown_that_the_post_does_not_want(wanted):
    assert (
        posted(include_ai_disclaimer=wanted, ai_disclaimer="<p>AI</p>", ai_opt_out_request_url=OPT_OUT) == {}
    )
    assert posted(include_ai_disclaimer=True) == {}


def test_the_notice_is_cleaned_as_a_description_is():
    [notice] = posted(
        include_ai_disclaimer=True, ai_disclaimer="<p onclick=x>A<script>b</script></p>"
    ).values()
    assert notice == {"html": "<p>A</p>", "opt_out": None}


def test_a_change_of_it_is_told_in_words():
    assert label_of(AI_NOTICE) == "Notice on automated tools"
    assert value_words(AI_NOTICE, {"html": "<p>We use <b>tools</b>.</p>", "opt_out": OPT_OUT}) == (
        f"We use tools. · {OPT_OUT}"
    )
