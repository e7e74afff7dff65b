"""The portal's audit record as tables. What they mean and how they are written is in `app.audit`."""

from app.audit.tables import audit_tables
from app.models.base import Base

tables = audit_tables(Base.metadata)
