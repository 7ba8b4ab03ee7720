"""Where every table belongs, and the columns that many of them have."""

from sqlalchemy import Column, MetaData

from msp_ops.store.columns import Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text_column(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Words, nullable=optional)
