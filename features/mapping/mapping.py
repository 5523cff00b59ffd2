"""A mapping file, and the reading of data through it."""

import tomllib
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from features.exchange import Exchange
from features.mapping.findings import orders_known
from features.mapping.kinds import near
from features.mapping.orders import orders
from features.mapping.registers import findings, products, rates, resellers, statuses
from features.mapping.rejects import Rejected
from features.mapping.rows import DATA, Rows, rows_of
from features.mapping.sell_through import sell_through
from features.mapping.streams import Event, Recipe, events
from features.mapping.tables import KNOWN_AT_TOP, MappingFile, Notation, NoticesTable, Source
from features.measures import Refused
from features.trade import Order, Rate

Progress = Callable[[str, int], None]
"""Is told a file's name and how many of its rows were read."""


@dataclass(frozen=True)
class Mapping:
    """Anybody's columns, and what they are in the trade.

    `attributes` are the names of the columns of one's own; `meaning` says what the outcomes stand for in the data.
    """

    sources: tuple[Source, ...]
    units: dict[str, str]
    attributes: tuple[str, ...]
    meaning: dict[str, str]
    notices: NoticesTable | None = None

    @classmethod
    def load(cls, path: Path) -> "Mapping":
        """The mapping of a TOML file, or `Refused` with the table, the key and the nearest known key."""
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Refused(path.name, "", f"is not TOML: {error}", "mend the file") from None
        whole, headed = _shared(said, path.name)
        try:
            file = MappingFile.model_validate(whole)
        except ValidationError as error:
            raise _refusal(error, path.name, headed) from None
        names = sorted({name for source in file.source for name in source.attributes})
        meaning = file.meaning.model_dump(exclude_none=True)
        return cls(file.source, dict(file.units), tuple(names), meaning, file.notices)

    def files(self, data: Sequence[Path]) -> list[tuple[Path, Source]]:
        """Each data file, or each one in a folder, with the one source that it belongs to."""
        deeper = [source.files for source in self.sources if "/" in source.files]
        paths = list(dict.fromkeys(path for given in data for path in _within(given, deeper)))
        matched = [(path, self._source_of(path)) for path in paths]
        for number, source in enumerate(self.sources, 1):
            if not source.optional and not any(source is found for _, found in matched):
                why = f"of [[source]] {number} matches none of {', '.join(path.name for path in paths) or 'no files'}"
                raise Refused("files", source.files, why, "give such a file, or say `optional = true`")
        return matched

    def read(
        self,
        data: Sequence[Path],
        *,
        exchange: Exchange,
        now: int,
        known_orders: Container[str] | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Event | Rejected]:
        """Everything that the files say: rates first, then products, resellers, orders, all else, row by row.

        An order is followed at once by the findings and status changes of its own rows. Rates also enter the
        exchange. Findings and status changes in files of their own are checked against the orders read here and
        `known_orders` (ids), if that is given. Every column is looked up before the first row is read.
        """
        here: set[str] = set()
        recipes = self._recipes(data, exchange, now, known_orders, here)

        def stream() -> Iterator[Event | Rejected]:
            for rows, recipe in recipes:
                for event in events(rows, recipe, partial(progress or _silent, rows.path.name)):
                    if isinstance(event, Order) and known_orders is not None:
                        here.add(event.order_id)
                    if isinstance(event, Rate):
                        exchange.add(event)
                    yield event

        return stream()

    def _recipes(
        self, data: Sequence[Path], exchange: Exchange, now: int, before: Container[str] | None, here: set[str]
    ) -> list[tuple[Rows, Recipe]]:
        files = [(rows_of(path, source), source) for path, source in self.files(data)]
        known = orders_known(before, here)
        in_turn: list[list[tuple[Rows, Recipe]]] = [[], [], [], [], []]
        for rows, source in files:
            if source.rate:
                in_turn[0].append((rows, rates(rows, source, source.rate)))
            if source.product:
                in_turn[1].append((rows, products(rows, source, source.product)))
            if source.reseller:
                in_turn[2].append((rows, resellers(rows, source, source.reseller)))
            if source.order:
                in_turn[3].append((rows, orders(rows, source, self.units, exchange, now)))
            if source.finding and not source.order:
                in_turn[4].append((rows, findings(rows, source, source.finding, now, known)))
            if source.status and not source.order:
                in_turn[4].append((rows, statuses(rows, source, source.status, now, known)))
            if source.sell_through:
                in_turn[4].append((rows, sell_through(rows, source, source.sell_through, self.units, now)))
        return [pair for turn in in_turn for pair in turn]

    def _source_of(self, path: Path) -> Source:
        found = [source for source in self.sources if path.match(source.files)]
        if len(found) == 1:
            return found[0]
        patterns = ", ".join(source.files for source in found or self.sources)
        why = "matches several sources" if found else "matches no source"
        raise Refused("file", path.name, f"{why}: {patterns}", "mend the `files` pattern of the [[source]]")


def _silent(_file: str, _count: int) -> None:
    """Progress that nobody watches."""


def _within(given: Path, deeper: Sequence[str]) -> list[Path]:
    """The file itself; of a folder the files in it, and those in its folders that a pattern names."""
    if given.is_dir():
        found = {*given.iterdir(), *(path for pattern in deeper for path in given.glob(pattern))}
        return sorted(path for path in found if path.suffix.lower() in DATA and path.is_file())
    if not given.is_file():
        raise Refused("data", str(given), "is not there", "name a file or a folder of files")
    return [given]


def _shared(said: dict[str, Any], name: str) -> tuple[dict[str, Any], bool]:
    """The file with all its sources under `source`, each with what was said at the top for all of them."""
    for key in said:
        if key not in KNOWN_AT_TOP:
            raise Refused(name, key, "is not a known key", near(key, KNOWN_AT_TOP))
    own = {key: value for key, value in said.items() if key in MappingFile.model_fields}
    rest = {key: value for key, value in said.items() if key not in own}
    sources = own.get("source")
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        if "source" in own:
            raise Refused(name, "[source]", "is not a list of sources", "write [[source]], or leave the heading out")
        return own | {"source": [rest]}, False
    for key in rest:
        if key not in Notation.model_fields:
            raise Refused(name, key, "stands beside [[source]]", f"move it to [source.{key}]")
    return own | {"source": [rest | source for source in sources]}, True


def _refusal(error: ValidationError, name: str, headed: bool) -> Refused:
    """The first complaint in the user's words: file, table, key."""
    first = error.errors()[0]
    path = [part for part in first["loc"] if headed or part not in {"source", 0}]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, Refused):
        return Refused(_table(name, path), cause.value, cause.why, cause.mend)
    key = path.pop() if path and isinstance(path[-1], str) else "the file"
    return Refused(_table(name, path), key, str(first["msg"]).removeprefix("Value error, "), "see docs/mapping.md")


def _table(name: str, path: Sequence[int | str]) -> str:
    """The table as the user wrote it; of several sources, which one."""
    number = next((f", [[source]] {part + 1}" for part in path if isinstance(part, int)), "")
    tables = ".".join(part for part in path if isinstance(part, str))
    return f"{name}{number}" + (f", [{tables}]" if tables not in {"", "source"} else "")
