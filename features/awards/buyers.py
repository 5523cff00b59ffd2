"""What kind of body a buyer is: by its classification, else by its name, else unknown.

>>> buyer_class("库尔勒市公安局"), buyer_class("Any Town Hospital"), buyer_class("Ministry of Works")
('security', 'health', 'unknown')
"""

import re
from collections.abc import Iterable, Mapping

from features.evidence import SECURITY, UNKNOWN

_COFOG = {"01": "administration", "02": SECURITY, "03": SECURITY, "07": "health", "09": "education"}
"""Divisions of the Classification of the Functions of Government (UN): 02 defence, 03 public order and safety."""

_ACTIVITIES = {
    "gen-pub": "administration",
    "defence": SECURITY,
    "pub-os": SECURITY,
    "health": "health",
    "education": "education",
}
"""The EU's vocabulary `main-activity`."""

_WORDS = (
    (
        SECURITY,
        r"公安|警察|监狱|看守所|武警|国家安全|戒毒|\bpolice|\bprisons?\b|\bpublic.(security|safety)|\bconstabular",
    ),
    (SECURITY, r"\bsecurity (bureau|buyer|service|forces)|\bministry of (interior|internal affairs)\b|\bdetention\b"),
    ("health", r"医院|卫生|疾病预防|\bhospital|\bclinic|\bhealth|\bnhs\b"),
    ("education", r"大学|学院|学校|\buniversit|\bcollege\b|\bschool\b"),
    ("administration", r"人民政府|\b(city|county|borough) council\b|\bmunicipalit"),
)
_LEXICON = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)


def buyer_class(
    name: str | None,
    classifications: Iterable[tuple[str, str]] = (),
    buyer_id: str | None = None,
    listed: Mapping[str, str] | None = None,
) -> str:
    """The class of a buyer: of its identifier, where a list names it, else by (scheme, code), else by its name."""
    if listed and buyer_id in listed:
        return listed[str(buyer_id)]
    for scheme, code in classifications:
        known = _COFOG.get(code[:2].zfill(2)) if scheme.upper() == "COFOG" else None
        known = known or (_ACTIVITIES.get(code.lower()) if scheme.lower() == "eu-main-activity" else None)
        if known:
            return known
    return next((kind for kind, words in _LEXICON if name and words.search(name)), UNKNOWN)
