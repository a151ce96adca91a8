"""Wapiti against the running portal: ``make scan``."""
