"""Debian's Chromium, driven by Playwright."""

from playwright.sync_api import Browser, Playwright

PROGRAM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """A headless browser that talks to nobody but our pages."""
    return playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
