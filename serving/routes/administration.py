"""Versions, keys, and who looked into what."""

import asyncio
import json
from typing import Any

from fastapi import Response

from features.measures import Refused, iso
from features.record import Access, Key
from features.record import keys as keyed
from features.record.keys import ROLES
from serving.inquiry_contract import AccessesAnswer, KeyAnswer, KeysAnswer, VersionsAnswer
from serving.problems import Problem, shown
from serving.routes.route import Asked, Route, as_json
from serving.versions import versions


async def versions_now(asked: Asked) -> Response:
    """Model, policy, rules and software that answer now, and the promotions that led there."""
    inquiry = asked.hands.inquiry
    fallback = asked.hands.worker.fallback
    return as_json(await asyncio.to_thread(versions, inquiry.record, inquiry.shelf, fallback=fallback))


async def keys(asked: Asked) -> Response:
    """All keys, without their secrets."""

    def held() -> list[Key]:
        with asked.hands.inquiry.record.reading() as connection:
            return keyed.keys(connection)

    return as_json({"keys": [_key(key) for key in await asyncio.to_thread(held)]})


async def revoke_key(asked: Asked) -> Response:
    """Take a key back, for good; within two seconds it lets nobody in."""
    hands, key_id = asked.hands, asked.part("key_id")

    def taken_back() -> Key:
        with hands.inquiry.record.writing() as connection:
            key = keyed.revoke(connection, key_id, hands.now())
            keyed.note(connection, Access(hands.now(), asked.caller.key_id, "revoke key", key_id))
            return key

    try:
        return as_json(_key(await asyncio.to_thread(taken_back)))
    except Refused:
        raise Problem("no-such-key", f"no key has the id {shown(key_id)!r}") from None


async def accesses(asked: Asked) -> Response:
    """Who looked into what, and who told what: the newest thousand."""

    def held() -> list[Access]:
        with asked.hands.inquiry.record.reading() as connection:
            return keyed.trail(connection)

    return as_json({"accesses": [_access(each) for each in await asyncio.to_thread(held)]})


def _key(key: Key) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "roles": sorted(key.roles),
        "created_at": iso(key.created_at),
        "expires_at": None if key.expires_at is None else iso(key.expires_at),
        "revoked_at": None if key.revoked_at is None else iso(key.revoked_at),
    }


def _access(each: Access) -> dict[str, Any]:
    detail = None if each.detail is None else json.loads(each.detail)
    return {"at": iso(each.at), "key_id": each.key_id, "deed": each.deed, "subject": each.subject, "detail": detail}


ROUTES = (
    Route("GET", "/versions", frozenset(ROLES), versions_now, VersionsAnswer),
    Route("GET", "/keys", frozenset({"admin", "auditor"}), keys, KeysAnswer),
    Route("DELETE", "/keys/{key_id}", frozenset({"admin"}), revoke_key, KeyAnswer, problems=(404,)),
    Route("GET", "/accesses", frozenset({"auditor"}), accesses, AccessesAnswer),
)
