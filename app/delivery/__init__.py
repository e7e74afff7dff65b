"""How messages leave: the outbox, the worker that empties it, the ports. What a message says stands in templates."""
