"""The command line as a user types it: real processes, real files."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from features import terminal
from features.measures import DAY
from features.record import Record
from serving.settings import Settings
from tests import factory as a

ROOT = Path(__file__).parents[1]
COMMANDS = (
    *("simulate", "import", "train", "evaluate", "promote", "score", "audit-features", "serve", "benchmark", "picture"),
    *("compare", "rollback", "retrain", "checkpoint", "verify-log", "finding", "evidence"),
    *("retain", "legal-hold add", "legal-hold lift", "legal-hold list"),
    *("key create", "key list", "key revoke", "doctor", "backup", "restore", "policy dry-run", "demo", "stop"),
)


def run(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`diversion` with its run-time files under a home of its own."""
    environment = {**os.environ, "DIVERSION_HOME": str(home), "COLUMNS": "100", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "diversion", *map(str, arguments)]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a small world was simulated and imported."""
    home = tmp_path_factory.mktemp("home")
    assert run(home, "simulate", "--out", home / "world", "--orders", "6000").returncode == 0
    imported = run(home, "import", "--mapping", home / "world" / "mapping.toml", home / "world")
    assert imported.returncode == 0, imported.stderr
    return home


@pytest.fixture(scope="module")
def champion(home: Path) -> Path:
    """The same home after a model was trained and promoted."""
    trained = run(home, "train", "--until", "2026-01-01")
    assert trained.returncode == 0, trained.stderr
    promoted = run(home, "promote", "--reason", "a test", "--who", "ana", "--who", "ben")
    assert promoted.returncode == 0, promoted.stderr
    return home


def test_every_command_teaches(tmp_path: Path) -> None:
    """`--help` tells what it does; most give an example."""
    helped = [run(tmp_path, *command.split(), "--help") for command in COMMANDS]
    assert [shown.returncode for shown in helped] == [0] * len(COMMANDS)
    assert sum("Example: diversion" in shown.stdout for shown in helped) >= len(COMMANDS) - 1
    assert "Exit codes" in run(tmp_path, "--help").stdout


def test_the_same_files_twice_change_nothing(home: Path) -> None:
    """The second import knows every event."""
    again = run(home, "import", "--mapping", home / "world" / "mapping.toml", home / "world")
    assert again.returncode == 0
    assert again.stdout.startswith("0 new events")


def test_a_bad_row_is_told_and_the_rest_is_imported(home: Path, tmp_path: Path) -> None:
    """File, row, column, value, why and mend; exit code 1."""
    good, bad = (
        "X1,1,2026-01-05T10:00:00Z,R00001,PCR-KIT-01,2,each,10.00,USD",
        "X2,1,soon,R00001,PCR-KIT-01,2,each,10.00,USD",
    )
    heading = (home / "world" / "orders.csv").read_text().splitlines()[0]
    rest = "," * (heading.count(",") - good.count(","))
    (tmp_path / "orders.csv").write_text(f"{heading}\n{good}{rest}\n{bad}{rest}\n")
    done = run(home, "import", "--mapping", home / "world" / "mapping.toml", "--rejects", tmp_path / "no.csv", tmp_path)
    assert done.returncode == terminal.INCOMPLETE
    assert "1 new events, 0 known before, 1 rows rejected" in done.stdout
    [row] = list(csv.DictReader((tmp_path / "no.csv").read_text().splitlines()))
    assert [row[name] for name in ("file", "row", "column", "value")] == ["orders.csv", "3", "ordered_at", "soon"]


def test_what_is_refused_is_one_line_and_exit_code_three(tmp_path: Path) -> None:
    """No traceback: what, why, and how to mend it."""
    (tmp_path / "m.toml").write_text('[order]\nordr_id = "a"\n')
    for arguments in (
        ("import", "--mapping", tmp_path / "m.toml", tmp_path / "m.toml"),
        ("import", "--mapping", tmp_path / "absent.toml", tmp_path),
        ("evaluate", "--from", "2026-01-01"),
        ("train",),
    ):
        refused = run(tmp_path, *arguments)
        assert refused.returncode == terminal.REFUSED, refused.stderr
        assert "Traceback" not in refused.stderr
        assert "diversion:" in refused.stderr


def test_a_record_that_cannot_be_reached_is_exit_code_four(tmp_path: Path) -> None:
    """A scheduler may try again."""
    away = "postgresql+pg8000://nobody@127.0.0.1:1/none"
    assert run(tmp_path, "train", "--record", away).returncode == terminal.UNAVAILABLE


def test_a_model_is_judged_beside_its_rivals(champion: Path, tmp_path: Path) -> None:
    """The table for people, the figures for machines, a page among the reports and in the model's run."""
    judged = run(champion, "evaluate", "--from", "2025-01-01", "--json", tmp_path / "report.json")
    assert judged.returncode == 0, judged.stderr
    assert all(word in judged.stdout for word in ("logistic", "two_term", "prior", "A positive is an order line"))
    told = json.loads((tmp_path / "report.json").read_text())
    (page,) = (champion / "reports" / told["model"][:16]).glob("evaluation-2025-01-01-*.html")
    value, low, high = told["measures"]["model"]["ap"]
    assert f"{value:.3f} [{low:.3f}, {high:.3f}]" in page.read_text()
    (logged,) = (champion / "mlflow" / "artefacts").rglob(f"reports/{page.name}")
    assert logged.read_text() == page.read_text()
    assert "mind:" not in judged.stderr


