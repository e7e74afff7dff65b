"""Ties a Flask-SQLAlchemy handle to an app: the engine of the settings, set up as all engines here are."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.storage.engine import engine_options, prepare


def install(app: Flask, handle: SQLAlchemy, url: str) -> None:
    """Give the app its engine. Sessions are the handle's and end with the request."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    handle.init_app(app)
    with app.app_context():
        prepare(handle.engine)
