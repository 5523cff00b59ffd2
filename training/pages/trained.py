"""The page of a training."""

from collections.abc import Iterator

from features.measures import iso
from training.building import Built
from training.pages.evaluation import curve_parts
from training.pages.html import note, page, paragraph, picture, section, table

HEADING = "Later lines in training"


def trained_page(built: Built) -> str:
    """A training as a page: what to look at first, measures and curves on later lines, what the trees rely on."""
    return page(f"Model {built.model.fingerprint[:12]}, trained", _parts(built))


def _parts(built: Built) -> Iterator[str]:
    yield paragraph(f"As of {iso(built.chosen.until)}. {built.chosen.statement()}")
    yield from (note(each) for each in built.fitted.warnings)
    yield from (note(f"Look at {each}") for each in built.doubted)
    if built.curves is not None:
        yield section(
            HEADING,
            paragraph(
                "Judged lines that the trees which scored them had not seen. The calibration was fitted on these very "
                "lines: how good it is, `evaluate` says on later ones."
            ),
            table(["", "measure"], [[name, each] for name, each in built.metrics.items()]),
        )
        yield from curve_parts(built.curves, built.model.policy.review_share)
    yield section("What the trees rely on", picture(built.pictures["importance"]))
