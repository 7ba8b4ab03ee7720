"""The history of the tables; a version that was released is never changed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def settings() -> Config:
    """Alembic without an ini file: everything it needs lies in this folder."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return made


def migrate(connection: Connection) -> None:
    """To the newest version, inside the caller's transaction."""
    made = settings()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")
