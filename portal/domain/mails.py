"""What a mail says: the parts of its text, from which the plain and the HTML part are both made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """An address, whole, and what it is called."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One of several things that a mail lists: its name, its address, and some facts, a line each."""

    title: str
    url: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its reader.

    ``sender`` is who speaks, at the top: the site, or an organisation. ``heading`` stands in the HTML part
    where it is not to be the subject. ``paragraphs`` come before the entries
    and the button, ``note`` after it, in small print; ``footer`` says why the reader gets this.
    """

    sender: str
    subject: str
    paragraphs: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    button: Link | None = None
    note: str = ""
    links: tuple[Link, ...] = ()
    footer: str = ""
    footer_links: tuple[Link, ...] = ()
    heading: str = ""

    @property
    def text(self) -> str:
        """The plain part: it says all that the HTML part says."""
        button = [f"{self.button.label}:\n{self.button.url}"] if self.button else []
        parts = [
            *self.paragraphs,
            *("\n".join((entry.title, *entry.lines, entry.url)) for entry in self.entries),
            *button,
            self.note,
            _lines(self.links),
            self.footer,
            _lines(self.footer_links),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail as it is stored. ``html`` is empty where it has a plain part alone."""

    subject: str
    body: str
    html: str = ""


def header_line(text: str) -> str:
    """Return a text for a header, without line breaks or repeated spaces."""
    return " ".join(text.split())


def _lines(links: tuple[Link, ...]) -> str:
    return "\n".join(f"{link.label}: {link.url}" for link in links)
