"""Many clients at once, each sending the same orders in an order of its own, and never giving up on one."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.serving.made import body

TRIES = 400


def storm(port: int, order_ids: Sequence[str], clients: int, each: int, seed: int = 3) -> dict[str, set[bytes]]:
    """Send orders from so many clients, `each` by a client; returns all answers, by order.

    503 and broken connections are tried again, as a client that heeds Retry-After would, only sooner.
    """
    answers: dict[str, set[bytes]] = {order_id: set() for order_id in order_ids}

    async def client(number: int) -> None:
        dice = np.random.default_rng([seed, number])
        connection = Connection(port)
        # Together the clients send every order; each sends some twice.
        own = [order_ids[(number * each + n) % len(order_ids)] for n in range(each)]
        for order_id in [*own, *dice.choice(own, max(1, each // 4)).tolist()]:
            answers[order_id].add(await connection.answer(body(order_id, reseller_id=f"r{len(order_id) % 3}")))
        connection.close()

    async def all_of_them() -> None:
        async with asyncio.timeout(240):
            await asyncio.gather(*(client(number) for number in range(clients)))

    asyncio.run(all_of_them())
    return answers


class Connection:
    """One client's connection, opened again whenever it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def answer(self, content: dict[str, Any]) -> bytes:
        """The body of a 200, however long it takes."""
        sent = json.dumps(content | {"ordered_at": None}).encode()
        said = b""
        for _ in range(TRIES):
            try:
                status, said = await self._ask(sent)
            except (OSError, asyncio.IncompleteReadError):
                self.close()
                status = 503
            if status == 200:
                return said
            assert status == 503, said
            await asyncio.sleep(0.1)
        raise AssertionError(f"never answered: {said!r}")

    def close(self) -> None:
        """Leave."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, sent: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        head = f"POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(sent)}"
        writer.write(head.encode() + b"\r\n\r\n" + sent)
        answered = await reader.readuntil(b"\r\n\r\n")
        length = int(answered.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(answered.split(b" ", 2)[1]), await reader.readexactly(length)
