"""What can go wrong with a file: each a clear error, and nothing is changed."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from contract.samples import ENTITIES, ESTATE, RELATIONS, WEB, content
from graphsms.errors import CorruptError, InputError, RejectedError, StoreError, UnavailableError
from graphsms.history.verification import verify_journal
from graphsms.ingest import ingest
from graphsms.model import ChangeSet, Entity, Statement
from graphsms.ontology import load
from graphsms.store import open_store
from graphsms.store._sqlite_file import bring_up_to_date
from graphsms.store.sqlite import SqliteStore

ROOT = Path(__file__).parent.parent.parent
EVERYTHING = (list(ENTITIES), list(RELATIONS))
MORE = ChangeSet([Entity("more", "Server", {"name": "More"})])


def opened(path: Path, *, create: bool = True, timeout: float = 10.0) -> SqliteStore:
    return SqliteStore.open(str(path), load(), create=create, timeout=timeout)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a store in it that nobody has open."""
    with opened(tmp_path / "estate.db") as store:
        store.apply(ESTATE)
    return tmp_path / "estate.db"


def in_a_process(code: str, *arguments: object, user: int | None = None) -> str:
    """Run Python in a process of its own; what it prints."""
    prelude = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom graphsms.ontology import load; load()\n"
    if user is not None:  # who may not read our Python, so it is read before
        prelude += "import graphsms.store.sqlite, uuid\n"
        prelude += f"import os; os.setgroups([]); os.setgid({user}); os.setuid({user})\n"
    command = [sys.executable, "-W", "error", "-c", prelude + textwrap.dedent(code), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# ------------------------------------------------------------------------------------- which file


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "file://{}"])
def test_a_store_is_named_by_its_path_or_a_url(path: Path, form: str) -> None:
    with open_store(form.format(path)) as store:
        assert store.url == str(path)
        assert content(store) == EVERYTHING


def test_a_path_may_hold_what_a_url_may_not(tmp_path: Path) -> None:
    path = tmp_path / "our estate?x=1#2 100% ü.db"
    with opened(path) as store:
        store.apply(ESTATE)
    assert path.is_file()
    with open_store(str(path), create=False) as store:
        assert content(store) == EVERYTHING


def test_a_relative_path_stays_the_same_file_when_one_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with opened(Path("estate.db")) as store:
        monkeypatch.chdir("/")
        entities = store.entities()
        store.apply(ESTATE)
        assert [*entities, *store.entities()] == [*ENTITIES, *ENTITIES]
    assert (tmp_path / "estate.db").is_file()


@pytest.mark.parametrize("url", ["sqlite://estate.db", "file://relative.db", "sqlite:///", "file://", "mysql://x/y"])
def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="store"):
        open_store(url)


def test_a_file_that_is_not_there_is_made_only_where_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "estate.db"
    with pytest.raises(InputError, match="no store"):
        opened(path, create=False)
    assert list(tmp_path.iterdir()) == []
    opened(path).close()
    assert path.is_file()


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="is a folder"):
        opened(tmp_path)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="folder does not exist"):
        opened(tmp_path / "nowhere" / "estate.db")
    with pytest.raises(UnavailableError, match="cannot be reached"):
        opened(tmp_path / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_no_store(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnavailableError, match="no ordinary file"):
        opened(tmp_path / "pipe")


def test_an_empty_file_becomes_a_store_only_where_one_may_be_made(tmp_path: Path) -> None:
    path = tmp_path / "estate.db"
    path.touch()
    with pytest.raises(CorruptError, match="empty file"):
        opened(path, create=False)
    assert path.stat().st_size == 0
    with opened(path) as store:
        store.apply(ESTATE)
    with opened(path, create=False) as store:
        assert content(store) == EVERYTHING


def test_derived_files_have_a_folder_beside_the_store_that_is_not_made_ahead(path: Path) -> None:
    with opened(path) as store:
        assert store.cache_folder() == f"{path}.cache"
    assert not Path(f"{path}.cache").exists()


# ---------------------------------------------------------------------------- damaged and foreign


@pytest.mark.parametrize("garbage", [b"id,type,name\nweb,Service,Web shop\n", b"\0" * 5000, b"SQLite format", b"x"])
def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "estate.db"
    path.write_bytes(garbage)
    with pytest.raises(CorruptError, match="no graphsms store"):
        opened(path)
    assert path.read_bytes() == garbage
    assert list(tmp_path.iterdir()) == [path]


def test_a_database_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "browser.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entity (k INTEGER PRIMARY KEY)")
    before = path.read_bytes()
    with pytest.raises(CorruptError, match="something else"):
        opened(path)
    assert path.read_bytes() == before


