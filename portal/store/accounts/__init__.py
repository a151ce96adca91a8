"""Queries about accounts: the people of an organisation, their sign-ins, and links that work once."""
