"""`make bench`: measures the main pages against floors of the same run, and holds them to their limits.

Environment: IDEAS_BENCH_SIZE (ideas, default 10000), IDEAS_BENCH_DATABASE (sqlite, postgresql or both;
default sqlite), IDEAS_BENCH_SECONDS (of each measurement, default 3).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from ideas.app import create_app
from ideas.core.settings import read_settings
from ideas.transfer.records import new_header
from ideas.transfer.writing import write_record
from tests.architecture.tree import ROOT
from tests.load.community import community
from tests.load.scenarios import (
    FORM,
    PLAIN,
    Person,
    Scenario,
    burden,
    give_owner,
    person_of,
    queries_of,
    scenarios_of,
)
from tests.servers.guarded import start_guarded, wait_until_ready
from tests.servers.ports import free_port
from tests.servers.postgres import create_database, start_postgres

#: The machine is faster in one minute than in the next, so each round is compared with its own floor.
ROUNDS = 5
CONNECTIONS = 8
FLOOR = "floor: Flask hello"
SMALL = 1_000
#: What must hold: ratio to the floor, statements a page, and growth of the 95th percentile with size.
LEAST_RATIO = {"board, member": 0.06}
MOST_QUERIES = {"board, visitor": 9, "board, member": 9, "idea, 50 comments": 14, PLAIN: 14, "idea, heavy": 24}
#: How many times as long as a plain idea's page another page may take, at the 95th percentile.
MOST_TIMES_PLAIN = {"idea, heavy": 2.0}
MOST_GROWTH = 1.5


@dataclass(frozen=True)
class Measure:
    """One line of the result."""

    scenario: str
    database: str
    ideas: int
    rps: float
    p50_ms: float
    p95_ms: float
    floor: str
    ratio_to_floor: float
    queries: int | None


@dataclass(frozen=True)
class Sample:
    """One short run of one scenario."""

    rps: float
    p50_ms: float
    p95_ms: float


def main() -> int:
    """Measure, print the table, write build/bench.json; return 1 where a limit does not hold."""
    size = int(os.environ.get("IDEAS_BENCH_SIZE", "10000"))
    wanted = os.environ.get("IDEAS_BENCH_DATABASE", "sqlite")
    if shutil.which("wrk") is None:
        subprocess.run(["apt-get", "install", "-y", "-q", "wrk"], check=True, stdout=subprocess.DEVNULL)
    measures: list[Measure] = []
    for database in ("sqlite", "postgresql") if wanted == "both" else (wanted,):
        for ideas in sorted({min(SMALL, size), size}):
            measures += measure(database, ideas)
    out = ROOT / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps([asdict(one) for one in measures], indent=1) + "\n")
    print_table(measures)
    broken = broken_limits(measures)
    print("\n".join(broken) or "All limits hold.")
    return 1 if broken else 0


def measure(database: str, ideas: int) -> list[Measure]:
    """Return all lines for one engine and size: the medians of interleaved rounds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        env = {"STORAGE_DIR": str(folder / "var"), "DATABASE_URL": database_url(stack, database, folder)}
        fill(env, folder, ideas)
        url = stack.enter_context(serving(env, folder))
        app = create_app(read_settings({**env, "BASE_URL": url}))
        give_owner(app)
        scenarios, person = scenarios_of(app, heavy=burden(app)), person_of(app)
        samples: dict[str, list[Sample]] = {scenario.name: [] for scenario in scenarios}
        for scenario in scenarios:
            # What is measured is a server that has been running, not one that has just been started.
            sample(url, scenario, person, folder)
        for _round in range(ROUNDS):
            for scenario in scenarios:
                samples[scenario.name].append(sample(url, scenario, person, folder))
        counts = {scenario.name: queries_of(app, scenario, person) for scenario in scenarios}
    floors = samples[FLOOR]
    return [
        Measure(
            scenario=name,
            database=database,
            ideas=ideas,
            rps=round(median(one.rps for one in runs), 1),
            p50_ms=round(median(one.p50_ms for one in runs), 2),
            p95_ms=round(median(one.p95_ms for one in runs), 2),
            floor=FLOOR,
            ratio_to_floor=round(median(one.rps / floor.rps for one, floor in zip(runs, floors, strict=True)), 4),
            queries=counts[name],
        )
        for name, runs in samples.items()
    ]


def fill(env: dict[str, str], folder: Path, ideas: int) -> None:
    """Import a seeded community of that size and build its search index."""
    file = folder / "community.jsonl"
    with file.open("w", encoding="utf-8") as out:
        out.write(write_record(new_header(source="bench")) + "\n")
        out.writelines(write_record(record) + "\n" for record in community(ideas))
    for arguments in (["migrate"], ["import", str(file)], ["search", "rebuild"]):
        subprocess.run(
            [sys.executable, "-m", "ideas", *arguments],
            check=True,
            cwd=ROOT,
            env={**os.environ, **env},
            stdout=sys.stderr,
        )