def test_a_store_made_by_a_newer_version_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(UnavailableError, match="newer graphsms"):
        opened(path)


def test_a_store_without_its_tables_is_damaged(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE relation")
    with opened(path) as store, pytest.raises(CorruptError, match="backup"):
        list(store.relations())


@pytest.mark.parametrize("keep", [0.9, 0.5, 0.2, 0.05])
def test_a_truncated_file_is_found_to_be_damaged(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "estate.db"
    with opened(path) as store:
        store.apply(ChangeSet(Entity(f"server-{number}", "Server") for number in range(3000)))
    os.truncate(path, int(path.stat().st_size * keep))
    with pytest.raises(CorruptError, match="damaged"):
        opened(path)


def test_pages_of_garbage_are_found_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "estate.db"
    with opened(path) as store:
        store.apply(ChangeSet(Entity(f"server-{number}", "Server") for number in range(3000)))
    content = bytearray(path.read_bytes())
    content[4096 * 25 :] = random.Random(1).randbytes(len(content) - 4096 * 25)
    path.write_bytes(content)
    with opened(path) as store:
        with pytest.raises(CorruptError, match="damaged"):
            list(store.entities())
        with pytest.raises(CorruptError, match="damaged"):
            store.apply(ChangeSet(Entity(f"server-{number}", "VirtualMachine") for number in range(3000)))


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE entity SET properties = '{\"name\":\"edited\"}' WHERE id = 'web'",
        "UPDATE entity SET source = 0 WHERE id = 'web'",
        "UPDATE entity_h SET properties = '{}' WHERE id = 'app'",
        "UPDATE relation SET properties = '{}'",
        "DELETE FROM relation WHERE k = 1",
        "DELETE FROM entity_h",
        "UPDATE revision SET actor = 'somebody else' WHERE number = 2",
        "UPDATE revision SET time = '2020-01-01T00:00:00.000000Z' WHERE number = 1",
        "DELETE FROM revision WHERE number = 1",
        "DELETE FROM revision WHERE number = 3",
        "INSERT INTO entity (id, type, properties, source, marks, rev) VALUES ('extra', 1, '{}', 0, 0, 2)",
        "UPDATE entity SET rev = 1 WHERE id = 'more'",
    ],
)
def test_what_is_edited_behind_the_back_of_the_store_is_found(path: Path, edit: str) -> None:
    with opened(path) as store:
        store.apply(ChangeSet([*MORE.entities, Entity("app", "Application", {"name": "New"})]))
        store.apply(ChangeSet(removed_entities=["server-2"]))
        assert verify_journal(store).intact
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(edit).rowcount > 0
        connection.commit()
    with opened(path) as store:
        try:
            broken = verify_journal(store).broken
            assert broken is not None
            assert broken.revision in (1, 2, 3)
        except CorruptError as error:
            assert "without one of its ends" in str(error)  # noqa: PT017 - one way of finding it among others


def test_properties_that_are_no_json_are_found_when_they_are_read(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE entity SET properties = '[\"name\"' WHERE id = 'web'")
        connection.commit()
    with opened(path) as store, pytest.raises(CorruptError, match="JSON"):
        store.entity("web")


# ------------------------------------------------------------------------ locked, read-only, full


def test_a_store_that_another_process_is_writing_is_waited_for_and_then_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, opened(path, timeout=0.1) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="locked by another process"):
            store.apply(MORE)
        assert content(store) == EVERYTHING  # who reads does not wait
        other.rollback()
        assert store.apply(MORE).number == 2


