"""The tests: they mirror portal/."""
