"""Read TXT records from DNS, within a bounded time."""

from typing import Final

import structlog

SECONDS: Final = 5.0
MOST_RECORDS: Final = 50

log = structlog.get_logger()


class DnsSilent(Exception):
    """DNS did not answer: ``str()`` says so in words fit for an admin."""


def txt_records(name: str, server: tuple[str, int] | None = None) -> list[str]:
    """Return what the TXT records of a name say; none where there is no such name.

    The resolver of this machine is asked, or the ``server`` given. Raises ``DnsSilent``.
    """
    # Here: it is a thirtieth of what each process loads at its start, and few ever ask.
    from dns.exception import DNSException, Timeout
    from dns.rdatatype import TXT
    from dns.resolver import NXDOMAIN, NoAnswer, Resolver

    try:
        resolver = Resolver(configure=server is None)
        if server is not None:
            resolver.nameservers, resolver.port = [server[0]], server[1]
        found = resolver.resolve(name, TXT, lifetime=SECONDS, search=False)
    except (NXDOMAIN, NoAnswer):
        return []
    except Timeout:
        raise DnsSilent("DNS did not answer in time. Try again in some minutes.") from None
    except (DNSException, OSError, ValueError) as error:
        log.info("dns_not_answered", cause=type(error).__name__)
        raise DnsSilent("DNS gave no answer that can be used. Try again in some minutes.") from None
    said = [b"".join(each.strings) for each in found]
    return [text.decode(errors="replace").strip() for text in said[:MOST_RECORDS]]
