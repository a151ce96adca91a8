"""The systems whose job boards are read: one folder each, turning its answers into our types and errors."""
