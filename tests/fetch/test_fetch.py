"""Fetching from servers that are slow, busy, wrong or broken off; and that no credential is left anywhere."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fetch.server import Asked, GlpiItems, ItopObjects, Said, Server, ServiceNowTables, key
from graphsms.errors import FetchError, InputError
from graphsms.fetch import FetchVerdict, Limits, fetch
from graphsms.fetch.client import Client, base_of
from graphsms.fetch.folder import Folder
from graphsms.ingest import ingest
from graphsms.store import open_store

PASSWORD = "s3cret-and-nowhere-else"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHSMS_SERVICENOW_USER", "ada")
    monkeypatch.setenv("GRAPHSMS_SERVICENOW_PASSWORD", PASSWORD)
    monkeypatch.setenv("GRAPHSMS_GLPI_USER_TOKEN", "mine")
    monkeypatch.setenv("GRAPHSMS_GLPI_APP_TOKEN", "app")
    monkeypatch.setenv("GRAPHSMS_ITOP_USER", "ada")
    monkeypatch.setenv("GRAPHSMS_ITOP_PASSWORD", "s3cret")


class Waits:
    """Waits that take no time, written down."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.waited.append(round(seconds, 3))
        self.now += seconds

    def clock(self) -> float:
        return self.now


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def asking(waits: Waits, tmp_path: Path) -> Callable[..., FetchVerdict]:
    """Fetches into a folder without waiting; one request takes no time by the clock."""

    def ask(system: str, server: Server, into: str = "into", **options: Any) -> FetchVerdict:
        limits = options.pop("limits", Limits(rate=1000, read=2.0))
        client = Client(server.url, limits=limits, sleep=waits.sleep, clock=waits.clock, scatter=lambda: 1.0)
        return fetch(system, server.url, tmp_path / into, client=client, **options)

    return ask


def servers(number: int, extra: Callable[[int], dict[str, Any]] = lambda _: {}) -> list[dict[str, Any]]:
    return [{"sys_id": key(one), "name": f"srv-{one}", **extra(one)} for one in range(1, number + 1)]


@pytest.fixture
def now() -> Iterator[Server]:
    """An instance of ServiceNow with ten servers."""
    with Server(ServiceNowTables({"cmdb_ci_server": servers(10)})) as server:
        yield server


Asking = Callable[..., FetchVerdict]


def manifest(tmp_path: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((tmp_path / "into" / "manifest.json").read_text("utf-8"))
    return said


# ---------------------------------------------------------------------------------------- pages


def test_pages_become_files_and_an_import_reads_the_folder(now: Server, asking: Asking, tmp_path: Path) -> None:
    verdict = asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4)
    assert sorted(path.name for path in (tmp_path / "into").glob("[!.]*")) == [
        "cmdb_ci_server.0001.json",
        "cmdb_ci_server.0002.json",
        "cmdb_ci_server.0003.json",
        "manifest.json",
    ]
    assert (verdict.tables[0].rows, verdict.tables[0].told, verdict.complete) == (10, 10, True)
    with open_store(str(tmp_path / "estate.db")) as store:
        imported = ingest(store, [tmp_path / "into"])
        assert imported.created.entities == 10
        assert imported.passed_over == ()
        one = store.entity(f"servicenow:{key(1)}")
        assert one is not None
        assert one.properties["link"] == f"{now.url}/nav_to.do?uri=cmdb_ci_server.do?sys_id={key(1)}"


def test_pages_are_asked_for_by_key_so_that_rows_that_come_and_go_shift_none(now: Server, asking: Asking) -> None:
    asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4, where={"cmdb_ci_server": "operational_status=1"})
    assert [one.query["sysparm_query"] for one in now.asked] == [
        "operational_status=1^ORDERBYsys_id",
        f"sys_id>{key(4)}^operational_status=1^ORDERBYsys_id",
        f"sys_id>{key(8)}^operational_status=1^ORDERBYsys_id",
    ]


@pytest.mark.parametrize("number", [0, 1, 4, 8])
def test_every_row_comes_once_whatever_the_size_of_the_last_page(asking: Asking, tmp_path: Path, number: int) -> None:
    with Server(ServiceNowTables({"cmdb_ci_server": servers(number)})) as server:
        verdict = asking("servicenow", server, tables=["cmdb_ci_server"], page_size=4)
    pages = sorted((tmp_path / "into").glob("cmdb*.json"))
    rows = [row["sys_id"] for page in pages for row in json.loads(page.read_bytes())["result"]]
    assert rows == [key(one) for one in range(1, number + 1)]
    assert verdict.tables[0].rows == number


