"""Domains of e-mail addresses: how one is typed, which belong to nobody, and the record that proves one."""

from functools import cache
from typing import Final

import idna
from publicsuffixlist import PublicSuffixList

from portal.domain.texts import InvalidValue, trimmed

LONGEST_DOMAIN: Final = 253
LONGEST_LABEL: Final = 63
RECORD: Final = "_jobs-portal"
VALUE: Final = "jobs-portal-domain="
MOST_MISSES: Final = 7
"""Of answers in a row, one a day, that a record is gone: then the domain is not proved any more."""
NO_DOMAIN: Final = "Enter a domain, such as example.com."
NOT_ASCII: Final = "Enter the domain as DNS has it: this one has characters that no domain can have."
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")

_FREE: Final = """
126.com 139.com 163.com aim.com alice.it aol.com aol.de arcor.de att.net bell.net bellsouth.net
bigpond.com bluewin.ch btinternet.com centrum.cz charter.net comcast.net cox.net daum.net
disroot.org duck.com earthlink.net email.com email.cz fastmail.com fastmail.fm free.fr freenet.de
gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hanmail.net hey.com hotmail.be
hotmail.ca hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.nl
hushmail.com icloud.com inbox.com inbox.lv inbox.ru interia.pl juno.com kolabnow.com laposte.net
libero.it list.ru live.be live.ca live.co.uk live.com live.de live.fr live.it live.nl mac.com
mail.com mail.de mail.ee mail.ru mailbox.org mailfence.com mailinator.com me.com msn.com naver.com
netzero.net o2.pl online.de onet.pl optonline.net orange.fr outlook.com outlook.de outlook.es
outlook.fr outlook.it pm.me posteo.de posteo.net proton.me protonmail.ch protonmail.com qq.com
rambler.ru rediffmail.com riseup.net rocketmail.com rogers.com runbox.com sapo.pt sbcglobal.net
seznam.cz sfr.fr shaw.ca sina.com sky.com sohu.com startmail.com sympatico.ca t-online.de telenet.be
tiscali.it tuta.com tuta.io tutanota.com tutanota.de uol.com.br verizon.net virgilio.it virgin.net
virginmedia.com volny.cz walla.co.il wanadoo.fr web.de wp.pl ya.ru yahoo.ca yahoo.co.in yahoo.co.jp
yahoo.co.uk yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it
yandex.com yandex.ru yeah.net ymail.com zoho.com ziggo.nl
"""
FREE_MAIL: Final = frozenset(_FREE.split())
"""Where anybody gets an address: their owners' names are refused before anybody looks for a record."""


def parse_domain(text: str) -> str:
    """Return a domain as DNS spells it, in lower case; raises ``InvalidValue``.

    Public suffixes (``co.uk``, ``github.io``) belong to nobody, and addresses of free mail to everybody.
    """
    typed = trimmed(text).lower().removeprefix("@").removesuffix(".")
    if not typed or len(typed) > LONGEST_DOMAIN:
        raise InvalidValue(NO_DOMAIN)
    try:
        domain = typed if typed.isascii() else idna.encode(typed, uts46=True).decode()
    except UnicodeError:
        raise InvalidValue(NOT_ASCII) from None
    labels = domain.split(".")
    if len(domain) > LONGEST_DOMAIN or len(labels) < 2 or not all(map(_is_label, labels)):
        raise InvalidValue(NO_DOMAIN)
    if labels[-1].isdigit():
        raise InvalidValue(NO_DOMAIN)
    if domain in FREE_MAIL:
        raise InvalidValue(f"Anybody can have an address at {domain}. Use a domain of your own.")
    if _suffixes().privatesuffix(domain) is None:
        raise InvalidValue(f"{domain} is a public suffix: many organisations have names below it.")
    return domain


def _is_label(label: str) -> bool:
    return 0 < len(label) <= LONGEST_LABEL and _LETTERS.issuperset(label) and "-" not in (label[0], label[-1])


@cache
def _suffixes() -> PublicSuffixList:
    """Return the list that the package brings; nothing is downloaded."""
    return PublicSuffixList()


def domain_of(email: str) -> str:
    """Return the domain of an address, as DNS spells it; nothing of what is no address."""
    name, at, domain = email.strip().lower().rpartition("@")
    if not (name and at) or len(domain) > LONGEST_DOMAIN:
        return ""
    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return ""


def record_name(domain: str) -> str:
    """Return the name of the TXT record that proves a domain."""
    return f"{RECORD}.{domain}"


def record_value(proof: str) -> str:
    """Return what that record must say."""
    return VALUE + proof