def test_a_store_is_waited_for_while_another_process_writes(path: Path) -> None:
    with closing(sqlite3.connect(path, check_same_thread=False)) as other, opened(path, timeout=30) as store:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.5, other.rollback)
        release.start()
        assert store.apply(MORE).number == 2
        release.join()


def test_a_store_locked_as_a_whole_cannot_be_opened(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UnavailableError, match="locked by another process"):
            opened(path, timeout=0.1)


def test_many_processes_may_make_the_store_at_once(tmp_path: Path) -> None:
    path = tmp_path / "estate.db"
    code = """
    from graphsms.model import ChangeSet, Entity
    from graphsms.store import open_store
    with open_store(sys.argv[1]) as store:
        store.apply(ChangeSet([Entity(sys.argv[2], "Server")]))
        print(store.identity)
    """
    said: list[str] = []
    threads = [
        threading.Thread(target=lambda n=number: said.append(in_a_process(code, path, n))) for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 6
    assert len(set(said)) == 1
    with opened(path) as store:
        assert store.revision().number == 6
        assert store.counts() == {"Server": 6}


def test_a_second_opening_in_this_process_leaves_the_first_its_locks(path: Path) -> None:
    """Whoever opens and closes the file itself undoes the locks of the process, and others then remove its log."""
    code = """
    from graphsms.model import ChangeSet, Entity
    from graphsms.store import open_store
    with open_store(sys.argv[1]) as store:
        store.apply(ChangeSet([Entity(sys.argv[2], "Server")]))
    """
    with opened(path) as store:
        store.apply(MORE)
        opened(path).close()
        in_a_process(code, path, "theirs")
        store.apply(ChangeSet([Entity("ours", "Server")]))
        in_a_process(code, path, "theirs too")
        assert store.revision().number == 5
    with opened(path) as store:
        assert store.revision().number == 5
        assert verify_journal(store).intact


def test_importing_the_folder_that_the_store_is_in_leaves_the_store_its_locks(path: Path) -> None:
    (path.parent / "estate.yaml").write_text("entities: [{id: new, type: Server}]", "utf-8")
    code = """
    from graphsms.model import ChangeSet, Entity
    from graphsms.store import open_store
    with open_store(sys.argv[1]) as store:
        store.apply(ChangeSet([Entity(sys.argv[2], "Server")]))
    """
    with opened(path) as store:
        ingest(store, [path.parent])
        in_a_process(code, path, "theirs")
        store.apply(ChangeSet([Entity("ours", "Server")]))
        in_a_process(code, path, "theirs too")
        assert store.revision().number == 5
        with pytest.raises(RejectedError, match="the store itself"):
            ingest(store, [path])


NOBODY = 65534 if os.geteuid() == 0 else None  # root may do anything, so it becomes somebody who may not
AS_NOBODY = """
from graphsms.errors import StoreError
from graphsms.model import ChangeSet, Entity
from graphsms.store import open_store
try:
    with open_store(sys.argv[1]) as store:
        print(len(list(store.entities())), store.revision().number, store.cache_folder())
        store.apply(ChangeSet([Entity("more", "Server")]))
except StoreError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def shared(path: Path) -> Iterator[Path]:
    """A store that everybody may read, in a folder that everybody may enter; nobody may write either."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(shutil.copy(path, folder))
        store.chmod(0o444)
        Path(folder).chmod(0o555)
        yield store
        Path(folder).chmod(0o755)


def test_a_store_in_a_read_only_folder_can_be_read_and_not_written(shared: Path) -> None:
    before = shared.read_bytes()
    read, error = in_a_process(AS_NOBODY, shared, user=NOBODY).splitlines()
    assert read == "5 1 None"
    assert error.startswith("UnavailableError")
    assert "read-only" in error
    assert shared.read_bytes() == before
    assert list(shared.parent.iterdir()) == [shared]


def test_a_read_only_file_can_be_read_and_not_written(shared: Path) -> None:
    shared.parent.chmod(0o777)
    before = shared.read_bytes()
    read, error = in_a_process(AS_NOBODY, shared, user=NOBODY).splitlines()
    assert read == f"5 1 {shared}.cache"
    assert error.startswith("UnavailableError")
    assert "read-only" in error
    assert shared.read_bytes() == before


def test_a_file_that_may_not_be_read_says_so(shared: Path) -> None:
    shared.chmod(0o000)
    (error,) = in_a_process(AS_NOBODY, shared, user=NOBODY).splitlines()
    assert error.startswith("UnavailableError")
    assert "may not be read" in error


def test_a_store_cannot_be_made_where_nothing_may_be_written(shared: Path) -> None:
    (error,) = in_a_process(AS_NOBODY, shared.with_name("new.db"), user=NOBODY).splitlines()
    assert error.startswith("UnavailableError")
    assert list(shared.parent.iterdir()) == [shared]


def test_a_store_that_may_not_grow_stays_as_it_was(path: Path) -> None:
    with opened(path) as store:
        (connection,) = store._idle
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0] + 5}")
        with pytest.raises(UnavailableError, match="disk is full"):
            store.apply(ChangeSet(Entity(f"big-{number}", "Server", {"name": "x" * 1000}) for number in range(1000)))
        assert content(store) == EVERYTHING
        assert store.apply(MORE).number == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only where a file system may be mounted")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("already", [False, True], ids=["the first revision", "a later one"])
