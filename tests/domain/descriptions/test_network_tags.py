import pytest

from portal.domain.descriptions.clean import clean_description
from portal.domain.descriptions.markup import network_tags

HELLO = "<p>Hello there</p>"


@pytest.mark.parametrize(
    ("content", "tags"),
    [
        ("<p>Hello</p><p>#LI-Hybrid</p>", ["hybrid"]),
        ("<p>Hello</p><p>#li-hybrid</p>", ["hybrid"]),
        ("&lt;p&gt;Hello&lt;/p&gt;&lt;p&gt;#LI-REMOTE&lt;br&gt;#LI-AB1&lt;/p&gt;", ["remote", "ab1"]),
        ("<strong>#LI-On-site </strong>", ["on-site"]),
        ("<p># LI–Remote #BI-Remote</p>", ["remote"]),
        ("<p>#LI&ndash;Hybrid</p>", ["hybrid"]),
        ("<p>Write C# or #LIFE</p>", []),
        ('<a href="#LI-Remote">Jump</a> <a href="https://example.com/x#LI-Remote">On</a>', []),
        ("", []),
    ],
)
def test_the_tags_of_a_description_are_read_whatever_the_markup_around_them(content, tags):
    assert network_tags(content) == tags


@pytest.mark.parametrize(
    "tags",
    [
        "<p>#LI-Hybrid</p>",
        "<p><strong>#LI-Remote </strong></p>",
        "<h3>#LI-PC1</h3>",
        "<p>#LI-DNI<br>#LI-AB1</p>",
        "<p>#LI-Hybrid #LI-AB1&nbsp;</p>",
        "<div><span>#BI-Remote</span></div>",
        "<ul><li>#LI-Remote</li></ul>",
    ],
)
def test_tags_are_not_shown_and_leave_no_empty_paragraph(tags):
    assert clean_description(HELLO + tags) == HELLO


def test_the_words_around_a_tag_stay():
    assert clean_description("<p>Join us! #LI-Remote</p>") == "<p>Join us!</p>"
    assert clean_description("<p>Write C# at #LIFE</p>") == "<p>Write C# at #LIFE</p>"
