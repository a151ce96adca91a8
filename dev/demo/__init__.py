"""A small Greenhouse of our own: the public Job Board API and a page to change what it lists.

It runs beside the portal in ``make run`` and under the tests, and knows nothing of either.
"""
