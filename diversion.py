"""The command line: one command for each thing a user does; each calls one function.

Exit codes, for a scheduler: 0 all done; 1 done, but some rows were rejected (the rejects file says which) or vectors
differ; 2 the command was written wrong; 3 the input or the question was refused (the message says how to mend it); 4
the record, the model or the service is not available; 130 interrupted, nothing half done is left behind.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from features import commands as recording
from features import finding_commands as investigating
from features import retention_commands as keeping
from features.record import RecordError
from features.terminal import (
    HOME,
    INTERRUPTED,
    REFUSED,
    UNAVAILABLE,
    Home,
    Url,
    complaints,
    console,
    now,
    open_record,
    progress,
)
from serving import commands as serving
from serving import evidence_commands as evidence
from serving import key_commands, operating_commands
from serving.run import CannotServe
from training import champion_commands as crowning
from training import commands as training

if TYPE_CHECKING:
    from serving.background import Background

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done · 1 done, some rows rejected or vectors differ · 2 usage · 3 input refused "
    "· 4 not available · 130 interrupted",
    help="Score orders of sensitive goods for the risk of diversion. The usual way: [bold]simulate[/bold] (or your "
    "own files) → [bold]import[/bold] → [bold]train[/bold] → [bold]evaluate[/bold] → "
    "[bold]compare[/bold] → [bold]promote[/bold] → [bold]serve[/bold] and [bold]score[/bold].",
)
for room in (training, crowning, recording, serving, evidence, key_commands, operating_commands, keeping):
    app.add_typer(room.commands)
app.add_typer(investigating.commands, name="finding")


def main() -> None:
    """Run the command line; turns what was refused into one clear line and an exit code."""
    try:
        app()
    except (RecordError, CannotServe) as error:
        sys.exit(_complain(str(error), UNAVAILABLE))
    except FileNotFoundError as error:
        sys.exit(_complain(f"{error.filename}: there is no such file; check the path", REFUSED))
    except (ValueError, LookupError) as error:
        if not _ours(error):
            raise
        sys.exit(_complain(str(error), REFUSED))
    except KeyboardInterrupt:
        sys.exit(_complain("interrupted; nothing half done is left behind", INTERRUPTED))


def _ours(error: Exception) -> bool:
    """Whether a room raised it to be read by people, such as `Refused`: all else is a fault of the program."""
    return type(error).__module__.partition(".")[0] in {"features", "models", "training", "serving"}


def _complain(text: str, code: int) -> int:
    complaints.print(f"[bold red]diversion:[/bold red] {escape(text)}", highlight=False, soft_wrap=True)
    return code


@app.command()
def demo(port: serving.Port = 3000, home: Home = HOME, record: Url = None) -> None:
    """Go through everything once on a small made-up world, and leave the service running.

    What is there already is used again. Example: [cyan]diversion demo --port 3001[/cyan]
    """
    from serving.background import Background  # noqa: PLC0415 - start-up stays quick
    from serving.example import rendered  # noqa: PLC0415
    from serving.keys import own  # noqa: PLC0415

    service = Background(serving.settings_of(home, record, port))
    if service.pid() is None:
        service.require_port()
    if not (home / "world" / "mapping.toml").exists():
        console.rule("1. A world of sales", align="left")
        training.simulate(home / "world")
    with open_record(home, record) as opened:
        empty, crowned = not opened.counts()["orders"], opened.champion() is not None
    if empty:
        console.rule("2. Into the record", align="left")
        recording.import_([home / "world"], home / "world" / "mapping.toml", home, record)
    if not crowned:
        console.rule("3. A model", align="left")
        training.train(DEMO_UNTIL, home=home, record=record)
        console.rule("4. Is it any good?", align="left")
        training.evaluate(DEMO_UNTIL, home=home, record=record)
        crowning.promote("first model of the made-up world", ["ana", "ben"], home=home, record=record)
    console.rule("5. An order", align="left")
    order = _demo_order(home, record)
    with open_record(home, record) as opened:
        key = own(opened, home, now())
    with complaints.status("starting the service"):
        pid = service.start()
    console.print(rendered(service.ask(order, key)))
    _say_next(service, order, pid, home)


DEMO_UNTIL = "2025-07-01"
"""The made-up world goes on for another year, which judges the model."""


def _demo_order(home: Path, record: str | None) -> Path:
    """An order like the riskiest of the world's last quarter, as a file; made once."""
    path = home / "order.json"
    if not path.exists():
        from serving.example import riskiest  # noqa: PLC0415 - start-up stays quick

        with open_record(home, record) as opened, progress() as say:
            path.write_text(riskiest(opened, serving.model_of(opened, home, None), "DEMO-1", progress=say))
    return path


def _say_next(service: "Background", order: Path, pid: int, home: Path) -> None:
    from serving.keys import FILE  # noqa: PLC0415 - start-up stays quick

    console.rule("What next", align="left")
    console.print(f"the service runs at {service.address} (process {pid}, log {service.log}); `make stop` ends it")
    key = home / FILE
    console.print(f"  its key (orders, analyst, auditor), also in {key}:\n    [cyan]{key.read_text().strip()}[/cyan]")
    mapping, orders = home / "world" / "mapping.toml", home / "world" / "orders.csv"
    for text, command in (
        ("the same order again, the same answer:", curl(service.address, order, key)),
        ("all runs, plots and models (MLflow), on port 5000:", "make ui"),
        ("the API:", f"{service.address}/v1/docs"),
        ("score a file:", f".venv/bin/diversion score --mapping {mapping} --out scores.csv {orders}"),
        ("your own sales:", ".venv/bin/diversion import --help, and docs/mapping.md"),
    ):
        console.print(f"  {text}\n    [cyan]{command}[/cyan]", soft_wrap=True, highlight=False)


def curl(address: str, order: Path, key: Path) -> str:
    """The line that sends an order by hand, with the key that a file holds."""
    headers = f"-H 'content-type: application/json' -H \"authorization: Bearer $(cat {key})\""
    return f"curl -s {headers} -d @{order} {address}/v1/score"


if __name__ == "__main__":
    main()
