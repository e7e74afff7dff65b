"""The mechanisms in app.authenticators."""
