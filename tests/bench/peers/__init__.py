"""What people would take instead of Manage jobs, with the same columns, search, filters and order.

They run in an environment of their own (``requirements-peers.txt``) and import nothing of the portal.
"""
