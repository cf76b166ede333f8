"""The command that installs what tests need: one line a program, and an honest exit code."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.servers import install as installing
from tests.servers.app import PROJECT
from tests.servers.install import ensure, line_of, refuse, temporary_file
from tests.servers.programs import PROGRAMS, Program, ProgramMissing, get_program, is_ci

pytestmark = pytest.mark.once


def program_at(path: Path, *, is_optional: bool = False) -> Program:
    """A program that is there when the file is."""
    return Program("clock", "clock-server", lambda: path if path.exists() else None, is_optional=is_optional)


def never(programs: Sequence[Program]) -> str | None:
    """An installer that must not be asked."""
    raise AssertionError(f"asked to install {programs}")


@pytest.fixture(autouse=True)
def attended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def unattended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "is_ci", lambda: True)


def test_nothing_is_installed_when_all_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "clock"
    there.touch()
    assert ensure([program_at(there)], install=never) == 0
    assert capsys.readouterr().out == f"clock       ok         {there}\n"


def test_what_is_missing_is_installed_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "clock"
    asked: list[str] = []

    def install(programs: Sequence[Program]) -> None:
        asked.extend(program.package for program in programs)
        path.touch()

    assert ensure([program_at(path)], install=install) == 0
    assert asked == ["clock-server"]
    assert capsys.readouterr().out == f"clock       installed  {path}\n"


def test_what_cannot_be_installed_is_named_with_its_package_and_passes_when_attended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ensure([program_at(tmp_path / "clock")], install=refuse) == 0
    printed = capsys.readouterr()
    assert printed.out == "clock       MISSING    install Debian's package clock-server\n"
    assert "apt-get install --no-install-recommends clock-server" in printed.err


@pytest.mark.usefixtures("unattended")
def test_what_cannot_be_installed_fails_an_unattended_run(tmp_path: Path) -> None:
    assert ensure([program_at(tmp_path / "clock")], install=refuse) == 1


@pytest.mark.usefixtures("unattended")
def test_an_optional_program_fails_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ensure([program_at(tmp_path / "clock", is_optional=True)], install=refuse) == 0
    assert "absent" in capsys.readouterr().out


def test_the_command_reports_every_program_of_this_machine(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "can_install", lambda: False)
    assert installing.main() == 0
    assert capsys.readouterr().out.splitlines() == [line_of(program, was_missing=False) for program in PROGRAMS]


@pytest.mark.skipif(any(program.find() is None for program in PROGRAMS), reason="would install what is missing")
def test_the_command_is_quick_when_all_is_there() -> None:
    seconds = []
    for _ in range(3):
        started = time.monotonic()
        subprocess.run([sys.executable, "-m", "tests.servers.install"], cwd=PROJECT, check=True, capture_output=True)
        seconds.append(time.monotonic() - started)
    # The best of three, doubled, because other work may go on beside.
    assert min(seconds) < 0.6


def test_a_file_put_down_for_the_installation_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "policy"
    with temporary_file(path, text="exit 101\n", mode=0o755):
        assert path.read_text() == "exit 101\n"
        assert path.stat().st_mode & 0o777 == 0o755
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_the_machine_already_has_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "policy"
    path.write_text("mine")
    with temporary_file(path, text="exit 101\n", mode=0o755):
        assert path.read_text() == "mine"
    assert path.read_text() == "mine"


def test_what_a_package_puts_beside_the_temporary_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "policy"
    with temporary_file(path, text="", mode=0o644):
        path.with_name("of the package").touch()
    assert [left.name for left in path.parent.iterdir()] == ["of the package"]


def test_a_missing_program_names_its_package(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="package clock-server"):
        get_program(program_at(tmp_path / "clock"))


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("1", True), ("TRUE", True), ("", False), ("false", False)]
)
def test_an_unattended_run_is_known_by_its_variable(value: str, expected: bool) -> None:
    assert is_ci({"CI": value}) is expected
