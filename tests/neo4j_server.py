"""A real Neo4j server for the tests: one that is there already, in Docker, or from its jars with Java and Maven.

`started` looks for one in this order: ``GRAPHSMS_TEST_NEO4J`` (a URL with user and password; **the
tests empty that database**), Docker if an engine answers, Java with Maven. The jars are fetched once
into ``~/.cache/graphsms-test``; a server lives in a temporary folder, listens on 127.0.0.1 only, and
ends with the tests, also if they are killed.

    python tests/neo4j_server.py 5.26

starts one by hand, prints its URL, and stops it with Ctrl-C.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

URL_VARIABLE = "GRAPHSMS_TEST_NEO4J"
POM = Path(__file__).with_suffix(".pom.xml")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
START_SECONDS = 240
# What the server's own neo4j.conf opens to it.
JVM = (
    "-Xmx1g",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


class NoServerError(Exception):
    """No server of a line can be had here; the message says what is missing and how to get it."""


@dataclass(frozen=True)
class Line:
    """A line of releases: the release to run, its image, the Java versions it supports, and its main class."""

    release: str
    image: str
    java: range
    main: str


LINES = {
    "5.26": Line("5.26.30", "neo4j:5.26-community", range(17, 22), "org.neo4j.server.CommunityEntryPoint"),
    "2025": Line("2025.12.1", "neo4j:2025.12-community", range(21, 100), "org.neo4j.server.Neo4jCommunity"),
}


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: str  # host:port
    user: str
    password: str
    scheme: str = "bolt"

    @property
    def url(self) -> str:
        """With user and password, as ``GRAPHSMS_STORE`` takes it."""
        return f"{self.scheme}://{self.user}:{self.password}@{self.address}"

    def driver(self) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(f"{self.scheme}://{self.address}", auth=(self.user, self.password))

    def empty(self, keep: str = "graphsms_") -> None:
        """Take everything out of the database: nodes, relationships, constraints, indexes.

        The store's own constraints and indexes may stay, by their names: to make them takes seconds, and the store
        makes sure of them in any case.
        """
        with self.driver() as driver, driver.session() as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
            for kind, filter in (("CONSTRAINT", "true"), ("INDEX", "type <> 'LOOKUP'")):
                names = session.run(f"SHOW {kind} YIELD * WHERE {filter} RETURN name").value()
                for name in names:
                    if not (keep and name.startswith(keep)):
                        session.run(f"DROP {kind} `{name}` IF EXISTS").consume()


@contextmanager
def started(line: str) -> Iterator[Server]:
    """A server of a line of releases, for the length of the block.

    Raises
    ------
    NoServerError
        None of the ways leads to one here.
    """
    given = os.environ.get(URL_VARIABLE, "")
    if given:
        yield _given(given, line)
    elif docker_answers():
        with _in_docker(LINES[line]) as server:
            yield server
    else:
        with _from_jars(LINES[line]) as server:
            yield server


@contextmanager
def own(line: str, settings: Mapping[str, str]) -> Iterator[Server]:
    """A server from its jars that is set up in another way, for the length of the block.

    Raises
    ------
    NoServerError
        Java or the jars cannot be had here.
    """
    with _from_jars(LINES[line], settings) as server:
        yield server


def server_at(url: str) -> Server:
    """The server that a URL with user and password names."""
    parts = urlsplit(url)
    if not (parts.username and parts.password and parts.hostname):
        raise NoServerError(f"{URL_VARIABLE} must be a URL with user and password: bolt://neo4j:secret@localhost:7687.")
    address = f"{parts.hostname}:{parts.port or 7687}"
    return Server(address, unquote(parts.username), unquote(parts.password), parts.scheme)


def _given(url: str, line: str) -> Server:
    server = server_at(url)
    with server.driver() as driver:
        agent = driver.get_server_info().agent
    if not agent.startswith(f"Neo4j/{line}"):
        raise NoServerError(f"{URL_VARIABLE} names a {agent}, not one of the line {line}.")
    return server


# ------------------------------------------------------------------------------------------- Docker


def docker_answers() -> bool:
    """Whether there is a Docker here whose engine runs."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        asked = subprocess.run([docker, "version", "--format", "{{.Server.Version}}"], capture_output=True, timeout=10)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


@contextmanager
def _in_docker(line: Line) -> Iterator[Server]:
    from testcontainers.core.container import DockerContainer

    port, password = _free_port(), secrets.token_hex(12)
    container = (
        DockerContainer(line.image)
        .with_env("NEO4J_AUTH", f"neo4j/{password}")
        .with_env("NEO4J_server_bolt_advertised__address", f"127.0.0.1:{port}")
        .with_env("NEO4J_server_memory_heap_max__size", "1g")
        .with_env("NEO4J_dbms_usage__report_enabled", "false")
        .with_bind_ports(7687, port)
    )
    with container:
        server = Server(f"127.0.0.1:{port}", "neo4j", password)
        if not _answers(server, lambda: container.get_wrapped_container().status != "exited"):
            raise RuntimeError(f"{line.image} did not start: {container.get_logs()!r}")
        yield server


