"""Would the tests notice? Breaks one law of the features at a time and tells which test fails.

Run ``python -m benchmarks.mutations``; it takes about a minute for each mutation and processor. A mutation is an exact
piece of the source and what replaces it: where the piece is not found any more, the run stops and says so. Nothing in
the working folder changes. Each finding is told and kept in the folder of run-time files as it comes: a run that was
interrupted goes on where it stopped, as long as the sources and tests are the same.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.machine import home

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("features", "models", "tests", "pyproject.toml")
TESTS = ("tests/features/windows", "tests/features/facts", "tests/features/test_vector.py")
PATIENCE_S = 400
"""CPU seconds. The whole run of the tests takes one or two minutes; a mutation may loop for ever."""

LIMITED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({PATIENCE_S}, {PATIENCE_S}))
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""

QUICK = """
from hypothesis import Phase, settings
FIRST = {"phases": [Phase.explicit, Phase.generate], "deadline": None}
settings.register_profile("first failure", database=None, derandomize=True, **FIRST)
settings.load_profile("first failure")
"""
"""A failure is enough; its smallest example is not wanted here."""


@dataclass(frozen=True)
class Mutation:
    """A law, the file that keeps it, the text that does, and the text that breaks it."""

    law: str
    file: str
    text: str
    broken: str


KERNEL, PLAN, FORMULAS = "features/windows/kernel.py", "features/windows/plan.py", "features/windows/formulas.py"
ACCUMULATORS, ENTITIES = "features/windows/accumulators.py", "features/windows/entities.py"
EXPIRY = "features/windows/expiry.py"
EVENTS, ENCODE, VERSIONS = "features/facts/events.py", "features/facts/encode.py", "features/windows/versions.py"
VECTOR = "features/vector.py"

MUTATIONS = (
    Mutation(
        "what is known at t is not seen at t",
        KERNEL,
        "TIME] >= t:\n            break",
        "TIME] > t:\n            break",
    ),
    Mutation(
        "orders of one instant do not see each other",
        KERNEL,
        "ring[slot, OWN] = t, order, item, before",
        "ring[slot, OWN] = t - 1, order, item, before",
    ),
    Mutation(
        "a window holds what is as old as it is wide",
        KERNEL,
        "since, edge, step = t - plan.width[width],",
        "since, edge, step = t - plan.width[width] + 1,",
    ),
    Mutation(
        "an edge that leaps over a burst lands where one that walks does",
        KERNEL,
        "        while step:\n",
        "        while step > 1:\n",
    ),
    Mutation(
        "events of one instant wait for the next", KERNEL, "if not flush(state, plan, t[step]):", "if t[step] < 0:"
    ),
    Mutation(
        "a finding counts from when it was known",
        EVENTS,
        "self._finding(entry, APPEND, entry.known_at,",
        "self._finding(entry, APPEND, entry.event.happened_at,",
    ),
    Mutation("a line does not see its own order", KERNEL, "        if own >= 0:", "        if own < -1:"),
    Mutation(
        "a line does not see its own finding",
        ACCUMULATORS,
        "        if plan.accumulator[row, 0] != ORDERS_ONCE:",
        "        if plan.accumulator[row, 0] != -1:",
    ),
    Mutation(
        "null keys are nobody",
        ENTITIES,
        "if column >= 0 and row[column] == NULL:",
        "if column >= 0 and row[column] == NULL and index < 0:",
    ),
    Mutation(
        "a later revision takes the earlier one back",
        EVENTS,
        "yield from self._taken_back(before[-1], t, position, before[0].position)",
        "yield from ()",
    ),
    Mutation(
        "a cancellation takes the order back",
        EVENTS,
        "yield from self._taken_back(before[-1], entry.known_at, entry.position, before[0].position)",
        "yield from ()",
    ),
    Mutation(
        "a corrected finding takes the earlier one back",
        EVENTS,
        "yield from self._finding(before, TAKE_BACK, known_at, entry.position)",
        "yield from ()",
    ),
    Mutation(
        "sums of squares need 128 bits",
        ACCUMULATORS,
        "memory[at + 1] = np.int64(high), np",
        "memory[at + 1] = np.int64(0), np",
    ),
    Mutation(
        "distinct values leave out those of the own order",
        ACCUMULATORS,
        "    return 1 if before < oldest else 0",
        "    return 0",
    ),
    Mutation(
        "distinct values leave out what is taken back",
        ACCUMULATORS,
        "    return 1 if arena[place + 1] < oldest else 0",
        "    return 0",
    ),
    Mutation(
        "the largest is found again when it leaves the window",
        ACCUMULATORS,
        "if kind >= LEAST and arena[at] < head and arena[at] >= 0:",
        "if kind > MOST and arena[at] < head and arena[at] >= 0:",
    ),
    Mutation(
        "the largest is found again when it is taken back",
        ACCUMULATORS,
        "        elif held and arena[at] == index:",
        "        elif held and arena[at] == -2:",
    ),
    Mutation(
        "what was taken back is not forgotten a second time",
        ACCUMULATORS,
        "            if not arena[record] & RECORD_DEAD:",
        "            if arena[record] >= 0:",
    ),
    Mutation(
        "an entity is forgotten only where nothing would be lost",
        ENTITIES,
        "        if not window and arena[block + word] != template[first + word]:",
        "        if not window and arena[block + word] == NULL:",
    ),
    Mutation(
        "facts are those known before t", VERSIONS, "if since[middle] < t[index]:", "if since[middle] <= t[index]:"
    ),
    Mutation(
        "a version ends where the next is known",
        VERSIONS,
        "after[0] != code or since < after[1]",
        "after[0] != code or since > 0",
    ),
    Mutation(
        "events are held a year, for what takes them back",
        PLAN,
        "LEAST_HORIZON),\n",
        "DAY),\n",
    ),
    Mutation(
        "events at the edge of the horizon are still held", EXPIRY, ">= now - plan.horizon:", "> now - plan.horizon:"
    ),
    Mutation(
        "a finding rate leans on its prior",
        FORMULAS,
        "return (memory[at] + number * weight) / (memory[more] + weight)",
        "return memory[at] / max(1, memory[more])",
    ),
    Mutation("an order counts once", ENCODE, "first[1:] = position[1:] != position[:-1]", "first[1:] = True"),
    Mutation(
        "what comes behind the clock asks for a new state",
        VECTOR,
        "        if entry.known_at < self.clock:\n            raise",
        "        if entry.known_at < 0:\n            raise",
    ),
)


class Stale(LookupError):
    """A mutation whose text does not stand in its file exactly once."""


@contextmanager
def copy(mutation: Mutation | None) -> Iterator[Path]:
    """A folder with the repository in it, mutated where asked."""
    with TemporaryDirectory(prefix="mutation-") as name:
        folder = Path(name)
        for part in COPIED:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / part)
        with (folder / "tests" / "conftest.py").open("a", encoding="utf-8") as conftest:
            conftest.write(QUICK)
        if mutation:
            (folder / mutation.file).write_text(mutated(mutation), encoding="utf-8")
        yield folder


def mutated(mutation: Mutation) -> str:
    """The file with its text replaced. Raises `Stale`."""
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    if text.count(mutation.text) != 1:
        found = text.count(mutation.text)
        raise Stale(f"{mutation.law!r}: {mutation.text!r} stands {found} times in {mutation.file}; mend the mutation")
    return text.replace(mutation.text, mutation.broken)


def first_failure(mutation: Mutation | None) -> str | None:
    """The first test that fails, with its reason; None where all pass."""
    with copy(mutation) as folder:
        own = {"NUMBA_CACHE_DIR": str(folder / "numba"), "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-c", LIMITED, *TESTS, "-x", "-q", "--timeout=0", "-k", "not postgresql"]
        ran = subprocess.run(
            command, cwd=folder, env=os.environ | own, capture_output=True, text=True, check=False
        )  # fmt: skip
    if ran.returncode == 0:
        return None
    if ran.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        return "(they never end)"
    failed = re.search(r"^FAILED \S+::(.*)$", ran.stdout, re.MULTILINE)
    if not failed or "numba" in failed[1]:
        raise RuntimeError(
            f"{mutation.law if mutation else 'unchanged'!r} does not run:\n{ran.stdout[-3000:]}{ran.stderr}"
        )
    return failed[1]


def main() -> int:
    """Try all mutations, one on each processor; 1 where any survives."""
    console, kept = Console(), Kept.of(sources())
    for mutation in MUTATIONS:
        mutated(mutation)
    if UNCHANGED not in kept.found:
        kept.add(UNCHANGED, first_failure(None))
    if kept.found[UNCHANGED]:
        console.print(f"the tests fail before anything is changed: {kept.found[UNCHANGED]}")
        return 1
    left = [mutation for mutation in MUTATIONS if mutation.law not in kept.found]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(first_failure, mutation): mutation for mutation in left}
        for done in track(as_completed(running), "breaking laws", len(left), console=console):
            kept.add(running[done].law, done.result())
            console.print(f"{running[done].law}: {done.result() or 'SURVIVED'}", highlight=False, markup=False)
    table = Table("broken law", "tests", "first to fail", title="Would the tests notice?")
    for mutation in MUTATIONS:
        test = kept.found[mutation.law]
        table.add_row(mutation.law, "[red]red[/red]" if test else "[green]green: SURVIVED[/green]", test or "")
    console.print(table)
    return 0 if all(kept.found[mutation.law] for mutation in MUTATIONS) else 1


UNCHANGED = "nothing is broken"


@dataclass(frozen=True)
class Kept:
    """What was found of one state of the sources: the first test to fail by broken law, None where none did."""

    file: Path
    found: dict[str, str | None]

    @classmethod
    def of(cls, state: str) -> "Kept":
        """What was found of this state so far."""
        file = home() / f"mutations-{state}.json"
        return cls(file, json.loads(file.read_text()) if file.exists() else {})

    def add(self, law: str, test: str | None) -> None:
        """Keep a finding."""
        self.found[law] = test
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.found, indent=1))


def sources() -> str:
    """A digest of what is copied and of the mutations themselves."""
    files = [path for part in COPIED[:-1] for path in sorted((ROOT / part).rglob("*.py"))]
    content = b"".join(path.read_bytes() for path in [*files, Path(__file__)])
    return hashlib.sha256(content).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main())
