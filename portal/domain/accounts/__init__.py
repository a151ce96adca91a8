"""Accounts: what a browser says of itself, names that look alike, and the mails."""
