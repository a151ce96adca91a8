"""Who the demo is about: the organisation a newcomer signs in to, and what its board accepts."""

from typing import Final

NAME: Final = "Northwind Labs"
SLUG: Final = "northwind"
SUMMARY: Final = "Instruments for people who measure the wind."
ADMIN_EMAIL: Final = "admin@northwind.example"
MEMBER_EMAIL: Final = "member@northwind.example"

BOARD_TOKEN: Final = "northwind"  # noqa: S105 (a board's public name, not a password)
DEMO_API_KEY: Final = "demo-key-northwind-0000000000001"  # opens nothing but the demo: not a secret
