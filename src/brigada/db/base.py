"""The declarative base of all tables, with names for every constraint."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Row, Select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names are part of the contract: errors are told apart by the constraint that was broken."""


class Base(DeclarativeBase):
    """Base of every model."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        int: BigInteger(),
        dict[str, Any]: JSONB(),
    }


BigId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
"""The primary key of most tables: a bigint that the database numbers."""

type AnyRow = Row[*tuple[Any, ...]]
"""A row of whatever columns; SQLAlchemy's own type names each of them."""
type AnySelect = Select[*tuple[Any, ...]]
"""A query of whatever columns."""