def test_rows_that_the_account_may_not_read_are_counted_and_the_rest_is_read(asking: Asking, tmp_path: Path) -> None:
    hidden = frozenset(key(one) for one in (2, 5, 6, 7, 8, 9))
    with Server(ServiceNowTables({"cmdb_ci_server": servers(12)}, hidden)) as server:
        verdict = asking("servicenow", server, tables=["cmdb_ci_server"], page_size=2)
    assert (verdict.tables[0].rows, verdict.tables[0].missing, verdict.complete) == (6, 6, False)
    with open_store(str(tmp_path / "estate.db")) as store:
        imported = ingest(store, [tmp_path / "into"])
    assert [(one.rule, one.field) for one in imported.warnings] == [("missing-rows", "cmdb_ci_server")]


def test_glpi_is_asked_by_ranges_within_a_session_that_is_closed(asking: Asking, tmp_path: Path) -> None:
    items = [{"id": one, "name": f"pc-{one}", "entities_id": 0} for one in range(1, 8)]
    with Server(GlpiItems({"Computer": items})) as server:
        verdict = asking("glpi", server, tables=["Computer"], page_size=3)
        assert [one.query.get("range", one.path) for one in server.asked] == [
            "/apirest.php/initSession",
            "0-2",
            "3-5",
            "6-8",
            "/apirest.php/killSession",
        ]
    assert (verdict.tables[0].rows, verdict.complete) == (7, True)
    with open_store(str(tmp_path / "estate.db")) as store:
        assert ingest(store, [tmp_path / "into"]).created.entities == 7


def test_a_table_that_changes_under_positions_is_read_anew(asking: Asking, tmp_path: Path) -> None:
    glpi = GlpiItems({"Computer": [{"id": one, "entities_id": 0} for one in range(1, 8)]})
    glpi.change[1] = lambda: glpi.items["Computer"].__delitem__(0)
    with Server(glpi) as server:
        verdict = asking("glpi", server, tables=["Computer"], page_size=3)
    pages = sorted((tmp_path / "into").glob("Computer*.json"))
    assert [row["id"] for page in pages for row in json.loads(page.read_bytes())] == [2, 3, 4, 5, 6, 7]
    assert verdict.tables[0].rows == 6


def test_itop_is_asked_for_the_keys_and_then_for_the_objects(asking: Asking, tmp_path: Path) -> None:
    with Server(ItopObjects({"Server": [9, 3, 7, 1, 5]})) as server:
        verdict = asking("itop", server, tables=["Server"], page_size=2)
        said = [json.loads(one.form["json_data"])["key"] for one in server.asked]
    assert said == [
        "SELECT Server",
        "SELECT Server WHERE id IN (1,3)",
        "SELECT Server WHERE id IN (5,7)",
        "SELECT Server WHERE id IN (9)",
    ]
    assert (verdict.tables[0].rows, verdict.complete) == (5, True)
    with open_store(str(tmp_path / "estate.db")) as store:
        assert ingest(store, [tmp_path / "into"]).created.entities == 5


def test_without_names_what_the_mapping_is_for_is_fetched_and_what_is_not_there_is_told(
    asking: Asking, tmp_path: Path
) -> None:
    with Server(ServiceNowTables({"cmdb_ci": servers(1), "cmdb_rel_ci": []})) as server:
        verdict = asking("servicenow", server)
    there = [one.name for one in verdict.tables if not one.absent]
    assert there == ["cmdb_ci", "cmdb_rel_ci"]
    assert not verdict.complete
    assert "could not be read: sys_db_object" in verdict.sentence()
    with open_store(str(tmp_path / "estate.db")) as store:
        (told,) = ingest(store, [tmp_path / "into"]).warnings
    assert told.rule == "absent-tables"


# ------------------------------------------------------------------------------------ going on


def test_what_was_broken_off_goes_on_where_it_stopped(now: Server, asking: Asking, tmp_path: Path) -> None:
    now.trouble = [None, None, Said(401)]
    with pytest.raises(FetchError):
        asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4)
    assert manifest(tmp_path)["finished"] is None
    now.asked.clear()
    verdict = asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4)
    assert [one.query["sysparm_query"] for one in now.asked] == [f"sys_id>{key(8)}^ORDERBYsys_id"]
    assert (verdict.resumed, verdict.tables[0].rows, verdict.complete) == (True, 10, True)


