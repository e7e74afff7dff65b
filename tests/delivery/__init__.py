"""The outbox, its worker and its ports."""
