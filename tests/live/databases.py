"""Databases for one test, or for many: copies of a migrated template."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import asyncpg

from brigada.embedded.stack import Stack

_numbers = itertools.count(1)


def apart(work: Callable[[], None]) -> None:
    """Do it in a thread of its own: in the browser's tests Playwright's event loop occupies this one."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        executor.submit(work).result()


def run_statement(url: str, statement: str) -> None:
    """Run one statement that can't be in a transaction."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    apart(lambda: asyncio.run(run()))


@contextmanager
def fresh_database(stack: Stack, template: str) -> Iterator[str]:
    """A copy of the template, dropped afterwards whoever is still connected."""
    assert stack.postgres is not None
    name = f"test_{next(_numbers)}"
    run_statement(stack.postgres.url(), f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield stack.postgres.url(name)
    finally:
        run_statement(stack.postgres.url(), f'DROP DATABASE "{name}" WITH (FORCE)')
