"""The process dies at a statement of the first start, or of an upgrade: old tables or new ones, never half of each."""

import os
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, event

from msp_ops.engine.system_clock import SystemClock
from msp_ops.store import open_store, upgrade_store
from msp_ops.store.database import Database
from msp_ops.store.migrations import settings
from msp_ops.store.version import VERSIONS
from tests.store.cast import KIM, TICKET, plan, sql
from tests.torture.size import size

STEP = size(9, 1)  # every statement in full


def older_store(url: str) -> None:
    """As the first version made it."""
    database = Database(url)
    with database.writing() as connection:
        made = settings()
        made.attributes["connection"] = connection
        command.upgrade(made, "0001")
    database.settle()
    database.close()


def first_start(url: str) -> None:
    open_store(url, SystemClock()).close()


def dies_at(number: int, act: Callable[[str], None], url: str) -> bool:
    """Whether it died at its statement of that number; it has fewer otherwise."""
    child = os.fork()
    if child == 0:
        statements = count(1)
        event.listen(
            Engine,
            "before_cursor_execute",
            lambda *_: next(statements) == number and os.kill(os.getpid(), signal.SIGKILL),
        )
        try:
            act(url)
        except BaseException:  # noqa: BLE001  # the parent must see it as what it is
            os._exit(1)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in {0, -signal.SIGKILL}
    return ended != 0


@pytest.mark.parametrize("act", [first_start, upgrade_store])
def test_a_kill_at_any_statement_leaves_all_tables_or_none(act, memory: Path):
    for number in count(1, STEP):
        url = f"sqlite:///{memory}/{act.__name__}-{number}/store.db"
        if act is upgrade_store:
            older_store(url)
        died = dies_at(number, act, url)
        versions = [row[0] for row in sql(url, "SELECT name FROM sqlite_master WHERE name = 'alembic_version'")]
        found = sql(url, "SELECT version_num FROM alembic_version")[0][0] if versions else None
        assert found in ({None, VERSIONS[-1]} if act is first_start else {"0001", VERSIONS[-1]})
        act(url)
        with open_store(url, SystemClock()) as store:
            store.check()
            store.journal.open_run("r1", plan("web1"), TICKET, KIM)
        if not died:
            assert number > STEP
            return