@contextmanager
def serving(env: dict[str, str], folder: Path) -> Iterator[str]:
    """Serve the application and the floors, as `ideas serve` does, while the block runs."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--workers",
        "2",
        "--blocking-threads",
        "1",
        "--no-ws",
        "--log-level",
        "warning",
        "tests.load.target:app",
    ]
    log = folder / "server"
    log.mkdir()
    process = start_guarded(command, folder=log, environ={**os.environ, **env, "BASE_URL": url}, cwd=ROOT)
    try:
        wait_until_ready(process, is_ready=lambda: _answers(url), seconds=60, name="the measured server")
        yield url
    finally:
        process.stop()


def sample(url: str, scenario: Scenario, person: Person, folder: Path) -> Sample:
    """Load one scenario for a few seconds. Raises RuntimeError where an answer was not a good one."""
    file = folder / "requests.txt"
    file.write_text("".join(f"{method}\t{path}\t{body}\n" for method, path, body in scenario.requests))
    # As browsers of today say it.
    headers = [f"Content-Type: {FORM}", "Accept-Encoding: gzip, deflate, br, zstd"]
    if scenario.is_member:
        headers += [f"Cookie: {person.cookie}", f"X-CSRFToken: {person.token}", "Sec-Fetch-Site: same-origin"]
    seconds = os.environ.get("IDEAS_BENCH_SECONDS", "3")
    command = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "-s", str(ROOT / "tests/load/wrk.lua")]
    command += [part for header in headers for part in ("-H", header)]
    printed = subprocess.run([*command, url, "--", str(file), "2"], check=True, capture_output=True, text=True).stdout
    found = json.loads(printed.strip().splitlines()[-1])
    if found["bad_status"] or found["broken"]:
        raise RuntimeError(f"{scenario.name}: {found}")
    return Sample(found["requests"] / found["us"] * 1e6, found["p50_us"] / 1000, found["p95_us"] / 1000)


def broken_limits(measures: list[Measure]) -> list[str]:
    """Return a sentence for each limit that does not hold; empty where all do."""
    found = []
    for one in measures:
        least, most = LEAST_RATIO.get(one.scenario), MOST_QUERIES.get(one.scenario)
        name = f"{one.scenario} on {one.database} with {one.ideas} ideas"
        if least is not None and one.ratio_to_floor < least:
            found.append(f"{name}: {one.ratio_to_floor} of the floor, at least {least} is wanted")
        if most is not None and one.queries is not None and one.queries > most:
            found.append(f"{name}: {one.queries} queries, at most {most} are wanted")
        plain = next(m for m in measures if (m.scenario, m.database, m.ideas) == (PLAIN, one.database, one.ideas))
        times = MOST_TIMES_PLAIN.get(one.scenario)
        if times is not None and one.p95_ms > plain.p95_ms * times:
            found.append(f"{name}: 95th percentile {one.p95_ms} ms, a plain idea {plain.p95_ms} ms")
        small = next(
            (m for m in measures if (m.scenario, m.database, m.ideas) == (one.scenario, one.database, SMALL)), one
        )
        if not one.scenario.startswith("floor") and one.p95_ms > small.p95_ms * MOST_GROWTH:
            found.append(f"{name}: 95th percentile {one.p95_ms} ms, with {SMALL} ideas {small.p95_ms} ms")
    return found


def print_table(measures: list[Measure]) -> None:
    """Print the measures, a line each."""
    print(
        f"{'scenario':20} {'database':10} {'ideas':>7} {'rps':>9} {'p50 ms':>8} {'p95 ms':>8} "
        f"{'ratio':>7} {'queries':>7}"
    )
    for one in measures:
        queries = "" if one.queries is None else one.queries
        print(
            f"{one.scenario:20} {one.database:10} {one.ideas:7d} {one.rps:9.1f} {one.p50_ms:8.2f} {one.p95_ms:8.2f} "
            f"{one.ratio_to_floor:7.4f} {queries:>7}"
        )
    print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def database_url(stack: ExitStack, database: str, folder: Path) -> str:
    """Return the address of a fresh database of that engine, which is there as long as the stack."""
    if database == "sqlite":
        return f"sqlite:///{folder / 'bench.db'}"
    server = stack.enter_context(start_postgres())
    return create_database(server, "bench")


def _answers(url: str) -> bool:
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{url}/health"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout == "200"


if __name__ == "__main__":
    sys.exit(main())
