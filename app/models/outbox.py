"""The portal's outbox, its fake inbox, and its counters: tables whose shape both services share."""

from app.delivery.outbox import outbox_tables
from app.models.base import Base
from app.storage.failures import counter_table

outbox = outbox_tables(Base.metadata)
counters = counter_table(Base.metadata)
