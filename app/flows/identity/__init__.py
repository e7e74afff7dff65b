"""Signing in and out, consenting, and what belongs to a person's identity."""