def test_two_people_make_a_diversion_stand(home: Path) -> None:
    """One makes a claim, another agrees, and one alone does not take it back."""
    order = next(csv.DictReader((home / "world" / "orders.csv").read_text().splitlines()))["order_id"]
    claimed = run(home, "finding", "add", "--order", order, "--outcome", "diverted", "--who", "ana")
    assert "diverted is a claim until it has 2 different people" in claimed.stdout
    agreed = run(home, "finding", "confirm", f"{order}/investigation", "--who", "ben:legal")
    assert "revision 2: diverted is kept" in agreed.stdout
    alone = run(home, "finding", "withdraw", f"{order}/investigation", "--who", "cleo", "--note", "no")
    assert "withdrawn is a claim until it has 2 different people" in alone.stdout
    assert "diverted, withdrawn is claimed" in run(home, "finding", "show", f"{order}/investigation").stdout
    both = run(home, "finding", "confirm", f"{order}/investigation", "--who", "ana")
    assert "withdrawn is kept" in both.stdout


def test_what_was_kept_for_its_time_goes_when_two_people_say_so(tmp_path: Path) -> None:
    """A look removes nothing; a hold keeps, and two lift it; the log verifies afterwards."""
    long_ago = a.T0 - 8 * 365 * DAY
    with Record.open(f"sqlite:///{tmp_path}/record.db") as record:
        record.append([a.order("o1", at=long_ago), a.order("o2")], source="test", recorded_at=a.T0)
    who = ("--who", "ana", "--who", "ben")
    held = run(tmp_path, "legal-hold", "add", "--order", "o1", "--reason", "x", "--who", "ana")
    assert (held.returncode, "mind" in held.stdout) == (0, False)
    slip = run(tmp_path, "legal-hold", "add", "--order", "o11", "--reason", "x", "--who", "ana")
    assert "the record holds no order o11 yet" in " ".join(slip.stdout.split())
    assert "kept, legal hold: 1 orders" in run(tmp_path, "retain", "--apply", *who).stdout
    alone = run(tmp_path, "legal-hold", "lift", "order o1", "--reason", "closed", "--who", "ana")
    assert (alone.returncode, run(tmp_path, "retain", "--apply", "--who", "ana").returncode) == (3, 3)
    assert run(tmp_path, "legal-hold", "lift", "order o1", "--reason", "closed", *who).returncode == 0
    assert "order o1: lifted" in run(tmp_path, "legal-hold", "list").stdout
    assert "EAR part 762 (5 years): 1 orders may be removed" in run(tmp_path, "retain").stdout
    assert "1 redactions written" in run(tmp_path, "retain", "--apply", *who).stdout
    verified = run(tmp_path, "verify-log")
    assert (verified.returncode, "(1 of them redacted)" in verified.stdout) == (0, True)


def test_a_champion_that_was_not_beaten_stays(champion: Path) -> None:
    """The same data again give no better model: promoting it is refused, and so is going back to nothing."""
    assert run(champion, "train", "--until", "2025-06-01").returncode == 0
    kept = run(champion, "promote", "--reason", "newer", "--who", "ana", "--who", "ben")
    assert kept.returncode == terminal.REFUSED, kept.stderr
    assert "the champion stays" in kept.stderr
    compared = run(champion, "compare", "--from", "2025-06-01")
    assert compared.returncode == 0, compared.stderr
    assert any((champion / "reports").rglob("comparison-*-2025-06-01-*.html"))
    back = run(champion, "rollback", "--reason", "none", "--who", "ana")
    assert (back.returncode, "none to go back to" in back.stderr) == (terminal.REFUSED, True)