# ------------------------------------------------------------------------------------------- jars


@contextmanager
def _from_jars(line: Line, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[Server]:
    java = _java(line)
    jars = _jars(line)
    home = Path(tempfile.mkdtemp(prefix="graphsms-neo4j-"))
    process, server = _launch(line, java, jars, home, settings)
    try:
        if not _answers(server, lambda: process.poll() is None):
            log = home / "console.log"
            raise RuntimeError(f"Neo4j {line.release} did not start:\n{log.read_text('utf-8')[-3000:]}")
        yield server
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(home, ignore_errors=True)


def _launch(
    line: Line, java: Path, jars: Path, home: Path, more: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], Server]:
    server = Server(f"127.0.0.1:{_free_port()}", "neo4j", secrets.token_hex(12))
    settings = {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": server.address,
        "server.bolt.advertised_address": server.address,
        "server.http.enabled": "false",
        "server.memory.pagecache.size": "256m",
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.retention_policy": "keep_none",
        "dbms.usage_report.enabled": "false",
        **more,
    }
    (home / "conf").mkdir()
    (home / "conf/neo4j.conf").write_text("".join(f"{k}={v}\n" for k, v in settings.items()), "utf-8")
    environment = {**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    run = [str(java), "-cp", f"{jars}/*"]
    subprocess.run(
        [*run, "org.neo4j.cli.AdminTool", "dbms", "set-initial-password", server.password],
        env=environment, check=True, capture_output=True, timeout=START_SECONDS,
    )  # fmt: skip
    with (home / "console.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "keep", str(os.getpid()), str(home),
             *run, *JVM, line.main, f"--home-dir={home}", f"--config-dir={home / 'conf'}"],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    return process, server


def _keep(parent: int, home: Path, command: list[str]) -> int:
    """Run the server until it ends, until told to stop, or until the tests are gone: then stop it and clear up."""
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: stop.append(received))
    server = subprocess.Popen(command)
    while server.poll() is None and not stop and os.getppid() == parent:
        time.sleep(0.2)
    server.kill()  # nobody needs its data any more: an orderly end would take seconds
    status = server.wait()
    if os.getppid() != parent:
        shutil.rmtree(home, ignore_errors=True)
    return status


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(server: Server, alive: Callable[[], bool]) -> bool:
    """Wait until the server takes queries; False where it ends before, or does not in time."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and alive():
        with suppress(DriverError, Neo4jError), server.driver() as driver, driver.session() as session:
            session.run("RETURN 1").consume()  # outside a managed transaction: at once, or not at all
            return True
        time.sleep(0.2)
    return False


def _java(line: Line) -> Path:
    """The oldest Java on this machine that the line supports."""
    found = sorted((version, path) for path in _javas() if (version := _java_version(path)) in line.java)
    if not found:
        raise NoServerError(
            f"Neo4j {line.release} needs Java {line.java.start} or later"
            + (f" (up to {line.java.stop - 1})" if line.java.stop < 100 else "")
            + f", or Docker, or {URL_VARIABLE}=bolt://user:password@host:port."
            + " On Debian and Ubuntu: apt-get install default-jdk-headless maven."
        )
    return found[0][1]


def _javas() -> Iterable[Path]:
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    if on_path:
        homes.append(Path(on_path).resolve().parent.parent)
    for folder in (
        Path("/usr/lib/jvm"),
        Path("/Library/Java/JavaVirtualMachines"),
        Path.home() / ".sdkman/candidates/java",
    ):
        homes += sorted(folder.glob("*"))
        homes += sorted(folder.glob("*/Contents/Home"))
    return {path.resolve() for home in homes if (path := home / "bin/java").is_file()}


def _java_version(java: Path) -> int:
    said = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=60).stderr
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match[1]) if match else 0


def _jars(line: Line) -> Path:
    """The folder with the server's jars, fetched by Maven where it is not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "graphsms-test"
    jars = cache / f"neo4j-{line.release}" / "lib"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise NoServerError(
            f"Maven brings Neo4j {line.release}, and it is not here. On Debian and Ubuntu: apt-get install maven."
            f" Or start Docker, or set {URL_VARIABLE}=bolt://user:password@host:port."
        )
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one run fetches, the others wait for it
        if not jars.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as fetched:
                asked = subprocess.run(
                    [maven, "--batch-mode", "--file", str(POM), f"-Dneo4j.version={line.release}", COPY,
                     "-DincludeScope=runtime", f"-DoutputDirectory={fetched}/lib"],
                    capture_output=True, text=True, timeout=900,
                )  # fmt: skip
                if asked.returncode:
                    raise NoServerError(f"Maven could not fetch Neo4j {line.release}:\n{asked.stdout[-2000:]}")
                jars.parent.mkdir(exist_ok=True)
                Path(fetched, "lib").rename(jars)
    return jars


if __name__ == "__main__":
    if sys.argv[1] == "keep":
        sys.exit(_keep(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
    with started(sys.argv[1]) as running:
        print(running.url, flush=True)  # noqa: T201
        with suppress(KeyboardInterrupt):
            signal.pause()
