"""Find phrases of many languages in short texts, whatever their case, accents, hyphens and spaces."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final

_HYPHENS: Final = re.compile(r"[-_\u2010-\u2015\u2212\u00ad]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_UNSPACED: Final = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[\u1100-\u11ff]")

_WORD: Final = re.compile(r"\w+")
_BEGINNING: Final = 5  # letters


def plain(text: str) -> str:
    """A text in small letters without accents, a space for each hyphen, run of space and hump.

    ``FullTime``, ``full_time`` and ``Full‑Time`` are all ``full time``.
    """
    spaced = _HYPHENS.sub(" ", _CAMEL.sub(" ", text[:1_000]))
    apart = unicodedata.normalize("NFKD", spaced).casefold()
    letters = apart
    if not apart.isascii():
        letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(letters.replace("\u2019", "'").split())


class Phrases:
    """Phrases to find in ``plain`` texts, listed one a line or between ``|``.

    A phrase stands between ends of words, except in scripts without spaces; ``*`` at its end lets any
    ending follow. Few texts hold any, and an alternation of hundreds is slow: the beginnings of a text's
    words are looked up first, which makes it ten times as fast.
    """

    def __init__(self, listed: str) -> None:
        self._listed = listed

    @classmethod
    def all_of(cls, lists: Iterable["Phrases"]) -> "Phrases":
        """The phrases of several lists: whether a text may hold one of any is looked up at once."""
        return cls("\n".join(each._listed for each in lists))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """An alternation of them all, the longest first."""
        longest_first = sorted(self._phrases, key=lambda phrase: (-len(phrase), phrase))
        return re.compile("|".join(map(_pattern, longest_first)))

    @cached_property
    def _phrases(self) -> frozenset[str]:
        """Each in plain letters: worked out where first asked for, as all else, since few processes ask."""
        return frozenset(plain(phrase) for phrase in re.split(r"[|\n]", self._listed) if phrase.strip())

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        starts = {start for phrase in self._spaced for start in (_WORD.findall(phrase)[0], _joined(phrase))}
        return frozenset(start[:_BEGINNING] for start in starts)

    @cached_property
    def _short_stems(self) -> tuple[str, ...]:
        stems = (phrase[:-1] for phrase in self._spaced if phrase.endswith("*"))
        return tuple(stem for stem in stems if len(stem) < _BEGINNING)

    @cached_property
    def _unspaced(self) -> frozenset[str]:
        return frozenset(phrase[0] for phrase in self._phrases if _UNSPACED.search(phrase))

    @property
    def _spaced(self) -> list[str]:
        return [phrase for phrase in self._phrases if not _UNSPACED.search(phrase)]

    def may_be_in(self, text: str) -> bool:
        """Whether a text has a word that begins as a phrase does: without one it holds none."""
        words = _WORD.findall(text)
        return (
            any(word[:_BEGINNING] in self._beginnings for word in words)
            or any(word.startswith(self._short_stems) for word in words)
            or not (text.isascii() or self._unspaced.isdisjoint(text))
        )

    def search(self, text: str) -> re.Match[str] | None:
        """The first phrase in a text."""
        return self.pattern.search(text) if self.may_be_in(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The text, if it is a phrase."""
        return self.pattern.fullmatch(text) if self.may_be_in(text) else None

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with each phrase replaced."""
        return self.pattern.sub(replacement, text) if self.may_be_in(text) else text


def _joined(phrase: str) -> str:
    return phrase.replace(" ", "").rstrip("*")


def _pattern(phrase: str) -> str:
    open_end = phrase.endswith("*")
    words = re.escape(phrase.rstrip("*")).replace(r"\ ", r" ?")
    if _UNSPACED.search(phrase):
        return words
    return rf"(?<!\w){words}" + (r"\w*" if open_end else r"(?!\w)")


_PLACEHOLDER: Final = Phrases("""
    n a|n.a.|n/a|na|not applicable|not specified|not defined|not set|not available|not sure|unspecified
    unknown|undefined|undetermined|none|no|nil|null|nothing|no value|no selection|empty|blank|tbd|tba|tbc
    to be determined|to be defined|to be confirmed|to be announced|select|select one|select an option
    select option|please select|please choose|please specify|choose|choose one|choose an option|pick one
    default|placeholder|yes|true|false|bitte wählen|bitte auswählen|auswählen|keine|keine angabe|k. a.|k.a.
    ohne angabe|nicht zutreffend|nicht angegeben|unbekannt|sélectionner|sélectionnez|choisir|choisissez
    non applicable|non précisé|non spécifié|non renseigné|aucun|aucune|seleccionar|seleccione
    seleccione una opción|ninguno|ninguna|no aplica|no especificado|sin especificar|selecionar|selecione
    não se aplica|não aplicável|nenhum|non specificato|nessuno|selezionare|selezionare un'opzione
    niet van toepassing|n.v.t.|selecteer|kies|geen|välj|ej tillämpligt|vælg|velg|ikke relevant|valitse
    wybierz|nie dotyczy|brak|vyberte|seçiniz|не указано|выберите|選択してください|未定|未設定|なし
    该项不适用|请选择|無|无|不适用|선택|선택하세요|없음|해당 없음
""")

_INVITATION: Final = re.compile(
    r"(?:please )?(?:select|choose|pick|specify|enter)(?: (?:an?|one|the|your|from|below|here|option|value|"
    r"level|type|seniority|experience|employment|job|work|location|department|list|role)){1,4}"
)


def is_placeholder(text: str) -> bool:
    """Whether a text only fills an empty field: "N/A", "Select an Option", a dash."""
    words = plain(text[:100]).strip(" \t.:;,-*?!…<>()[]{}'\"/|")
    return not words or bool(_PLACEHOLDER.fullmatch(words) or _INVITATION.fullmatch(words))
