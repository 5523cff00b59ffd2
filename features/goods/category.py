"""Categories as paths of any depth, such as ``forensics/hid-kit/str``: a tree without a table of its nodes.

>>> ancestors("forensics/hid-kit/str")
('forensics', 'forensics/hid-kit', 'forensics/hid-kit/str')
>>> level("forensics/hid-kit/str", 2), level("forensics", 2)
('forensics/hid-kit', 'forensics')
"""

SEPARATOR = "/"


def ancestors(path: str) -> tuple[str, ...]:
    """The path's categories from the top down, itself last."""
    parts = path.split(SEPARATOR)
    return tuple(SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts) + 1))


def level(path: str, depth: int) -> str:
    """The path cut to so many levels; shorter ones stay whole."""
    return SEPARATOR.join(path.split(SEPARATOR, depth)[:depth])
