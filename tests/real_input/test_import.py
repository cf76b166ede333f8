"""The real sets, imported whole on the chosen database: within the time, within the memory, every total right."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from tests.real_input.convert import SETS, convert, data_folder, missing_path
from tests.servers.plugin import DatabaseKind

pytestmark = pytest.mark.real_input

PROJECT = Path(__file__).resolve().parents[2]
#: Seconds on a machine that does nothing else, for 60,000 records. Other tests run at the same time, and two of
#: them halve the speed, so what is asserted is processor time: the waiting for others is not the import's.
LIMITS = {DatabaseKind.SQLITE: 30.0, DatabaseKind.POSTGRESQL: 60.0}
MEMORY_MB = 400
COUNTS = {
    "uk_petitions": {"ideas": 4_134, "responses": 2_970},
    "wikimedia_wishlist": {"ideas": 2_292, "supports": 50_891},
    "decide_madrid": {"ideas": 80, "comments": 5_633},
}
#: Runs the command in a process of its own and tells what it took. The peak is read from the process's own memory:
#: getrusage's ru_maxrss survives exec, so it would tell how large the test runner was when it forked.
MEASURED = """
import json, resource, sys, time
from pathlib import Path
from ideas.cli.main import cli
started = time.monotonic()
try:
    cli(sys.argv[1:], prog_name="ideas")
except SystemExit as end:
    code = end.code or 0
used = resource.getrusage(resource.RUSAGE_SELF)
told = {"code": code, "seconds": time.monotonic() - started, "cpu": used.ru_utime + used.ru_stime}
lines = Path("/proc/self/status").read_text().splitlines()
peak_kb = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
print(json.dumps({**told, "mb": peak_kb / 1024}), file=sys.stderr)
"""


def _ideas(env: dict[str, str], *arguments: str) -> tuple[str, dict[str, float]]:
    command = [sys.executable, "-c", MEASURED, *arguments]
    done = subprocess.run(command, env=env, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("name", list(SETS))
def test_a_real_community_is_imported_in_time_and_every_total_is_right(
    name: str, database_kind: DatabaseKind, new_database: NewDatabase, tmp_path: Path
) -> None:
    missing = missing_path(name, data_folder() / name)
    if missing is not None:
        pytest.skip(f"real input is absent: there is no {missing} (IDEAS_REAL_INPUT names another folder)")
    path = tmp_path / f"{name}.jsonl"
    convert(name, folder=data_folder() / name, out=path)
    env = {"PATH": os.environ["PATH"], "STORAGE_DIR": str(tmp_path / "var"), "DATABASE_URL": new_database()}
    _ideas(env, "migrate")
    _told, took = _ideas(env, "import", str(path))
    print(f"\n{name} on {database_kind}: {took['seconds']:.1f} s, {took['cpu']:.1f} s processor, {took['mb']:.0f} MB")
    assert took["code"] == 0
    assert took["cpu"] < LIMITS[database_kind]
    assert took["mb"] < MEMORY_MB
    told, verified = _ideas(env, "verify")
    assert verified["code"] == 0, told
    found = json.loads(_ideas(env, "status", "--json")[0])
    assert {word: found[word] for word in COUNTS[name]} == COUNTS[name]
    assert "New: nothing." in _ideas(env, "import", str(path))[0]