def test_what_is_unfinished_is_not_imported(now: Server, asking: Asking, tmp_path: Path) -> None:
    from graphsms.errors import RejectedError

    now.trouble = [None, Said(401)]
    with pytest.raises(FetchError):
        asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4)
    with open_store(str(tmp_path / "estate.db")) as store, pytest.raises(RejectedError) as raised:
        ingest(store, [tmp_path / "into"])
    assert [(one.rule, one.field) for one in raised.value.faults] == [("unfinished-fetch", "cmdb_ci_server")]


def test_another_query_begins_anew_and_leaves_nothing_of_the_old_one(
    now: Server, asking: Asking, tmp_path: Path
) -> None:
    asking("servicenow", now, tables=["cmdb_ci_server"], page_size=2)
    verdict = asking("servicenow", now, tables=["cmdb_ci_server"], page_size=10)
    assert not verdict.resumed
    assert sorted(path.name for path in (tmp_path / "into").glob("[!.]*")) == [
        "cmdb_ci_server.0001.json",
        "manifest.json",
    ]


def test_what_is_finished_is_fetched_anew_when_asked_again(now: Server, asking: Asking) -> None:
    asking("servicenow", now, tables=["cmdb_ci_server"])
    before = len(now.asked)
    assert not asking("servicenow", now, tables=["cmdb_ci_server"]).resumed
    assert len(now.asked) == 2 * before


def test_a_page_that_was_edited_is_fetched_again(now: Server, asking: Asking, tmp_path: Path) -> None:
    now.trouble = [None, Said(401)]
    with pytest.raises(FetchError):
        asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4)
    (tmp_path / "into" / "cmdb_ci_server.0001.json").write_text('{"result": []}')
    assert asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4).tables[0].rows == 10


def test_a_folder_with_other_files_is_left_alone(now: Server, asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "thesis.txt").write_text("chapter one")
    with pytest.raises(InputError, match="holds files that are of no fetch"):
        asking("servicenow", now, tables=["cmdb_ci_server"])
    assert now.asked == []


@pytest.mark.parametrize(
    "text", ["", "[]", '{"form": "graphsms fetch 1"}', '{"form": "graphsms fetch 1", "tables": {"a": {"pages": [1]}}}']
)
def test_a_manifest_that_was_damaged_is_told(now: Server, asking: Asking, tmp_path: Path, text: str) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "into" / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="name an empty folder"):
        asking("servicenow", now, tables=["cmdb_ci_server"])
    assert now.asked == []


def test_a_manifest_cannot_have_files_outside_of_its_folder_removed(
    now: Server, asking: Asking, tmp_path: Path
) -> None:
    asking("servicenow", now, tables=["cmdb_ci_server"])
    said = manifest(tmp_path)
    said["tables"]["cmdb_ci_server"]["pages"][0]["file"] = "../thesis.txt"
    (tmp_path / "thesis.txt").write_text("chapter one")
    (tmp_path / "into" / "manifest.json").write_text(json.dumps(said))
    with pytest.raises(InputError, match="outside of its folder"):
        asking("servicenow", now, tables=["cmdb_ci_server"])
    assert (tmp_path / "thesis.txt").exists()


def test_two_fetches_do_not_fill_one_folder_at_once(now: Server, asking: Asking, tmp_path: Path) -> None:
    with (
        closing(Folder(tmp_path / "into", "servicenow", now.url, {}, 1 << 20)),
        pytest.raises(InputError, match="Another fetch is at work"),
    ):
        asking("servicenow", now, tables=["cmdb_ci_server"])
    assert asking("servicenow", now, tables=["cmdb_ci_server"]).complete


# ----------------------------------------------------------------------------- what may be well again


