"""Facts about this installation, such as that it holds demo data."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base

DEMO_DATA = "demo_data"


class InstallationFact(Base):
    """One fact by name."""

    __tablename__ = "installation_fact"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(120))
