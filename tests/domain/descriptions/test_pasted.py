"""What word processors put on the clipboard, as Markdown."""

from portal.domain.descriptions.markdown import markdown_of_pasted

WORD = """<html xmlns:o="urn:x"><head><style>p {margin: 0}</style></head><body>
<!--StartFragment--><p class=MsoTitle>Welder<o:p></o:p></p>
<h2>Tasks</h2><p class=MsoNormal style='margin:0'>You <b>weld</b> the
masts &nbsp;<span lang=EN-GB style='font-weight:700'>well</span><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1
lfo1'><![if !supportLists]><span style='font-family:Symbol'><span
style='mso-list:Ignore'>\u00b7<span>&nbsp;&nbsp; </span></span></span><![endif]>One</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span
 style='mso-list:Ignore'>o</span>Inner</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><!--[if !supportLists]--><span
style='mso-list:Ignore'>\u00b7</span><!--[endif]-->Two</p>
<p class=MsoNormal>Then:</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span
style='mso-list:Ignore'>1.<span>&nbsp;</span></span>First</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>2.</span>Second</p>
<!--EndFragment--></body></html>"""

DOCS = (
    '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr">'
    '<span style="font-weight:700;">Bold</span><span style="font-weight:400;"> and </span>'
    '<span style="font-style:italic">slanted</span></p><ul><li dir="ltr"><p dir="ltr">'
    "<span>One</span></p></li><li><p><span>Two</span></p></li></ul></b>"
)


def test_word_becomes_headings_paragraphs_and_lists():
    assert markdown_of_pasted(WORD) == (
        "## Welder\n\n### Tasks\n\nYou **weld** the masts **well**\n\n- One\n  - Inner\n- Two\n\nThen:\n\n"
        "1. First\n2. Second"
    )


def test_google_docs_keeps_its_bold_and_not_its_wrapper():
    assert markdown_of_pasted(DOCS) == "**Bold** and *slanted*\n\n- One\n- Two"


def test_google_docs_keeps_the_levels_of_its_lists():
    pasted = (
        "<ul><li><p>One</p></li><ul><li><p>Inner</p></li><ol><li>Deep</li><li>Deeper</li></ol>"
        "<li>Inner too</li></ul><li>Two</li></ul>"
    )
    assert markdown_of_pasted(pasted) == (
        "- One\n  - Inner\n    1. Deep\n    2. Deeper\n  - Inner too\n- Two"
    )


def test_an_inner_list_that_belongs_to_no_item_keeps_its_items():
    assert markdown_of_pasted("<ul><ul><li>One</li></ul><li>Two</li></ul>") == "- One\n- Two"


def test_nothing_of_a_script_or_a_style_comes_along():
    assert markdown_of_pasted("<style>p{}</style><script>alert(1)</script><p onclick=x>Yes</p>") == "Yes"
    assert markdown_of_pasted("plain") == "plain"
    assert markdown_of_pasted("<style>only</style>") == ""


def test_what_nests_without_end_ends():
    assert markdown_of_pasted("<div>" * 2_400 + "deep" + "</div>" * 2_400) == "deep"
    assert markdown_of_pasted("<p style='mso-list:l0 level9 lfo1'>Deep</p>") == "- Deep"