@pytest.mark.parametrize(
    "trouble",
    [
        Said(500, {"error": {"message": "oops"}}),
        Said(502, body=b"<html>bad gateway</html>"),
        Said(503),
        Said(200, body=b'{"result": [{"sys_id": "0000'),
        Said(200, body=b'{"result": [', cut=5),
        Said(200, {"result": []}, late=True),
    ],
    ids=["500", "502 in HTML", "503", "truncated JSON", "connection cut", "too slow"],
)
def test_what_is_temporary_is_tried_again(now: Server, asking: Asking, waits: Waits, trouble: Said) -> None:
    now.trouble = [trouble, trouble]
    limits = Limits(rate=1000, read=0.25 if trouble.late else 2.0)
    verdict = asking("servicenow", now, tables=["cmdb_ci_server"], limits=limits)
    assert (verdict.tables[0].rows, verdict.complete) == (10, True)
    assert verdict.requests >= 3
    assert [one for one in waits.waited if one > 0.01][:2] == [1.0, 2.0]


def test_waits_grow_up_to_a_limit_and_are_scattered(now: Server, waits: Waits, tmp_path: Path) -> None:
    now.trouble = [Said(500)] * 5
    client = Client(
        now.url, limits=Limits(rate=1e9, longest=5, read=2.0), sleep=waits.sleep, clock=waits.clock, scatter=lambda: 0.5
    )
    fetch("servicenow", now.url, tmp_path / "into", tables=["cmdb_ci_server"], client=client)
    assert [one for one in waits.waited if one > 0.01] == [0.75, 1.5, 3.0, 3.75, 3.75]


def test_a_server_that_asks_to_wait_is_waited_for(now: Server, asking: Asking, waits: Waits) -> None:
    now.trouble = [Said(429, headers={"Retry-After": "17"})]
    asking("servicenow", now, tables=["cmdb_ci_server"])
    assert 17.0 in waits.waited


def test_a_server_that_asks_for_too_long_a_wait_is_left_in_peace(now: Server, asking: Asking, waits: Waits) -> None:
    now.trouble = [Said(429, headers={"Retry-After": "7200"})]
    with pytest.raises(FetchError, match="asks to wait 7200 s"):
        asking("servicenow", now, tables=["cmdb_ci_server"])
    assert max(waits.waited, default=0) < 7200


def test_what_does_not_get_well_is_given_up_with_the_last_reason(now: Server, asking: Asking) -> None:
    now.trouble = [Said(500)] * 6
    with pytest.raises(FetchError, match=r"500\. Tried 6 times.*goes on from here"):
        asking("servicenow", now, tables=["cmdb_ci_server"])


def test_an_answer_that_trickles_for_too_long_is_given_up(now: Server, tmp_path: Path) -> None:
    moments = iter(range(0, 100_000, 400))
    client = Client(
        now.url,
        limits=Limits(rate=1e9, read=2.0, whole=300, attempts=2),
        sleep=lambda _: None,
        clock=lambda: float(next(moments)),
    )
    with pytest.raises(FetchError, match="was not there after 300 s"):
        fetch("servicenow", now.url, tmp_path / "into", tables=["cmdb_ci_server"], client=client)


def test_a_server_that_is_gone_is_not_waited_for_to_close_the_session(asking: Asking, waits: Waits) -> None:
    with Server(GlpiItems({"Computer": [{"id": 1}]})) as server:
        server.trouble = [None, Said(401), Said(503), Said(503)]
        with pytest.raises(FetchError, match="401"):
            asking("glpi", server, tables=["Computer"])
        assert [one.path for one in server.asked][-1] == "/apirest.php/killSession"
        assert len(server.asked) == 3
    assert [one for one in waits.waited if one > 0.01] == []


def test_requests_keep_to_the_rate(now: Server, asking: Asking, waits: Waits) -> None:
    asking("servicenow", now, tables=["cmdb_ci_server"], page_size=2, limits=Limits(rate=2, read=2.0))
    assert waits.waited == [0.5, 0.5, 0.5, 0.5]


# ------------------------------------------------------------------------------- what will not be well


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Said(401, {"error": {"message": "User Not Authenticated"}}), "401. The credential is not accepted"),
        (Said(403), "403. The account must not read this"),
        (Said(404, body=b"<html>nothing here</html>"), "404. There is nothing at this address"),
        (Said(400, {"error": {"message": "Invalid table nowhere"}}), "Invalid table nowhere"),
        (Said(200, body=b"<!DOCTYPE html><title>Log in</title>"), "a page of HTML, not JSON, as of a page to log in"),
        (Said(200, {"message": "hello"}), "no list of records"),
        (Said(200, {"result": [{"name": "a"}]}), "a row has no sys_id"),
        (Said(200, {"result": [], "error": {"message": "Transaction cancelled"}}), "stopped in the middle of a page"),
        (Said(302, headers={"Location": "https://elsewhere.example/login"}), "redirects to https://elsewhere.example"),
    ],
    ids=["401", "403", "404", "400", "login page", "other JSON", "no keys", "cancelled", "redirect elsewhere"],
)
def test_what_is_wrong_is_said_at_once(now: Server, asking: Asking, trouble: Said, reason: str) -> None:
    now.trouble = [trouble]
    with pytest.raises(FetchError) as raised:
        asking("servicenow", now, tables=["cmdb_ci_server"])
    assert reason in str(raised.value)
    assert len(now.asked) == 1


