"""The audit record: typed events, append-only, hash-chained, verifiable offline. No personal data beyond ids."""
