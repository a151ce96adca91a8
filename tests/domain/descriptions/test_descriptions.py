import html
import re
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.descriptions.clean import MOST_CHARACTERS, clean_description, clean_own_html, text_of
from portal.domain.descriptions.limits import MOST_DEPTH, MOST_TAGS
from portal.domain.descriptions.markup import without_network_tags

HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    "<a href='javascript:alert(1)'>a</a>",
    "<a href='java\tscript:alert(1)'>a</a>",
    "<a href=' &#106;avascript:alert(1)'>a</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
    "<a href='vbscript:x' hx-get='/orgs/acme' hx-trigger='load'>a</a>",
    "<div data-hx-post='/logout' data-hx-trigger='load' data-x=1>a</div>",
    "<p hx-on:click='alert(1)' _='on click' x-data='{}' @click='y' :class='z'>a</p>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'><link rel=stylesheet href=//evil.example>",
    "<style>body{display:none}</style><p style='position:fixed' class='modal show' id='main'>a</p>",
    "<form action='https://evil.example'><input name=password><button formaction=x>Go</button></form>",
    "<iframe srcdoc='<script>alert(1)</script>' src='https://evil.example'></iframe>",
    "<iframe src='https://www.youtube.com.evil.example/embed/x'></iframe>",
    "<iframe src='https://www.youtube.com/embed/x/../../evil'></iframe>",
    "<iframe src='javascript:alert(1)'><iframe src='https://evil.example'></iframe></iframe>",
    "<iframe src='https://player.vimeo.com/video/1' onload='alert(1)' name=x sandbox allow=camera></iframe>",
    "<iframe src='https://player.vimeo.com/video/1'></ifr<p></p>ame><img src=x onerror=alert(1)></iframe>",
    "<svg onload=alert(1)><animate onbegin=alert(1)><a xlink:href='javascript:alert(1)'>a</a></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp><plaintext><script>",
    "<object data=x><embed src=y><applet code=z><param name=p></object><video src=x onerror=y></video>",
    "<p>&nbsp;<p><scr<p></p>ipt>alert(1)</scr<p></p>ipt>",
    "<a href='https://e.example' target=_top rel=opener ping=//evil.example download>a</a>",
    "<!--[if IE]><script>alert(1)</script><![endif]--><![CDATA[<script>alert(1)</script>]]>",
    "<h1 onclick=x>a</h1><header id=y hx-get=z>b</header><center style=x>c</center>",
    "<span style='font-weight:bold'><script>alert(1)</script><img src=x onerror=alert(1)></span>",
    "<b style='font-weight:normal' onclick=x><a href='javascript:alert(1)'>a</a></b><h4 hx-get=x>a</h4>",
    "<p style='font-weight:bold'><![foo[ <script>alert(1)</script>",
    "<a href='#' onclick='alert(1)'>Read more</a><h3><p></p><scr<h3></h3>ipt>alert(1)</script></h3>",
    "<ol type='a\" onclick=x' start='1;x'><li value='javascript:x' class=ql-indent-1 onclick=x>a</li></ol>",
    "<p style='mso-list:l0 level2' onclick=alert(1)>· <script>alert(1)</script><img src=x onerror=y></p>",
    "<p>•&nbsp;<a href='/x' onclick=alert(1)>a</a></p><p>• <iframe srcdoc=x></iframe><svg onload=y></p>",
    "<p style='direction:rtl' dir='x' lang='a b' hx-get=z>a</p><td colspan='9999' scope=x>b</td>",
    "<li><ul onclick=x><li data-list='bullet\"><script>alert(1)</script>'>a</li></ul></li>",
    "<frameset><frame src=javascript:alert(1)></frameset><body onload=alert(1)><html hx-boost=true>",
]
ATTRIBUTES = {
    "lang", "dir", "href", "title", "rel", "datetime", "start", "reversed", "type", "value", "colspan",
    "rowspan", "scope", "src", "alt", "width", "height", "allowfullscreen",
}  # fmt: skip
ELEMENTS = {
    "p", "div", "section", "article", "blockquote", "pre", "hr", "br", "wbr", "figure", "figcaption",
    "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "details", "summary",
    "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
    "a", "strong", "b", "em", "i", "u", "s", "del", "ins", "mark", "small", "sub", "sup",
    "code", "kbd", "samp", "var", "abbr", "cite", "q", "time", "img", "iframe",
}  # fmt: skip
VALUES = {
    "dir": "(?i)ltr|rtl|auto", "lang": "[a-zA-Z-0-9]+", "type": "[1aAiI]", "start": "-?[0-9]+",
    "value": "-?[0-9]+", "colspan": "[0-9]{1,3}", "rowspan": "[0-9]{1,3}", "scope": "(?i)(row|col)(group)?",
}  # fmt: skip
VIDEO_HOSTS = ("https://www.youtube-nocookie.com/embed/", "https://player.vimeo.com/video/")
PIECES = [
    "<p>", "</p>", "<strong>", "</strong>", "<td>", "<table>", "<li>", "<ul>", "<a href='x:y'>", "</a>",
    "<svg>", "<math>", "<style>", "<iframe>", "</iframe>", "&nbsp;", "&lt;", "&amp;lt;",
    "<!--", "-->", "<", "'", '"', "<i", ">", "<h2>", "<h5>", "</h5>", "</h2>", "<div>", "</div>", "<br>",
    "<ul>", "</ul>", "<ol type=a>", "<li class=ql-indent-1>", "<p>• ", "<p>- ",
    "<p style='mso-list:l0 level2'>",
    "<span style='font-weight:bold'>", "<p style='font-style:italic'>", "</span>", "<a href='#'>Read more</a",
]  # fmt: skip
tag_soup = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.sampled_from(PIECES), st.text(max_size=12)), max_size=12
).map("".join)


