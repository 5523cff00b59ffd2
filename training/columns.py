"""What was declared of each order line, as plain columns: the record's own and the attributes.

>>> conditions(["source=U", "ship_country=XX"])
[('source', 'U'), ('ship_country', 'XX')]
"""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.measures import Refused


def attribute_columns(lines: pa.Table) -> pd.DataFrame:
    """One column of text (None where absent) for each attribute that any of the lines declares, sorted by name."""
    texts = lines.column("attributes").to_pandas()
    # Few distinct attribute texts cover many lines: each is read once.
    read = {text: json.loads(text) for text in texts.dropna().unique()}
    names = sorted({name for values in read.values() for name in values})
    rows = [read.get(text, {}) for text in texts]
    return pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names})


def conditions(texts: Sequence[str]) -> list[tuple[str, str]]:
    """``name=value`` conditions as pairs. Raises `Refused` for a text without a name and an equals sign."""
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise Refused("exclude", text, "is not a condition", "write name=value, such as source=U")
        pairs.append((name.strip(), value.strip()))
    return pairs


def matching(lines: pa.Table, exclude: Sequence[str]) -> NDArray[np.bool_]:
    """True (n_lines,) where any of the ``name=value`` conditions holds.

    A name is a column of `Record.lines` or an attribute; an attribute of the same name wins. Raises `Refused`
    for a name that is neither.
    """
    matched = np.zeros(lines.num_rows, np.bool_)
    if not exclude:
        return matched
    attributes = attribute_columns(lines)
    for name, value in conditions(exclude):
        if name in attributes.columns:
            column = attributes[name]
        elif name in lines.column_names:
            column = lines.column(name).to_pandas()
        else:
            known = sorted({*attributes.columns, *lines.column_names} - {"attributes"})
            raise Refused("exclude", name, "is neither a column nor an attribute", f"use one of {', '.join(known)}")
        matched |= (column.astype(object).map(str, na_action="ignore") == value).to_numpy(np.bool_)
    return matched
