"""The credential service's own database handle, base of its tables, and the tables it shares the shape of."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from app.audit.tables import audit_tables
from app.delivery.outbox import outbox_tables
from app.storage.failures import counter_table
from app.storage.naming import CONSTRAINT_NAMES


class Base(DeclarativeBase):
    """Base of the credential service's tables."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)


store = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})

outbox = outbox_tables(Base.metadata)
audit = audit_tables(Base.metadata)
counters = counter_table(Base.metadata)
