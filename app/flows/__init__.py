"""What the portal does, one file a verb. A flow is one unit of work and returns an Outcome; it knows no page."""
