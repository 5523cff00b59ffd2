"""What there is to say of each link: the notices with their newest links, and confirming or rejecting one.

A confirmed link of grade A or B to a buyer that policy forbids becomes a finding `diverted` on its order line; to any
other buyer it becomes a finding only where the analyst says which. Taking a confirmation back withdraws its finding.
Who may say so is told in `features.record.reports`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.awards.policy import BuyerPolicy
from features.evidence import FROM_NOTICE, Grade, Link, Linking, LinkVerdict, Notice, link_id
from features.measures import DAY, Refused, iso
from features.record import Record
from features.record.reports import Reported, Unvouched, missing, take
from features.trade import Finding, Outcome

CONFIDENCE = {Grade.A: 0.95, Grade.B: 0.85}
"""What a finding from a confirmed link is worth (our choice)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One notice as it stands: its newest version, its newest links by id, and the newest verdict on each."""

    notice: Notice
    linking: Linking
    links: dict[str, Link]
    verdicts: dict[str, LinkVerdict]

    @property
    def days_to_flag(self) -> float | None:
        """Days from publication until we held it against our sales; None where that is not dated."""
        published = self.notice.published_at
        return None if published is None else max(0.0, (self.linking.known_at - published) / DAY)


class Docket:
    """All notices of a record, by id."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.cases: dict[str, Case] = {}
        self._first_known: dict[str, tuple[int, int | None]] = {}
        notices: dict[tuple[str, int], Notice] = {}
        for entry in record.entries((Notice, Linking, LinkVerdict)):
            event = entry.event
            if isinstance(event, Notice):
                notices[event.notice_id, event.revision] = event
                self._first_known.setdefault(event.notice_id, (event.known_at, event.published_at))
            elif isinstance(event, Linking):
                verdicts = self.cases[event.notice_id].verdicts if event.notice_id in self.cases else {}
                links = {link_id(event.notice_id, link): link for link in event.links}
                notice = notices[event.notice_id, event.notice_revision]
                self.cases[event.notice_id] = Case(notice, event, links, verdicts)
            elif event.notice_id in self.cases:
                self.cases[event.notice_id].verdicts[event.link_id] = event

    def named(self, name: str) -> tuple[Case, list[str]]:
        """The case of a notice and its links, or of one link, by id or by how a link's id begins. Raises `Refused`."""
        if name in self.cases:
            return self.cases[name], list(self.cases[name].links)
        found = [(case, key) for case in self.cases.values() for key in case.links if key.startswith(name)]
        if len(found) != 1:
            why = "names no notice and no link" if not found else f"is the beginning of {len(found)} links"
            raise Refused("id", name, why, "see `diversion evidence list`")
        return found[0][0], [found[0][1]]

    def link(self, name: str) -> tuple[Case, str]:
        """One link. Raises `Refused` where the name says none, or several."""
        case, keys = self.named(name)
        if len(keys) != 1:
            raise Refused("link", name, f"is a notice with {len(keys)} links", "name the link that you mean")
        return case, keys[0]

    def speed(self) -> Iterator[tuple[str, int, float]]:
        """By month of knowledge: how many notices, and the mean days from published to flagged."""
        months: dict[str, list[float]] = {}
        for known_at, published_at in self._first_known.values():
            if published_at is not None:
                months.setdefault(iso(known_at)[:7], []).append(max(0.0, (known_at - published_at) / DAY))
        for month in sorted(months):
            yield month, len(months[month]), sum(months[month]) / len(months[month])

    def confirm(
        self, name: str, *, who: Sequence[str], now: int, why: str | None = None, outcome: Outcome | None = None
    ) -> tuple[LinkVerdict, Reported | None]:
        """Confirm a link; returns the verdict, and the finding that follows, if one does. Both are in the record then.

        The finding follows the rules of `features.record.reports`: `diverted` stands when two different people have
        confirmed, and is kept as a claim until then. Raises `Refused` for a link of grade D, which names no sale, and
        for an outcome on grade C, which is no evidence of its own.
        """
        case, key = self.link(name)
        link = case.links[key]
        if link.order_id is None:
            raise Refused("link", key, "is of grade D and names no sale", "look for the sale, or leave it as it is")
        if link.grade not in CONFIDENCE and outcome is not None:
            why_not = f"cannot follow from grade {link.grade}"
            raise Refused("outcome", outcome.value, why_not, "record a finding of its own")
        verdict = self._verdict(case, key, who, now, why, confirmed=True)
        said = outcome or (Outcome.DIVERTED if BuyerPolicy().forbids(case.notice) else None)
        finding = _finding(case, key, said, who, verdict) if said is not None and link.grade in CONFIDENCE else None
        return verdict, self._append(verdict, finding, now)

    def reject(
        self, name: str, *, who: Sequence[str], now: int, why: str | None = None
    ) -> tuple[LinkVerdict, Reported | None]:
        """Reject a link; returns the verdict, and the withdrawal of the finding that a confirmation had made.

        Raises `Refused` where that withdrawal may not stand: a standing `diverted` falls to two people who say why.
        """
        case, key = self.link(name)
        verdict = self._verdict(case, key, who, now, why, confirmed=False)
        held = [e.event for e in self._record.entries((Finding,)) if e.event.finding_id == _finding_id(key)]
        withdrawal = None
        if held and held[-1].outcome is not Outcome.WITHDRAWN:
            withdrawal = _finding(case, key, Outcome.WITHDRAWN, who, verdict)
            lacking = missing(withdrawal, held[-1].outcome)
            if lacking:  # else the link would be rejected, and its finding go on standing
                raise Unvouched("outcome", "withdrawn", "cannot follow the finding", f"a rejection needs {lacking}")
        return verdict, self._append(verdict, withdrawal, now)

    def _verdict(
        self, case: Case, key: str, who: Sequence[str], now: int, why: str | None, *, confirmed: bool
    ) -> LinkVerdict:
        link, before = case.links[key], case.verdicts.get(key)
        revision = before.revision + 1 if before else 1
        known_at = max(now, case.linking.known_at, before.known_at if before else now)
        told = (key, case.notice.notice_id, link.line, confirmed, known_at, ", ".join(who), why, link.order_id)
        return LinkVerdict(*told, revision)

    def _append(self, verdict: LinkVerdict, finding: Finding | None, now: int) -> Reported | None:
        """A verdict and the finding that follows from it, if any: both in one transaction, or neither."""
        with self._record.writer() as writer:
            reported = take(writer, finding, recorded_at=now, source="evidence") if finding else None
            writer.append(verdict, source="evidence", recorded_at=now)
        self.cases[verdict.notice_id].verdicts[verdict.link_id] = verdict
        return reported


def _finding(case: Case, key: str, said: Outcome, who: Sequence[str], verdict: LinkVerdict) -> Finding:
    link = case.links[key]
    return Finding(
        finding_id=_finding_id(key),
        outcome=said,
        happened_at=min(case.notice.dated, verdict.known_at),
        known_at=verdict.known_at,
        order_id=link.order_id,
        line_id=link.line_id,
        source=FROM_NOTICE + case.notice.notice_id,
        confidence=CONFIDENCE.get(link.grade),
        note=verdict.why,
        who=tuple(who),
        grade=link.grade.value,
    )


def _finding_id(key: str) -> str:
    return f"award link {key}"
