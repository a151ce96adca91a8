"""Texts that a page must show and never carry out, and what shows in a browser that it did more."""

from typing import Final

from playwright.sync_api import Dialog, Page

NARROW: Final = {"width": 390, "height": 844}
MARKUP: Final = "\u202e'\"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}\u2066\u200b"
LONG: Final = "W" * 400
ENDLESS: Final = "a\0<b>" + "Ω" * 100 + "\ufdfd" * 100

_TOO_WIDE: Final = """() => {
    const root = document.documentElement;
    const scrolls = (each) => each !== root && each !== document.body
        && (getComputedStyle(each).overflowX !== "visible" || scrolls(each.parentElement));
    const reaches = (each) => each.getBoundingClientRect().right > innerWidth + 1;
    return root.scrollWidth <= innerWidth ? [] : [...document.body.querySelectorAll("*")]
        .filter((each) => reaches(each) && !scrolls(each.parentElement))
        .map((each) => each.outerHTML.slice(0, 120)).slice(0, 4);
}"""


class Watched:
    """A page in a narrow window, with every dialog that it opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialogs: list[str] = []
        page.on("dialog", self._dismiss)
        page.set_viewport_size(NARROW)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def has_foreign_markup(self) -> bool:
        """Whether a tag that was typed became an element."""
        return bool(self.page.evaluate("!!document.querySelector('[onerror]')"))

    def too_wide(self) -> list[str]:
        """The outermost elements that reach beyond the page."""
        found: list[str] = self.page.evaluate(_TOO_WIDE)
        return found

    def check(self) -> None:
        """Expect nothing of the kind on what the page shows now."""
        found = self.dialogs, self.has_foreign_markup(), self.too_wide()
        assert found == ([], False, []), self.page.url
