"""What a run ran on: versions, commit, system and processor. Nothing here names a person, a host or a folder."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath

from results.fingerprint import file_hash

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "simpy")


def package_version(name: str = "hikkoshi") -> str:
    """Return the installed version of a package, or "unknown"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that can change a number."""
    return {"python": platform.python_version(), **{name: package_version(name) for name in PACKAGES}}


def _git(*words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603
            [git, "-C", str(ROOT), *words], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def commit() -> tuple[str | None, bool | None]:
    """The git commit of this program and whether tracked files differ from it; None twice outside a repository."""
    here = Path(__file__).resolve().relative_to(ROOT).as_posix()
    if _git("ls-files", "--error-unmatch", here) is None:  # some other project's repository is not our version
        return None, None
    changes = _git("status", "--porcelain", "--untracked-files=no")
    return _git("rev-parse", "HEAD"), None if changes is None else bool(changes)


def system() -> str:
    """Operating system and architecture, without the kernel build (which can name a provider)."""
    try:
        release = platform.freedesktop_os_release()
        name = release.get("PRETTY_NAME", platform.system())
    except OSError:
        name = f"{platform.system()} {platform.version()}" if platform.system() == "Windows" else platform.system()
    return f"{name} ({platform.machine()})"


def processor() -> str:
    """The processor model where the system tells, else the architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cores() -> int:
    """The number of processor cores that the system shows."""
    return os.cpu_count() or 1


def lock_hash() -> str | None:
    """SHA-256 of the lock file of the dependencies, where the program runs from its source tree."""
    lock = ROOT / "requirements.txt"
    return file_hash(lock) if lock.is_file() else None


def tidy_command(words: Sequence[str]) -> list[str]:
    """The command line without this machine's folders: a path that leads elsewhere keeps only its last name."""
    return [PurePath(word).name if place == 0 else _tidy(word) for place, word in enumerate(words)]


def _tidy(word: str) -> str:
    option, equals, value = word.partition("=")
    if option.startswith("-") and equals:
        return f"{option}={_tidy(value)}"
    path = PurePath(word)
    if path.is_absolute():
        here = Path.cwd()
        return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
    return path.name if ".." in path.parts or word.startswith("~") else word
