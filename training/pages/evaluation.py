"""The page of an evaluation."""

from collections.abc import Iterator

from features.measures import iso
from models.card import MEANING
from training import plots
from training.curves import Curves
from training.pages.html import Cell, interval_picture, note, page, paragraph, picture, section, slider, table
from training.report import MEASURES, Report


def evaluation_page(report: Report) -> str:
    """A report as a page: rivals, review capacity, calibration, scores, slices, audits."""
    return page(f"Model {report.model[:12]}, evaluated", _parts(report))


def name_of(report: Report) -> str:
    """How the page's file is called, without what tells one evaluation of a period from another."""
    return f"evaluation-{iso(report.start)[:10]}-{iso(report.end)[:10]}"


def _parts(report: Report) -> Iterator[str]:
    yield paragraph(
        f"Order lines from {iso(report.start)} to {iso(report.end)}: {report.lines:,} judged lines of "
        f"{report.orders:,} orders, {report.positives:,} positives, {report.groups:,} groups ({report.by})."
    )
    if report.exclude:
        yield paragraph(f"Without lines where {' or '.join(report.exclude)}.")
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in report.left_out.items() if count)
    yield paragraph(f"Left out: {left_out or 'none'}. {report.meaning}")
    yield paragraph(f"In brackets: 95 % bootstrap intervals, drawing by {report.by}.")
    yield from (note(each) for each in report.notes)
    yield _rivals(report)
    if report.curves is not None:
        yield from curve_parts(report.curves, report.review_share)
    if report.slices:
        yield _slices(report)
    if report.audits is not None:
        yield section("Random audits", paragraph(report.audits.power), _audits(report))


def _rivals(report: Report) -> str:
    names = [name for name in MEASURES if any(name in sample.value for sample in report.samples.values())]
    rows: list[list[Cell]] = [
        [f"{name}: {MEASURES[name]}", *(report.interval(each, name) for each in report.samples)] for name in names
    ]
    gains: list[list[Cell]] = [
        [name, *(report.gain(name, measure) for measure in ("auc", "ap"))] for name in [*report.samples][1:]
    ]
    drawn = interval_picture(
        "Average precision", "average precision", [(name, each.interval("ap")) for name, each in report.samples.items()]
    )
    return section(
        "The model beside its rivals",
        drawn,
        table(["", *report.samples], rows),
        paragraph("What the model gains over each, on the same draws:"),
        table(["", "auc", "ap"], gains),
    )


def curve_parts(curves: Curves, review_share: float) -> Iterator[str]:
    """Sections on review capacity, calibration and scores."""
    heading = ["share reviewed", "scores from", "precision", "recall", "recall of value"]
    shares = [each.share for each in curves.capacity]
    yield section(
        "What a review finds",
        paragraph("Orders by their highest line. Where equal scores straddle a capacity, the mean over all choices."),
        slider("Share of the orders reviewed", len(shares), shares.index(review_share)),
        picture(plots.capacity(curves.capacity, review_share)),
        table(
            heading,
            [[f"{each.share:.2%}", each.threshold, each.precision, each.recall, each.value_recall]
             for each in curves.capacity],
            steps=True,
        ),
    )  # fmt: skip
    if curves.reliability:
        yield section(
            "Calibration",
            paragraph(
                f"The probability is {MEANING}. Intervals are Wilson's, each line by itself; lines of one reseller "
                "resemble each other, so that true ones are wider."
            ),
            picture(plots.calibration(curves.reliability)),
            table(
                ["stated", "observed", "lines"],
                [[each.stated, each.observed, each.lines] for each in curves.reliability],
            ),
        )
    yield section("Scores", picture(plots.scores(curves.scores)))


def _slices(report: Report) -> str:
    rows: list[list[Cell]] = [
        [each.name, each.lines, each.positives, each.ap, each.recall, each.false_alarms, each.ratio]
        for each in report.slices
    ]
    whole = next(iter(report.samples.values())).value["ap"]
    drawn = interval_picture(
        "Average precision by slice", "average precision", [(each.name, each.ap) for each in report.slices], whole
    )
    heading = ["slice", "lines", "diverted", "average precision", "found", "false alarms", "to overall"]
    told = paragraph("The dotted line is that of all judged lines.") if drawn else ""
    return section("Slices", told, drawn, table(heading, rows))


def _audits(report: Report) -> str:
    if report.audits is None or not report.audits.samples:
        return ""
    measures = ("ap", "precision", "recall")
    return table(
        ["of all orders", *measures],
        [[name, *(sample.interval(each) for each in measures)] for name, sample in report.audits.samples.items()],
    )
