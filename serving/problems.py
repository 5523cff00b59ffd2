"""What can be wrong with a request, and the one table that turns errors into answers (RFC 9457, problem+json).

Every answer that is no score has a `kind`; its status is the one that RFC 9110 (413, 415, 422 among them) gives to that
meaning. A fault points at a field of the body (RFC 6901) with a code. No answer holds a stack trace, and of the body
only the value of the field at fault, cut short.
"""

import json
import logging
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from features.measures import Refused
from features.record import Unavailable

KINDS: dict[str, tuple[int, str]] = {
    "not-json": (400, "The body is not JSON"),
    "no-key": (401, "A key is needed, and this is none that holds"),
    "not-allowed": (403, "This caller is not let in"),
    "same-person": (403, "Somebody else has to say so"),
    "not-found": (404, "There is nothing at this address"),
    "no-decision": (404, "No decision has this id"),
    "no-order": (404, "No order has this id"),
    "no-finding": (404, "No finding has this id"),
    "no-reseller": (404, "No reseller has this id"),
    "no-such-key": (404, "No key has this id"),
    "no-such-method": (405, "The address does not answer to this method"),
    "order-known": (409, "The record holds this order, without a decision"),
    "revision-out-of-order": (409, "The revision does not follow the one before"),
    "not-vouched": (409, "Too little vouches for the correction"),
    "says-otherwise": (409, "The finding says something else by now"),
    "not-scored": (409, "Rules alone decided this order"),
    "definitions-away": (409, "The model of this decision cannot be read here"),
    "removed": (410, "It was kept for its time, and removed"),
    "too-large": (413, "The body is too large"),
    "not-json-type": (415, "The body is not declared as JSON"),
    "invalid-order": (422, "The order cannot be taken as it is"),
    "invalid": (422, "The body cannot be taken as it is"),
    "differs": (422, "The same id was sent before with another content"),
    "order-differs": (422, "The order was answered before with another content"),
    "too-many": (429, "Too many requests with this key"),
    "unexpected": (500, "Something went wrong here"),
    "starting": (503, "The service is not ready yet"),
    "no-model": (503, "No model can be asked"),
    "store-away": (503, "The record cannot be reached"),
    "busy": (503, "The service has too much to do"),
}

RETRY_AFTER_S = 2
"""When to try again after a 503."""

MOST_FAULTS = 20
_MOST_LETTERS = 100

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """One field at fault: where it stands in the body, a code for programs, words for people, and its value."""

    pointer: str
    code: str
    detail: str
    value: str | None = None

    @classmethod
    def of(cls, pointer: str, refused: Refused) -> "Fault":
        """What was refused, at the field that `pointer` names."""
        return cls(pointer, "refused", f"{refused.why}; {refused.mend}", shown(refused.value))


class Problem(Exception):
    """An error as the caller reads it."""

    def __init__(
        self, kind: str, detail: str, faults: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        self.kind, self.detail, self.faults, self.headers = kind, detail, tuple(faults), dict(headers or {})
        super().__init__(f"{kind}: {detail}")

    @classmethod
    def invalid(cls, faults: Sequence[Fault], kind: str = "invalid-order") -> "Problem":
        """A body that cannot be taken, an order unless told otherwise, with what is wrong in it."""
        fields = "one field is" if len(faults) == 1 else f"{len(faults)} fields are"
        what = "the order" if kind == "invalid-order" else "it"
        return cls(kind, f"{fields} at fault; mend and send {what} again", faults)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.kind][0]

    def body(self) -> bytes:
        """The problem as JSON."""
        content: dict[str, Any] = {
            "type": f"urn:diversion-risk:problem:{self.kind}",
            "title": KINDS[self.kind][1],
            "status": self.status,
            "detail": self.detail,
            "errors": [_without_none(asdict(fault)) for fault in self.faults[:MOST_FAULTS]],
        }
        # Half a surrogate, which no JSON may hold, becomes a question mark.
        return json.dumps(content, ensure_ascii=False).encode(errors="replace")


def answer_to(error: Exception) -> Response:
    """The answer that an error becomes; what nobody foresaw is logged by its place in the code alone."""
    problem = problem_of(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else problem.headers
    if problem.status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return Response(problem.body(), problem.status, headers, "application/problem+json")


def problem_of(error: Exception) -> Problem:
    """The problem that an error is to the caller."""
    problem = next((make(error) for kind, make in _TABLE if isinstance(error, kind)), None)
    if problem is None:
        _LOG.error("%s at %s", type(error).__name__, _place(error))
        problem = Problem("unexpected", "nothing was decided unless a repeated request answers; the operator's log")
    return problem


def headline(error: Exception) -> str:
    """The first line of an error: a database's further lines quote what was to be written."""
    return str(error).partition("\n")[0]


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer to a field of the body."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def shown(value: object) -> str:
    """A value as text, cut short."""
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 3] + "..."


def invalid(error: ValidationError, kind: str = "invalid-order") -> Problem:
    """What pydantic refuses, each field at fault with its pointer."""
    return Problem.invalid([_fault(each) for each in error.errors(include_url=False)], kind)


def _fault(each: Mapping[str, Any]) -> Fault:
    """The value of a field that nobody asked for is not shown: it may be anything."""
    plain = isinstance(each["input"], str | int | float | bool) and each["type"] != "extra_forbidden"
    return Fault(pointer(each["loc"]), each["type"], each["msg"], shown(each["input"]) if plain else None)


def _away(error: Unavailable) -> Problem:
    _LOG.warning("the record is away: %s", headline(error))
    return Problem("store-away", "nothing was decided; try again")


def _refused(error: Refused) -> Problem:
    return Problem.invalid([Fault.of(pointer([error.column]), error)])


def _http(error: HTTPException) -> Problem:
    kinds = {404: "not-found", 405: "no-such-method"}
    return Problem(kinds.get(error.status_code, "unexpected"), "see openapi.json beside this address")


_TABLE: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (Problem, lambda problem: problem),
    (ValidationError, invalid),
    (Refused, _refused),
    (Unavailable, _away),
    (HTTPException, _http),
)


def _place(error: Exception) -> str:
    """Where in the code it happened, without the values that were there."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].name}, line {frames[-1].lineno}" if frames else "an unknown place"


def _without_none(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not None}
