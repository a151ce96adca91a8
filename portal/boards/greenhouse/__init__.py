"""Greenhouse as this portal meets it: its public Job Board API and its webhooks."""
