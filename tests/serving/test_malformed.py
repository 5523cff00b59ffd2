"""Five thousand requests that are not as they should be: none is answered by an error of the server's own."""

from tests.serving.made import Server, body
from tests.serving.malformed import Tally, send_from_contract, send_mutations

REQUESTS = 5_000


def test_no_malformed_request_is_answered_by_5xx_or_hangs(guarded: Server) -> None:
    """Neither those that break the published contract nor those that break good bodies; afterwards all is well."""
    tally = Tally()
    send_from_contract(guarded, 40, tally)
    send_mutations(guarded, REQUESTS - tally.count, tally)
    assert tally.faults == []
    assert tally.count >= REQUESTS
    assert tally.statuses[422] > REQUESTS / 4
    assert guarded.ask("POST", "/v1/score", "orders", body("sane", ordered_at=None)).status_code == 200
    assert "Traceback" not in guarded.log.read_text()
