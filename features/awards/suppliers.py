"""Resellers of ours that notices name, by identifier or by name."""

from collections.abc import Iterable
from dataclasses import dataclass

from features.awards.identifiers import firm_id
from features.awards.names import Directory, similarity
from features.evidence import AwardLine
from features.record.ledger import Entry
from features.trade import Reseller


@dataclass(frozen=True, slots=True)
class Supplier:
    """A reseller of ours that a line names, and how: by its identifier or by its name."""

    reseller_id: str
    by: str
    likeness: float


class Suppliers:
    """The resellers of one book."""

    def __init__(self, resellers: Iterable[Entry[Reseller]]) -> None:
        self._known_since: dict[str, int] = {}
        names: dict[tuple[str, str], None] = {}  # in order, each once
        for entry in resellers:
            reseller = entry.event
            since = self._known_since.get(reseller.reseller_id, entry.known_at)
            self._known_since[reseller.reseller_id] = min(since, entry.known_at)
            if reseller.name:
                names[reseller.reseller_id, reseller.name] = None
        self._ids: dict[str | None, str] = {firm_id(ident): ident for ident in self._known_since}
        self._directory = Directory(names)
        self._names = dict(names.keys())

    def named(self, line: AwardLine, known_at: int) -> Supplier | None:
        """The reseller that a line names, among those known before `known_at`; None where it is nobody of ours."""
        by_id = self._ids.get(firm_id(line.supplier_id))
        if by_id is not None and self._known_since[by_id] < known_at and self._agrees(by_id, line.supplier_name):
            return Supplier(by_id, "identifier", 1.0)
        if line.supplier_name is None:
            return None
        by_name, likeness = self._directory.find(line.supplier_name)
        if by_name is None or self._known_since[by_name] >= known_at:
            return None
        return Supplier(by_name, "name", likeness)

    def _agrees(self, reseller_id: str, name: str | None) -> bool:
        """Whether a name does not speak against an identifier: short ones are given to many firms."""
        own = self._names.get(reseller_id)
        return name is None or own is None or similarity(own, name) > 0.5
