"""The storage kit both services stand on, on both kinds of database."""
