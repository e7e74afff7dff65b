"""The credential service's tables and its database handle. The portal knows none of them."""