class Seen(HTMLParser):
    """What a reader of HTML sees: the elements with their attributes, and the text between them."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.elements, self.text = [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def assert_harmless(cleaned):
    for tag, attributes in Seen(cleaned).elements:
        assert tag in ELEMENTS
        assert set(attributes) <= ATTRIBUTES
        assert all(re.fullmatch(VALUES[name], value) for name, value in attributes.items() if name in VALUES)
        assert (attributes["href"] if tag == "a" else "https:").startswith(
            ("https:", "http:", "mailto:", "tel:")
        )
        if tag == "a":
            assert attributes["rel"] == "noopener noreferrer nofollow"
        if tag == "iframe":
            assert attributes["src"].startswith(VIDEO_HOSTS)
            assert attributes["title"]
        if tag == "img":
            assert attributes["src"].startswith("https://")
            assert "alt" in attributes


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize("unsafe", HOSTILE)
def test_nothing_hostile_survives_escaped_or_not(unsafe):
    assert_harmless(clean_own_html(unsafe))
    assert clean_description(html.escape(unsafe)) == clean_description(html.escape(unsafe, quote=False))
    assert_harmless(clean_description(html.escape(unsafe)))


@settings(deadline=None)  # other work on the machine is no fault of the text
@given(tag_soup)
def test_no_mixture_of_tags_is_harmful_and_cleaning_again_changes_nothing(soup):
    cleaned = clean_own_html(soup)
    assert_harmless(cleaned)
    assert clean_own_html(cleaned) == cleaned
    assert_harmless(clean_description(soup))
    assert_harmless(clean_description(html.escape(soup)))


@given(st.text(alphabet=st.sampled_from("&<>\"'ltgquoamp;#39x&;AE \xa0é"), max_size=60))
def test_entities_are_unescaped_exactly_once(content):
    assert clean_description(content) == clean_own_html_once(html.unescape(content))


def clean_own_html_once(unescaped):
    # an "&" that stands for itself in HTML is escaped again, so that unescaping gives the same text back
    return clean_description(unescaped.replace("&", "&amp;"))


def test_what_was_escaped_twice_stays_text():
    cleaned = clean_description("&lt;p&gt;&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;&lt;/p&gt;")
    assert cleaned == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
    assert text_of(cleaned) == "<script>alert(1)</script>"


def test_the_content_of_scripts_and_styles_goes_with_them():
    assert clean_own_html("a<script>b</script><style>c</style><svg><text>d</text></svg>e") == "ae"


def test_what_a_job_needs_is_kept():
    kept = (
        "<h2>You</h2><p>Some <strong>bold</strong>, <em>italic</em>, <code>code</code><br>"
        '<a href="mailto:jobs@acme.example" rel="noopener noreferrer nofollow">mail</a></p><hr>'
        '<ul><li>one</li></ul><ol start="3"><li>three</li></ol><blockquote>So</blockquote>'
        '<table><thead><tr><th scope="col">a</th></tr></thead>'
        '<tbody><tr><td colspan="2">b</td></tr></tbody></table>'
        '<img src="https://acme.example/a.png" alt="Us" width="80%" height="40">'
        '<iframe src="https://player.vimeo.com/video/12?h=ab" title="Tour" width="560" height="314"></iframe>'
    )
    assert clean_own_html(kept) == kept
    assert clean_description(html.escape(kept)) == kept


@pytest.mark.parametrize("address", [
    "https://www.youtube.com/embed/ufnDZIWpcjg", "//www.youtube.com/embed/ufnDZIWpcjg",
    "http://youtube.com/embed/ufnDZIWpcjg", "https://www.youtube-nocookie.com/embed/ufnDZIWpcjg",
])  # fmt: skip
def test_a_youtube_video_comes_from_the_host_without_cookies_and_has_a_title(address):
    cleaned = clean_own_html(f'<iframe src="{address}" width="560" allow="camera" allowfullscreen></iframe>')
    assert cleaned == (
        '<iframe src="https://www.youtube-nocookie.com/embed/ufnDZIWpcjg" width="560" allowfullscreen=""'
        ' title="Video"></iframe>'
    )


def test_an_image_over_http_is_asked_for_over_https_and_one_without_address_goes():
    assert (
        clean_own_html("<img src='http://a.example/b.png' style=x>")
        == '<img src="https://a.example/b.png" alt="">'
    )
    assert clean_own_html("<p>a<img src='data:image/png;base64,xx'><img alt=x></p>") == "<p>a</p>"


@pytest.mark.parametrize("empty", [
    "<p></p>", "<p>&nbsp;</p>", "<p>\xa0 \n</p>", "<P class=x>&nbsp;</P>", "<p><br></p>", "<p><br /></p>",
    "<p style='a'><span style='b'>&nbsp;</span></p>", "<p><strong><em>&nbsp;</em></strong></p>",
    "<p><script>x</script></p>", "<p><img src=data:x></p>",
])  # fmt: skip
def test_empty_paragraphs_go(empty):
    assert clean_own_html(f"<p>a</p>{empty}<p>b</p>") == "<p>a</p><p>b</p>"


def test_an_emphasis_that_ends_in_an_empty_paragraph_still_ends_there():
    assert text_of(clean_own_html("<p><b>a</p><p></b></p><p>c</p>")) == "a c"
    assert "<b>c" not in clean_own_html("<p><b>a</p><p></b></p><p>c</p>")


def test_the_page_keeps_one_first_heading_and_its_own_landmarks():
    assert clean_own_html("<h1>a</h1><header><nav>b</nav></header><h10>c</h10>") == (
        "<h2>a</h2><div><div>b</div></div>c"
    )


@pytest.mark.parametrize(
    ("cleaned", "text"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("<ul><li>a</li><li>b</li></ul>c<br>d", "a b c d"),
        ("b<strong>ol</strong>d", "bold"),
        ("<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>", "a b"),
        ('x<a href="https://e.example/?a>b" rel="nofollow">y</a>', "xy"),
        ("R&amp;D &lt;3&nbsp;&nbsp;years", "R&D <3 years"),
        ("", ""),
    ],
)
def test_the_text_of_a_description_has_its_words_apart(cleaned, text):
    assert text_of(cleaned) == text


def test_tags_nest_so_deep_and_are_so_many_at_most_and_no_word_is_lost():
    deep = clean_own_html("<ul><li>" * 100_000 + "word")
    assert text_of(deep) == "word"
    assert MOST_DEPTH - 2 < deep.count("<ul>") + deep.count("<li>") <= MOST_DEPTH
    many = clean_own_html("<p>a <i>b</i></p>" * 10_000)
    assert text_of(many) == " ".join(["a b"] * 10_000)
    assert many.count("<p>") + many.count("<i>") == MOST_TAGS


BOMB = "<p>" + "".join(f"<b a{n}>" for n in range(2_400)) + "<p>x" * 2_400
"""A parser opens every one of the elements again in each paragraph: 30 KB become 40 million characters."""


@pytest.mark.parametrize("bomb", [
    BOMB, BOMB.replace("<p>x", "<p>x<!-- </b> -->"), BOMB.replace("<b a", "<i title="), f"<table>{BOMB}",
    BOMB.replace("<p>x", "<li>x"), BOMB.replace("<p>x", "<div><marquee></div></marquee>x"),
    BOMB[: len(BOMB) // 8] + "<p>x" * 150,
])  # fmt: skip
def test_cleaning_makes_little_more_of_a_text_than_there_was(bomb):
    for cleaned in (clean_own_html(bomb), clean_description(html.escape(bomb))):
        assert len(cleaned) < 4 * len(bomb)
        assert text_of(cleaned).count("x") == bomb.count("x")


@pytest.mark.parametrize("name", ["b", "code", "em", "i", "s", "small", "strong", "u", "B", "Strong"])
def test_no_element_that_a_parser_opens_again_makes_much_of_a_short_text(name):
    few = "".join(f"<{name} a{n}><p>word" for n in range(150))
    assert len(clean_own_html(few)) < 2 * len(few)


def test_what_would_be_too_long_with_its_markup_is_left_without():
    long = "".join(f'<a href="https://a.example/{"b" * 90}{n}">word</a> ' for n in range(2_000))
    assert len(long) > MOST_CHARACTERS
    assert clean_description(html.escape(long)) == f"<p>{' '.join(['word'] * 2_000)}</p>"


@pytest.mark.parametrize("address", [
    "https://known.example@evil.example/", "HTTPS:known.example@evil.example", "//known.example@evil.example",
    "https:\\\\known.example@evil.example", "https://known\n.example@evil.example", " https://a:b@evil.example",
])  # fmt: skip
def test_no_address_names_a_user_before_its_host(address):
    assert clean_own_html(f'<a href="{address}">x</a>') == "x"
    assert clean_own_html(f'<p>a<img src="{address}"></p>') == "<p>a</p>"


@pytest.mark.parametrize(
    "address", ["mailto:a@b.example", "https://a.example/@b?c@d", "https://a.example?b@c"]
)
def test_an_at_sign_that_names_no_user_stays(address):
    assert f'href="{address}"' in clean_own_html(f'<a href="{address}">x</a>')


def test_every_word_of_the_boards_but_tags_for_networks_is_kept(cleaned_posts):
    for content, cleaned in cleaned_posts.items():
        seen = Seen(without_network_tags(html.unescape(content)))
        assert squeezed(text_of(cleaned)) == squeezed("".join(seen.text))
        assert_harmless(cleaned)
        assert clean_own_html(cleaned) == cleaned


def test_the_boards_come_out_as_by_the_plain_library_where_only_text_counts(cleaned_posts):
    for content, cleaned in cleaned_posts.items():
        plain = nh3.clean(without_network_tags(html.unescape(content)))
        assert squeezed(text_of(cleaned)) == squeezed(text_of(plain))
