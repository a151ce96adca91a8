"""Languages, and which way their texts run."""

import pytest

from portal.domain.languages import direction_of, language_tag, with_directions


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("de", "de"),
        ("EN-us", "en-US"),
        ("pt_br.UTF-8", "pt-BR"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        (" he ", "he"),
        ("de-CH-1996", "de-CH-1996"),
        ("English", None),
        ("x", None),
        ("", None),
        (None, None),
        ('de" onclick="x', None),
        ("de-" + "a" * 40, None),
    ],
)
def test_a_language_is_a_tag_that_html_knows_or_none(said, tag):
    assert language_tag(said) == tag


@pytest.mark.parametrize("language", ["he", "ar", "fa-IR", "ur", "az-Arab", "yi"])
def test_texts_of_some_languages_run_right_to_left_whatever_they_begin_with(language):
    assert direction_of("C++ מהנדס", language) == direction_of("IT مهندس", language) == "rtl"


@pytest.mark.parametrize(
    ("text", "language"), [("C++ Engineer (Tel Aviv)", "he"), ("מהנדס", "en"), ("מהנדס", None), ("x", "qqq")]
)
def test_any_other_text_runs_as_its_first_letter_does(text, language):
    assert direction_of(text, language) == "auto"


@pytest.mark.parametrize(
    ("html", "directed"),
    [
        ("מהנדס C++", 'מהנדס <bdi dir="ltr">C++</bdi>'),
        ("<li>C# יתרון</li>", '<li><bdi dir="ltr">C#</bdi> יתרון</li>'),
        ("<p>דרוש ניסיון</p><p>We hire.</p>", '<p dir="rtl">דרוש ניסיון</p><p dir="ltr">We hire.</p>'),
        ("<p>ניסיון ב-Python</p>", "<p>ניסיון ב-Python</p>"),
        ('<p dir="ltr">של</p>', '<p dir="ltr">של</p>'),
        (
            '<a href="https://a.example/?q=C++" rel="x">של</a>',
            '<a href="https://a.example/?q=C++" rel="x">של</a>',
        ),
        ("R&amp;D של 5+", "R&amp;D של 5+"),
        ("<p>C++ Engineer.</p>", "<p>C++ Engineer.</p>"),
    ],
)
def test_names_with_signs_and_blocks_of_one_script_run_by_themselves(html, directed):
    assert with_directions(html) == directed
