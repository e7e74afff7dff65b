"""The kit both services share: guards, pages, forms, static files."""
