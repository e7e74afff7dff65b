"""The portal's doorkeeper: whose session this is, what it may open, and how far an unfinished sign-in has come."""
