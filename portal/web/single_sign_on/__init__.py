"""Single sign-on: an organisation's settings, and signing in through its provider."""