def test_a_full_disk_leaves_the_store_as_it_was(small_disk: Path, already: bool) -> None:
    path = small_disk / "estate.db"
    with opened(path) as store:
        if already:
            store.apply(ESTATE)
        before = store.revision(), content(store)
        big = (Entity(f"big-{number}", "Server", {"description": "x" * 1000}) for number in range(10_000))
        with pytest.raises(UnavailableError, match="disk is full"):
            store.apply(ChangeSet(big))
        assert (store.revision(), content(store)) == before
    with opened(path) as store:
        assert (store.revision(), content(store)) == before
        assert store.apply(MORE).number == before[0].number + 1
        assert verify_journal(store).intact


def test_a_full_disk_lets_no_new_store_begin(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * (2 * 1024 * 1024 - 8192))
    with pytest.raises(UnavailableError, match=r"disk is full|cannot be read or written"):
        opened(small_disk / "estate.db")
    (small_disk / "filler").unlink()
    with opened(small_disk / "estate.db") as store:
        assert store.apply(ESTATE).number == 1


# ---------------------------------------------------------------------------------------- the rest


def test_what_goes_wrong_in_the_callers_own_code_is_not_blamed_on_the_store(path: Path) -> None:
    def from_another_database() -> Iterator[Entity]:
        yield Entity("new", "Server")
        with closing(sqlite3.connect(":memory:")) as other:
            other.execute("SELECT * FROM nothing")

    with opened(path) as store:
        with pytest.raises(sqlite3.OperationalError, match="nothing"):
            store.apply(ChangeSet(from_another_database()))
        with pytest.raises(sqlite3.OperationalError, match="theirs"), store.stream([]):
            raise sqlite3.OperationalError("theirs")
        assert content(store) == EVERYTHING


def test_text_that_is_no_text_is_refused(path: Path) -> None:
    with opened(path) as store:
        for entity in (Entity("\ud800", "Server"), Entity("a", "Server", {"name": "\ud800"})):
            with pytest.raises(InputError, match="surrogate"):
                store.apply(ChangeSet([entity]))
        for ask in (store.entity, store.nearest_ids):
            with pytest.raises(InputError, match="surrogate"):
                ask("\ud800")
        assert content(store) == EVERYTHING


def test_an_iterator_of_a_store_that_has_been_closed_says_so(path: Path) -> None:
    store = opened(path)
    entities = store.entities()
    next(entities)
    store.close()
    with pytest.raises(StoreError, match="cannot be used any more"):
        next(entities)
    other = store.entities()
    with pytest.raises(StoreError, match="closed"):
        next(other)


def test_a_stream_that_is_read_after_its_block_says_so(path: Path) -> None:
    with opened(path) as store:
        with store.stream([]) as graph:
            nodes = next(iter(graph.nodes))
        with pytest.raises(StoreError, match="within its block"):
            list(nodes.chunks)


