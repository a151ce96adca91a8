"""A model of what the sync promises, and the machine that plays any order of events against it."""
