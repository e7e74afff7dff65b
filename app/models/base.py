"""The portal's database handle and the base of its tables."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from app.storage.naming import CONSTRAINT_NAMES


class Base(DeclarativeBase):
    """Base of the portal's tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})