def test_a_redirect_on_the_same_server_is_followed_and_one_in_a_circle_is_not(now: Server, asking: Asking) -> None:
    now.trouble = [Said(301, headers={"Location": "/api/now/table/cmdb_ci_server?sysparm_limit=500"})]
    assert asking("servicenow", now, tables=["cmdb_ci_server"]).tables[0].rows == 10
    now.trouble = [Said(302, headers={"Location": "/again"})] * 9
    with pytest.raises(FetchError, match="again and again"):
        asking("servicenow", now, "other", tables=["cmdb_ci_server"])


@pytest.mark.parametrize(
    "rows",
    [[1, 2, 3, 4], [4, 3, 6, 7], [5, 5, 6, 7]],
    ids=["the first page again", "not in order", "a row twice"],
)
def test_a_wrong_page_is_found(now: Server, asking: Asking, rows: list[int]) -> None:
    wrong = {"result": [{"sys_id": key(one)} for one in rows]}
    now.trouble = [None, Said(200, wrong, {"X-Total-Count": "6"})]
    with pytest.raises(FetchError, match="a second time, or not in order"):
        asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4)


def test_more_rows_than_were_asked_for_are_found(now: Server, asking: Asking) -> None:
    now.trouble = [Said(200, {"result": servers(9)})]
    with pytest.raises(FetchError, match="takes no notice of limits"):
        asking("servicenow", now, tables=["cmdb_ci_server"], page_size=4)


def test_a_short_page_in_the_middle_of_positions_is_found(asking: Asking) -> None:
    with Server(GlpiItems({"Computer": [{"id": one} for one in range(1, 8)]})) as server:
        server.trouble = [None, None, Said(206, [{"id": 4}], {"Content-Range": "3-3/7"})]
        with pytest.raises(FetchError, match="a page in the middle has 1 rows in place of 3"):
            asking("glpi", server, tables=["Computer"], page_size=3)


def test_objects_that_were_not_asked_for_are_found(asking: Asking) -> None:
    with Server(ItopObjects({"Server": [1, 2]})) as server:
        server.trouble = [None, Said(200, {"code": 0, "objects": {"Server::3": {"fields": {}}}})]
        with pytest.raises(FetchError, match="not asked for"):
            asking("itop", server, tables=["Server"])


def test_an_answer_that_is_too_large_is_not_taken_in(now: Server, asking: Asking) -> None:
    now.trouble = [Said(200, body=b" " * 300_000)]
    with pytest.raises(FetchError, match="more than 100,000 bytes"):
        asking("servicenow", now, tables=["cmdb_ci_server"], limits=Limits(rate=1000, answer=100_000))


def test_all_pages_together_have_a_limit(now: Server, asking: Asking) -> None:
    with pytest.raises(FetchError, match="More than 100 bytes"):
        asking("servicenow", now, tables=["cmdb_ci_server"], max_bytes=100)


# --------------------------------------------------------------------------------- the credential


@pytest.mark.parametrize(
    "url",
    ["http://bank.example", "ftp://bank.example", "https://ada:x@bank.example", "https://b.example/?a=1", "bank"],
)
def test_a_url_without_tls_or_with_a_credential_is_refused(url: str) -> None:
    with pytest.raises(InputError) as raised:
        base_of(url)
    assert "ada:x" not in str(raised.value)


