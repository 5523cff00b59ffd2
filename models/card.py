"""A model's card, in Markdown, from data: what it is for, what its numbers mean, where it ends."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from features.measures import iso
from features.windows.feature_set import FeatureSet
from models.calibration import Platt
from models.policy import Policy

MEANING = "the chance of a finding 'diverted' within 365 days of a review"
"""What a probability means; written in every answer."""

_PURPOSE = (
    "Ranks orders of sensitive goods for people to look at. It never refuses a customer by itself: a score may add "
    "a review and never remove one, and only a dated rule holds an order, which also goes to a person."
)
_CAVEAT = (
    "Calibrated on lines that somebody judged, it is no probability of diversion: fewer of the lines that nobody chose "
    "to look at are diverted, and findings are late and miss some of those that were. Ranks refer to the frozen "
    "reference distribution."
)
LIMITS = (
    "No ethnicity, religion, nationality, language or name-origin feature, no name tokens, no person-level data.",
    "Region sensitivity is dated policy with a legal source; read the report without location features, and the "
    "false-positive rate of honest buyers in sensitive regions, beside every figure.",
    "For entity-level trade screening only: no end patients, no officials, nobody's person.",
    "A missing value escapes a feature's monotone sign.",
    "Unknown is not clean: an order that nobody investigated is not known to be honest.",
)


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure, with the interval and the slice that it was measured on."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    slice: str = "all"


@dataclass(frozen=True, slots=True)
class Card:
    """What the training side knows of the model. Times are microseconds UTC, counts are order lines unless named.

    `as_of` is the moment up to which findings were known; `first` and `last` are the moments of the oldest and the
    newest training line. Give all metrics with intervals where there are any.
    """

    as_of: int
    first: int
    last: int
    lines: int
    orders: int
    resellers: int
    diverted: int
    cleared: int
    inconclusive: int
    unknown: int
    metrics: tuple[Metric, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The card as JSON types."""
        return asdict(self) | {"metrics": [asdict(metric) for metric in self.metrics], "notes": list(self.notes)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Card":
        """The card that `to_json` wrote."""
        metrics = tuple(Metric(**row) for row in content["metrics"])
        return cls(**{**content, "metrics": metrics, "notes": tuple(content["notes"])})


def write(card: Card, features: FeatureSet, policy: Policy, calibration: Platt, origins: Mapping[str, str]) -> str:
    """The card in Markdown. `origins` names what else the model rests on: kernel version, hashes of policy files."""
    sections = {
        "Purpose": [_PURPOSE],
        "What the probability means": [f"It is {MEANING}. {_CAVEAT}"],
        "Training data": list(_training(card)),
        "Figures": list(_figures(card.metrics)),
        "Policy": list(_policy(policy, calibration)),
        "Limits": [f"- {limit}" for limit in LIMITS],
        "Notes": [f"- {note}" for note in card.notes] or ["None."],
        "Rests on": [f"- {name}: `{origins[name]}`" for name in sorted(origins)],
        "Features by family": list(_families(features)),
    }
    parts = ["# Model card"]
    for title, lines in sections.items():
        parts += ["", f"## {title}", "", *lines]
    return "\n".join(parts) + "\n"


def _training(card: Card) -> Iterator[str]:
    yield f"- findings known up to {iso(card.as_of)}"
    yield f"- orders from {iso(card.first)} to {iso(card.last)}"
    yield f"- {card.lines:,} lines of {card.orders:,} orders by {card.resellers:,} resellers"
    yield (
        f"- {card.diverted:,} lines diverted, {card.cleared:,} cleared, {card.inconclusive:,} inconclusive (kept "
        f"apart), {card.unknown:,} without a finding"
    )


def _figures(metrics: tuple[Metric, ...]) -> Iterator[str]:
    if not metrics:
        yield "None given."
        return
    yield "| figure | slice | value | interval |"
    yield "|---|---|---|---|"
    for metric in metrics:
        given = metric.low is not None and metric.high is not None
        interval = f"{metric.low:.4g} to {metric.high:.4g}" if given else "not given"
        yield f"| {metric.name} | {metric.slice} | {metric.value:.4g} | {interval} |"


def _policy(policy: Policy, calibration: Platt) -> Iterator[str]:
    yield f"- version `{policy.version}`"
    yield f"- people can look at {policy.review_share:.3%} of orders, of which {policy.draw_rate:.3%} are random audits"
    yield f"- an order waits from a probability of {policy.threshold:.6g}"
    if policy.break_even is not None:
        yield f"- a review is worth its cost from a true probability of {policy.break_even:.4g} (does not decide)"
    yield f"- calibration: slope {calibration.slope:.6g}, intercept {calibration.intercept:.6g}"


def _families(features: FeatureSet) -> Iterator[str]:
    rows = features.features
    yield f"{len(rows)} features, fingerprint `{features.fingerprint}`."
    for family in dict.fromkeys(feature.family for feature in rows):
        yield from ("", f"### {family}", "", "| feature | unit | sign | red flag | sentence |", "|---|---|---|---|---|")
        for feature in rows:
            if feature.family == family:
                sign = {1: "+", -1: "-", 0: ""}[feature.sign]
                flag = feature.red_flag or ""
                yield f"| `{feature.name}` | {feature.unit} | {sign} | {flag} | {feature.because} |"