def test_a_file_is_scored_without_touching_the_record(champion: Path, tmp_path: Path) -> None:
    """One row a line; the record is as it was."""
    before = (champion / "record.db").stat().st_size
    orders, out = champion / "world" / "orders.csv", tmp_path / "scores.csv"
    scored = run(champion, "score", "--mapping", champion / "world" / "mapping.toml", "--out", out, orders)
    assert scored.returncode == 0, scored.stderr
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == len(orders.read_text().splitlines()) - 1
    assert {row["action"] for row in rows} <= {"proceed", "review", "hold"}
    assert (champion / "record.db").stat().st_size == before


def test_an_audit_says_how_much_it_computed_again(champion: Path) -> None:
    """Nobody has asked this record yet."""
    audited = run(champion, "audit-features", "--since", "2026-01-01", "--limit", "10")
    assert audited.returncode == 0, audited.stderr
    assert audited.stdout.startswith("no decision was computed again")


def test_a_record_is_sealed_and_verified(champion: Path, tmp_path: Path) -> None:
    """The checkpoint goes where it is told to; a wrong one is exit code one."""
    sealed = run(champion, "checkpoint", "--out", tmp_path / "sealed.jsonl")
    assert sealed.returncode == 0, sealed.stderr
    verified = run(champion, "verify-log", "--checkpoint", tmp_path / "sealed.jsonl")
    assert (verified.returncode, "nothing was altered" in verified.stdout) == (0, True)
    forged = json.loads((tmp_path / "sealed.jsonl").read_text()) | {"link": "0" * 64}
    (tmp_path / "forged.jsonl").write_text(json.dumps(forged))
    found = run(champion, "verify-log", "--checkpoint", tmp_path / "forged.jsonl")
    assert (found.returncode, "something before was altered" in found.stderr) == (1, True)


def test_an_audit_of_nothing_is_no_good_news(champion: Path) -> None:
    """A model that answered nothing, and a date that is none, are refused as they were typed."""
    nobody = run(champion, "audit-features", "--model", "abc")
    assert (nobody.returncode, "--model: 'abc' answered no decision here; leave it out" in nobody.stderr) == (3, True)
    never = run(champion, "audit-features", "--since", "yesterday")
    assert (never.returncode, "--since: 'yesterday' is not a time; write ISO 8601" in never.stderr) == (3, True)


def test_a_notice_is_held_against_the_sales(champion: Path, tmp_path: Path) -> None:
    """Added, listed, shown, confirmed and rejected; the same file again changes nothing."""
    with (champion / "world" / "orders.csv").open() as stream:
        sale = list(csv.DictReader(stream))[-400]
    award = {
        "notice_id": "paper-1", "published_at": "2026-06-29", "awarded_at": "2026-06-20", "buyer_cofog": "03",
        "buyer_region": "CN-XJ", "supplier_id": sale["reseller_id"], "sku": sale["sku"], "quantity": sale["quantity"],
    }  # fmt: skip
    file = tmp_path / "notices.csv"
    file.write_text(",".join(award) + "\n" + ",".join(award.values()) + "\n")
    added = run(champion, "evidence", "add", file)
    assert added.returncode == 0, added.stderr
    assert "orders of the last 90 days are open" in added.stdout
    [link, *_] = re.findall(r"([0-9a-f]{12})  grade [ABC]", added.stdout)
    assert "1 that say nothing new" in run(champion, "evidence", "add", file).stdout
    assert "paper-1" in run(champion, "evidence", "list", "--unsettled").stdout
    for act, said in (("confirm", "confirmed by"), ("reject", "rejected by")):
        told = ("--who", "ana", "--who", "ben", "--why", "a test")
        assert run(champion, "evidence", act, link, *told).returncode == 0
        assert f"{said} ana, ben" in run(champion, "evidence", "show", "paper-1").stdout
    assert run(champion, "evidence", "show", "nothing").returncode == terminal.REFUSED


def test_no_room_knows_the_command_line() -> None:
    """`diversion.py` lies on top of all of them."""
    rooms = [path for room in ("features", "models", "training", "serving") for path in (ROOT / room).rglob("*.py")]
    assert not [path for path in rooms if re.search(r"^\s*(import|from) diversion\b", path.read_text(), re.M)]


def test_every_command_and_setting_stands_in_the_readme() -> None:
    """What a user can type is what a user can read."""
    readme = (ROOT / "README.md").read_text()
    settings = set(Settings(Path("var"), "sqlite://").environment())
    assert not [command for command in COMMANDS[:-2] if f"diversion {command}" not in readme]
    assert not [name for name in (settings | {"make run", "make test", "make stop"}) if name not in readme]
