"""Named reads that pages use. Nothing here writes."""
