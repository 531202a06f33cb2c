"""How long the command takes from a cold start: whole processes, beside bare Python, in one run.

::

    python benchmarks/cold_start.py
    python benchmarks/cold_start.py --runs 30

Each process is new; files are in the cache of the system. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent


def seconds(command: list[str], environment: dict[str, str]) -> float:
    start = perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=15, help="runs of each command, in turn")
    runs = parser.parse_args().runs
    # With compiled modules, as an installed package has them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "estate.db")
        graphsms = [sys.executable, "-m", "graphsms", "--store", store]
        commands = {
            "bare Python": [sys.executable, "-c", "pass"],
            "import graphsms": [sys.executable, "-c", "import graphsms"],
            "graphsms find": [*graphsms, "find", "shop"],
            "graphsms impact, as a table": [*graphsms, "impact", "host-n-4"],
            "graphsms impact, as JSON": [*graphsms, "impact", "host-n-4", "--json"],
        }
        seconds([*graphsms, "ingest", str(ROOT / "examples" / "estate")], environment)
        for command in commands.values():
            seconds(command, environment)
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                taken[name].append(seconds(command, environment))
    bare = statistics.median(taken["bare Python"])
    print("| command | median, ms | least, ms | times bare Python |")
    print("|---|---:|---:|---:|")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"| {name} | {median * 1000:.0f} | {min(times) * 1000:.0f} | {median / bare:.1f} |")


if __name__ == "__main__":
    main()
