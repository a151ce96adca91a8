"""What axe finds on a page as it stands, by the rules of WCAG 2.2 A and AA, in light and in dark."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

FAULTS = {"resultTypes": ["violations", "incomplete"]}
"""What passed is most of an answer: no selectors are made for it, and it is not sent."""
WCAG = FAULTS | {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "preload": {
        "assets": ["media"]
    },  # no rule of these reads style sheets, whose copies it would import anew
}
CONTRAST = FAULTS | {"runOnly": ["color-contrast"]}
RUN = """async ([wcag, contrast, within]) => {
    const seen = {};
    const exclude = [...document.querySelectorAll('tbody tr, li')].filter(each => {
        const kind = each.outerHTML.replace(/\\d+/g, '');
        seen[kind] = (seen[kind] ?? 0) + 1;
        return seen[kind] > 3;
    });
    const context = within ? {include: [within]} : {include: [document], exclude};
    const look = options => axe.run(context, options)
        .then(({violations, incomplete}) => ({violations, incomplete}));
    const root = document.documentElement;
    const light = await look(wcag);
    root.dataset.theme = 'dark';
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    await Promise.all(document.getAnimations().map(each => each.finished.catch(() => 0)));
    const dark = await look(contrast);
    root.dataset.theme = 'light';
    return [light, dark];
}"""
"""Of rows that differ in numbers alone three are looked at: a list of thirty would take most of the time.

Colours that are still on their way from light to dark have no contrast to measure.
"""


def light_and_dark(page: Page, within: str = "") -> list[dict[str, Any]]:
    """Return both answers of axe; in dark it is asked for contrast alone, which depends on the colours.

    Where the page as a whole is looked at elsewhere, ``within`` is the selector of what opened on it: the
    rest would take more than half of the time.

    The pages that the tab shows next have axe from the start: an evaluated script is sent and compiled anew
    for each, which takes a tenth of opening a page and looking at it.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
        page.add_init_script(Axe().axe_script)
    answers: list[dict[str, Any]] = page.evaluate(RUN, [WCAG, CONTRAST, within])
    return answers


def complaints(page: Page, within: str = "") -> list[str]:
    """What axe finds, each with where."""
    found = [fault for answer in light_and_dark(page, within) for fault in answer["violations"]]
    return [f"{fault['id']}: {node['html']}" for fault in found for node in fault["nodes"]]
