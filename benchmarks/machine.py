"""Where a benchmark runs and what it costs: CPU seconds of all threads, wall seconds, versions."""

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

PACKAGES = ("numba", "numpy", "pandas", "polars", "duckdb")


def timed(call: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """What a call gives, and its seconds: `cpu` (user and system, all threads), `wall`; `peak_mb` of the process."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    made = call()
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return made, {"cpu": cpu, "wall": wall, "peak_mb": after.ru_maxrss / 1024}


def settle(megabytes: int) -> None:
    """Have a process touch so much memory and end, so that what is measured next finds pages at hand.

    A virtual machine gives idle memory back to its host; the first touch of such a page costs some twenty times one
    that is there, and falls on whoever comes first.
    """
    touch = f"import numpy; numpy.ones({megabytes} << 17)"
    subprocess.run([sys.executable, "-c", touch], check=True)


def machine() -> dict[str, str]:
    """The processor, and the versions of everything compared."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    cores = f"{os.cpu_count()} cores, {models[0] if models else platform.processor()}"
    versions = {name: installed(name) or "absent" for name in PACKAGES}
    return {"machine": cores, "python": platform.python_version(), **versions}


def installed(package: str) -> str | None:
    """The version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def home() -> Path:
    """The folder of run-time files, where figures are kept."""
    return Path(os.environ.get("DIVERSION_HOME", "var"))
