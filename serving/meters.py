"""Figures for Prometheus, beside those that BentoML gives: what was answered, how quickly, how old all is."""

from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from serving.answer import Gist

LATENCY_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PROBABILITY = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)


class Meters:
    """The figures of one process; `registry` is where they are shown."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"diversion_{name}", about, labels, registry=registry)

        def gauge(name: str, about: str) -> Gauge:
            return Gauge(f"diversion_{name}", about, registry=registry, multiprocess_mode="mostrecent")

        def histogram(name: str, about: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"diversion_{name}", about, labels, buckets=buckets, registry=registry)

        self._answers = counter("answers", "Answers by route and status.", "route", "status")
        self._seconds = histogram("answer_seconds", "From request to answer.", LATENCY_S, "route")
        self._counted: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        # A figure is looked up by its label once: that takes longer than to count.
        self._actions = cache(counter("actions", "New decisions by action.", "action").labels)
        self._fallbacks = counter("fallbacks", "New decisions by rules alone, for want of a model.")
        self._replays = counter("replays", "Orders that were answered before.")
        self._probability = histogram("probability", "Probabilities of new decisions.", PROBABILITY)
        about = "New decisions with an order that leaves a field open."
        self._missing = cache(counter("missing_fields", about, "field").labels)
        self._rules = cache(counter("rules_fired", "New decisions by rule that fired.", "rule").labels)
        self._store_lag = gauge("store_lag_entries", "Entries of the record that this process has not taken in.")
        self._store_up = gauge("store_up", "1 where the record could be read last time.")
        self._fallback = gauge("fallback", "1 where rules alone decide, for want of a model.")
        self._model_age = gauge("model_age_seconds", "Since the findings that the model learned from.")
        self._promoted = gauge("model_promoted_seconds", "Since the promotion of the model.")

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        counted = self._counted.get((route, status))
        if counted is None:
            counted = self._counted[route, status] = (
                self._answers.labels(route, str(status)),
                self._seconds.labels(route),
            )
        counted[0].inc()
        counted[1].observe(seconds)

    def decided(self, gist: Gist | None) -> None:
        """Count a decision; None is one that was answered before."""
        if gist is None:
            self._replays.inc()
            return
        self._actions(gist.action).inc()
        if gist.fallback:
            self._fallbacks.inc()
        else:
            self._probability.observe(gist.probability)
        for field in gist.missing:
            self._missing(field).inc()
        for rule_id in gist.rules:
            self._rules(rule_id).inc()

    def store(self, lag: Callable[[], int]) -> None:
        """Measure how far behind the record this process is; an error means that the store is away."""
        try:
            self._store_lag.set(lag())
        except Exception:
            self._store_up.set(0)
            raise
        self._store_up.set(1)

    def fallback(self, *, on: bool) -> None:
        """Tell whether rules alone decide."""
        self._fallback.set(on)

    def model(self, ages_s: tuple[float, float]) -> None:
        """Set how long ago the model's findings end, and it was promoted, in seconds."""
        self._model_age.set(ages_s[0])
        self._promoted.set(ages_s[1])


_ID = b'{"decision_id":"'


def decision_id(body: bytes) -> str:
    """The id at the head of an answer's bytes; empty where there is none."""
    start = len(_ID)
    return body[start : body.index(b'"', start)].decode() if body.startswith(_ID) else ""
