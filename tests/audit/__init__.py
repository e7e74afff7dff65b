"""The audit record: what it may say, and that it cannot be changed unseen."""