def test_without_a_credential_the_variables_are_named(
    now: Server, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRAPHSMS_SERVICENOW_PASSWORD")
    with pytest.raises(InputError, match="GRAPHSMS_SERVICENOW_TOKEN, or GRAPHSMS_SERVICENOW_USER and"):
        asking("servicenow", now, tables=["cmdb_ci_server"])
    assert now.asked == []


def test_the_credential_is_sent_in_a_header_and_stands_nowhere_else(
    now: Server, asking: Asking, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import base64

    secret = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    caplog.set_level(logging.DEBUG)
    asking("servicenow", now, tables=["cmdb_ci_server"])
    assert now.asked[0].headers["authorization"] == f"Basic {secret}"
    now.trouble = [Said(500)] * 6
    with pytest.raises(FetchError) as raised:
        asking("servicenow", now, "other", tables=["cmdb_ci_server"])
    client = Client(now.url, headers={"Authorization": secret}, form={"auth_pwd": PASSWORD})
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).decode()
    for text in (written, caplog.text, str(raised.value), repr(raised.value), repr(client)):
        assert PASSWORD not in text
        assert secret not in text
    for asked in now.asked:
        assert PASSWORD not in asked.path + str(asked.query)


@pytest.mark.parametrize(
    ("system", "answers", "table", "secrets"),
    [
        ("glpi", GlpiItems({"Computer": [{"id": 1, "name": "a"}]}), "Computer", ("my-user-token", "our-app-token")),
        ("itop", ItopObjects({"Server": [1]}), "Server", ("pass-word-of-ada",)),
    ],
    ids=["glpi", "itop"],
)
def test_no_credential_of_glpi_or_itop_is_left_anywhere(
    system: str,
    answers: GlpiItems | ItopObjects,
    table: str,
    secrets: tuple[str, ...],
    asking: Asking,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("GRAPHSMS_GLPI_USER_TOKEN", "my-user-token")
    monkeypatch.setenv("GRAPHSMS_GLPI_APP_TOKEN", "our-app-token")
    monkeypatch.setenv("GRAPHSMS_ITOP_PASSWORD", "pass-word-of-ada")
    caplog.set_level(logging.DEBUG)
    with Server(answers) as server:  # which knows other credentials
        with pytest.raises(FetchError) as raised:
            asking(system, server, tables=[table])
        sent = "".join(f"{one.headers}{one.form}" for one in server.asked)
        asked = "".join(f"{one.path}{one.query}" for one in server.asked)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).decode()
    for secret in secrets:
        assert secret in sent
        for text in (asked, written, caplog.text, str(raised.value), repr(raised.value)):
            assert secret not in text


@pytest.mark.parametrize(("system", "table"), [("servicenow", "cmdb_ci"), ("glpi", "Computer"), ("itop", "Server")])
def test_what_a_server_repeats_of_the_credential_is_withheld(
    system: str, table: str, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHSMS_GLPI_USER_TOKEN", "my-user-token")
    monkeypatch.setenv("GRAPHSMS_ITOP_PASSWORD", PASSWORD)

    def repeating(asked: Asked) -> Said:
        sent = f"{asked.headers.get('authorization', '')} {asked.form} {PASSWORD}"
        if system == "itop":
            return Said(value={"code": 1, "message": f"No user for {sent}"})
        return Said(400, {"error": {"message": f"Bad request: {sent}"}})

    with Server(repeating) as server, pytest.raises(FetchError, match=r"\(withheld\)") as raised:
        asking(system, server, tables=[table])
    encoded = server.asked[0].headers.get("authorization", "none at all").rpartition(" ")[2]
    for secret in (PASSWORD, "my-user-token", encoded):
        assert secret not in str(raised.value)


def test_a_token_of_glpi_or_itop_that_is_wrong_is_said(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHSMS_GLPI_USER_TOKEN", "theirs")
    with Server(GlpiItems({})) as server, pytest.raises(FetchError, match=r"401\. The credential is not accepted"):
        asking("glpi", server, tables=["Computer"])
    monkeypatch.setenv("GRAPHSMS_ITOP_PASSWORD", "guessed")
    with Server(ItopObjects({})) as server, pytest.raises(FetchError, match="The credential is not accepted"):
        asking("itop", server, "other", tables=["Server"])


def test_no_table_can_be_named_so_that_it_leads_elsewhere(now: Server, asking: Asking) -> None:
    for name in ("../../login", "cmdb_ci?x=1", "cmdb ci", ""):
        with pytest.raises(InputError):
            asking("servicenow", now, tables=[name])
    assert now.asked == []


def test_a_server_that_is_not_there_is_an_error(asking: Asking) -> None:
    with Server(lambda _: Said()) as server:
        pass
    with pytest.raises(FetchError, match="cannot be reached"):
        asking("servicenow", server, tables=["cmdb_ci"])
