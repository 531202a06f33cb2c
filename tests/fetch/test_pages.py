"""Whatever rows there are, of whatever page size: each that may be read comes once, and the others are counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from fetch.server import Asked, GlpiItems, ItopObjects, Said, ServiceNowTables, key
from graphsms.fetch.client import Answer, Client
from graphsms.fetch.systems import SYSTEMS, Page

NUMBERS = st.sets(st.integers(1, 60))
SIZES = st.integers(1, 9)


class Directly:
    """Asks a system that is here, without a network in between."""

    base = "https://here.example"

    def __init__(
        self, answer: object, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> None:
        self.answer, self.headers, self.form = answer, headers or {}, form or {}

    def get(self, path: str, query: Mapping[str, str]) -> Answer:
        return self._ask(Asked("GET", path, query, {}, self.headers))

    def post(self, path: str, form: Mapping[str, str], query: Mapping[str, str]) -> Answer:
        return self._ask(Asked("POST", path, query, {**form, **self.form}, self.headers))

    def _ask(self, asked: Asked) -> Answer:
        assert callable(self.answer)
        said: Said = self.answer(asked)
        return Answer(
            said.status, {name.lower(): value for name, value in said.headers.items()}, said.content, said.value
        )


def pages(system: str, client: Directly, table: str, size: int, after: str = "", so_far: int = 0) -> list[Page]:
    return [*SYSTEMS[system].pages(cast(Client, client), table, after, so_far, size, (), "")]


@given(NUMBERS, NUMBERS, SIZES)
def test_rows_of_servicenow_come_once_and_hidden_ones_are_counted(rows: set[int], hidden: set[int], size: int) -> None:
    tables = ServiceNowTables({"t": [{"sys_id": key(one)} for one in rows]}, frozenset(map(key, hidden)))
    found = pages("servicenow", Directly(tables), "t", size)
    assert sum(page.rows for page in found) == len(rows - hidden)
    assert found[-1].last == (key(max(rows - hidden)) if rows - hidden else "")
    assert found[-1].told == len(rows)


@given(NUMBERS, SIZES, st.data())
def test_going_on_after_any_page_brings_the_rest(rows: set[int], size: int, data: st.DataObject) -> None:
    tables = Directly(ServiceNowTables({"t": [{"sys_id": key(one)} for one in rows]}))
    whole = pages("servicenow", tables, "t", size)
    done = data.draw(st.integers(0, len(whole) - 1))
    before, so_far = whole[:done], sum(page.rows for page in whole[:done])
    rest = pages("servicenow", tables, "t", size, before[-1].last if before else "", so_far)
    assert [page.content for page in rest] == [page.content for page in whole[done:]]


@given(NUMBERS, SIZES)
def test_items_of_glpi_come_once(rows: set[int], size: int) -> None:
    items = GlpiItems({"Computer": [{"id": one} for one in rows]})
    found = pages("glpi", Directly(items, {"session-token": "session-1"}), "Computer", size)
    assert sum(page.rows for page in found) == len(rows)
    assert [page.rows for page in found[:-1]] == [size] * (len(found) - 1)


@given(NUMBERS, SIZES)
def test_objects_of_itop_come_once(rows: set[int], size: int) -> None:
    objects = Directly(ItopObjects({"Server": list(rows)}), form={"auth_user": "ada", "auth_pwd": "s3cret"})
    found = pages("itop", objects, "Server", size)
    assert sum(page.rows for page in found) == len(rows)
    assert found[-1].told == len(rows)
