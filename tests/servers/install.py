"""Install what tests need beside Python: `python -m tests.servers.install`.

Quick when all is there. Where it may (root on Debian) it installs what is missing, without starting a system
service; elsewhere it names the packages. Uses the standard library only, because it runs before anything is installed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers.programs import PROGRAMS, Program, is_ci

POLICY = Path("/usr/sbin/policy-rc.d")
CLUSTER_POLICY = Path("/etc/postgresql-common/createcluster.d/tests-need-no-cluster.conf")
#: Another apt may be at work on a shared machine; waiting is better than failing.
APT_OPTIONS = ("-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=60")
INSTALL_SECONDS = 1800

#: Installs programs and returns None, or what went wrong.
Installer = Callable[[Sequence[Program]], str | None]


def main() -> int:
    """Report every program on one line; return 0, or 1 where an unattended run lacks one."""
    return ensure(PROGRAMS, install=install if can_install() else refuse)


def ensure(programs: Sequence[Program], *, install: Installer) -> int:
    """Install what is missing by `install`, print one line per program, return the exit code."""
    missing = [program for program in programs if program.find() is None]
    problem = install(missing) if missing else None
    still_missing = [program for program in missing if program.find() is None]
    for program in programs:
        print(line_of(program, was_missing=program in missing))
    if not still_missing:
        return 0
    if problem:
        print(problem, file=sys.stderr)
    return 1 if is_ci() and any(not program.is_optional for program in still_missing) else 0


def line_of(program: Program, *, was_missing: bool) -> str:
    """Return the line about one program: its name, what became of it, and where it is or which package to install."""
    path = program.find()
    if path is not None:
        return f"{program.name:<11} {'installed' if was_missing else 'ok':<10} {path}"
    word = "absent" if program.is_optional else "MISSING"
    return f"{program.name:<11} {word:<10} install Debian's package {program.package}"


def can_install() -> bool:
    """Tell whether packages can be installed here: root, with apt-get."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def refuse(programs: Sequence[Program]) -> str:
    """Install nothing; return the command that somebody with the right to do so can type."""
    packages = " ".join(program.package for program in programs)
    command = f"sudo apt-get install --no-install-recommends {packages}"
    return f"Not root on a Debian machine, so nothing was installed. Do: {command}"


def install(programs: Sequence[Program]) -> str | None:
    """Install the packages and return None, or what went wrong.

    Optional packages that this release of Debian does not know are left out.
    """
    with ExitStack() as traces:
        traces.enter_context(services_stay_stopped())
        traces.enter_context(no_database_cluster())
        # A failing update is not the end: the lists may be recent enough.
        update_problem = apt_get("update")
        wanted = [program for program in programs if not program.is_optional or is_known(program.package)]
        print("installing", *(program.package for program in wanted), "(takes a minute or two)", flush=True)
        problem = apt_get("install", "-y", "--no-install-recommends", *(program.package for program in wanted))
    for program in wanted:
        keep_off_at_boot(program)
    return "\n".join(filter(None, (update_problem, problem))) if problem else None


def is_known(package: str) -> bool:
    """Tell whether apt has a package of that name."""
    shown = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return shown.returncode == 0


def apt_get(*arguments: str) -> str | None:
    """Run apt-get without questions; return None, or the last lines of what it said when it failed."""
    command = ["apt-get", *APT_OPTIONS, *arguments]
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    ran = subprocess.run(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=INSTALL_SECONDS,
    )
    if ran.returncode == 0:
        return None
    last_lines = "\n".join(ran.stdout.splitlines()[-8:])
    return f"apt-get {arguments[0]} failed ({ran.returncode}):\n{last_lines}"


@contextmanager
def services_stay_stopped() -> Iterator[None]:
    """Forbid packages to start their services meanwhile; a policy that the machine already has is left as it is."""
    with temporary_file(POLICY, text="#!/bin/sh\nexit 101\n", mode=0o755):
        yield


@contextmanager
def no_database_cluster() -> Iterator[None]:
    """Keep PostgreSQL's package from making a cluster: tests make their own."""
    with temporary_file(CLUSTER_POLICY, text="create_main_cluster = false\n", mode=0o644):
        yield


@contextmanager
def temporary_file(path: Path, *, text: str, mode: int) -> Iterator[None]:
    """Hold a file at the path while inside and remove what was made, folders too; an existing file stays untouched."""
    if path.exists():
        yield
        return
    new_folders = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        for folder in new_folders:
            # A package may have put files of its own there meanwhile.
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def keep_off_at_boot(program: Program) -> None:
    """Undo that a package installed for tests enables its service for the next boot."""
    systemctl = shutil.which("systemctl")
    if program.service and systemctl:
        subprocess.run([systemctl, "disable", program.service], capture_output=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