def test_iterators_that_are_left_alone_do_not_hold_the_store_back(path: Path) -> None:
    with opened(path) as store:
        left = [store.entities() for _ in range(5)]
        for iterator in left:
            next(iterator)
        store.apply(ChangeSet([Entity("web", "Service", {"name": "Shop"})]))
        assert store.entity("web") != WEB
        assert [list(iterator)[-1] for iterator in left] == [WEB] * 5


def test_a_store_copied_by_other_tools_is_shared_safely_again(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    with opened(tmp_path / "copy.db") as store:
        entities = store.entities()
        next(entities)
        assert store.apply(MORE).number == 2
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_last_to_close_leaves_one_file(path: Path) -> None:
    with opened(path) as store:
        store.apply(MORE)
        list(store.entities())
    assert list(path.parent.iterdir()) == [path]


def read_everything(store: SqliteStore) -> int:
    return len(list(store.entities())) + len(list(store.relations()))


@pytest.mark.parametrize("read", [read_everything, lambda store: store.find("web"), lambda store: store.counts()])
def test_reading_writes_nothing(path: Path, read: Callable[[SqliteStore], object]) -> None:
    before = path.read_bytes()
    with opened(path, create=False) as store:
        read(store)
    assert path.read_bytes() == before


def test_opening_and_reading_needs_little_of_python(path: Path) -> None:
    code = """
    from graphsms.store import open_store
    with open_store(sys.argv[1]) as store:
        list(store.entities()), list(store.relations()), store.revision()
    heavy = {"numpy", "numba", "rdflib", "rich", "click", "neo4j", "pandas", "networkx", "tempfile", "uuid", "difflib"}
    print(sorted(heavy & sys.modules.keys()))
    """
    assert in_a_process(code, path) == "[]"


def test_an_import_is_read_as_it_comes_whatever_its_size(tmp_path: Path) -> None:
    code = """
    import resource
    from graphsms.model import ChangeSet, Entity, Relation
    from graphsms.store import open_store
    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    def entities(count):
        return (Entity(f"server-{n}", "Server", {"description": f"{n:5000}"}) for n in range(count))
    def relations(count):
        return (Relation("dependsOn", f"server-{n}", f"server-{n * n % count}") for n in range(count))
    with open_store(sys.argv[1]) as store:
        store.apply(ChangeSet(entities(1000), relations(1000)))
        before = peak()
        store.apply(ChangeSet(entities(int(sys.argv[2])), relations(int(sys.argv[2]))))
        sum(1 for _ in store.entities()), sum(1 for _ in store.relations())
        print(peak() - before)
    """
    # 200 MB of text: beside the cache of SQLite of 64 MB, what is held does not grow with it.
    assert int(in_a_process(code, tmp_path / "estate.db", 40_000)) < 130


def as_of_the_first_format(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for table in ("entity", "relation", "entity_h", "relation_h"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN stated")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


def test_a_file_of_the_first_format_is_brought_up_to_date_with_all_that_it_holds(path: Path) -> None:
    with opened(path) as store:
        store.apply(ChangeSet([Entity("web", "Service")]))
        before = list(store.entities()), list(store.relations()), list(store.revisions())
    as_of_the_first_format(path)
    for _ in range(2):
        with opened(path) as store:
            assert (list(store.entities()), list(store.relations()), list(store.revisions())) == before
            assert verify_journal(store).intact
            said = Entity("web", "Service", {}, "catalogue", {"a": Statement("Service"), "b": Statement("Service")})
            store.apply(ChangeSet([said]))
            assert store.entity("web") == said
            before = list(store.entities()), list(store.relations()), list(store.revisions())


def test_a_file_of_the_first_format_that_may_not_be_written_says_what_to_do(path: Path) -> None:
    as_of_the_first_format(path)
    with (
        closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection,
        pytest.raises(UnavailableError, match="older graphsms"),
    ):
        bring_up_to_date(connection, str(path))


def test_a_store_in_memory_is_not_mistaken_for_a_file_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="is none: name one in a temporary folder"):
        open_store(":memory:")
    assert list(tmp_path.iterdir()) == []
