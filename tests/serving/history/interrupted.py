"""A long run in a process of its own, slow enough to be killed half-way."""

import sys
import time
from pathlib import Path

from features.record import Record
from serving.history.run import Sales, score_history
from tests.serving.history.made import INTERRUPTED, TODAY
from tests.serving.made import model


def slowly(_: str, __: float) -> None:
    """Progress that takes its time."""
    time.sleep(0.02)


def main() -> None:
    """Score a past: the record's address, the mapping, the folder of sales, and where the scores go."""
    url, mapping, folder, out = sys.argv[1:]
    with Record.open(url) as record:
        sales = Sales(Path(mapping), (Path(folder),))
        score_history(record, model(), sales, Path(out), INTERRUPTED, now=TODAY, progress=slowly)


if __name__ == "__main__":
    main()
