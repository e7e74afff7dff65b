"""An app of ours on a port of this machine, for programs and browsers that speak HTTP to it."""

import contextlib
import threading
from collections.abc import Iterator

from flask import Flask
from sqlalchemy import Engine
from werkzeug.serving import make_server


@contextlib.contextmanager
def served(app: Flask, port: int, engine: Engine) -> Iterator[None]:
    """Answer at `http://localhost:{port}` until the end of the block, then let go of the database."""
    server = make_server("localhost", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.dispose()
