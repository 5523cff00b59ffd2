"""The frozen features of version 1, from the open files alone, by simple code of their own.

They do not change when the catalogue does: the gates measure the world with them, and every entry of the benchmark may
use them. Each row sees what was known strictly before its order. They read no sealed file.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from training.benchmark.trailing import DAY_S, Trailing, counted_before

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEVELS = {"CN-XJ": 3.0, "CN-XZ": 2.0, "CN-QH": 1.0, "CN-GS": 1.0}
"""Sensitive regions and those next to them, frozen as of version 1."""

HUBS = ("HK", "SG", "AE")
PARTY_CONSTANT = ("reseller_age_days", "reseller_tenure_days", "reseller_authorised", "reseller_shares_address")
"""Features that hardly change for one reseller: no more than a tenth of the gain may rest on them."""


def read_lines(folder: Path) -> pd.DataFrame:
    """Order lines in time order, one row each, with times in seconds and the masters of reseller and product joined."""
    text = dict.fromkeys(
        ("order_id", "line", "end_user_id", "end_user_class", "declared_use", "ship_to_region"), pa.string()
    )
    options = csv.ConvertOptions(column_types=text, timestamp_parsers=[csv.ISO8601])
    table = csv.read_csv(folder / "orders.csv", convert_options=options)
    lines = table.set_column(2, "seconds", _seconds(table["ordered_at"])).to_pandas()
    rates = pd.read_csv(folder / "rates.csv")
    products = pd.read_csv(folder / "products.csv")[["sku", "category", "sensitivity", "list_price"]]
    lines = lines.merge(products, on="sku", how="left").merge(_masters(folder), on="reseller_id", how="left")
    lines["usd"] = lines["amount"] * _rate_of(lines, rates)
    return lines


def _seconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(pc.cast(column, pa.timestamp("s")), pa.int64())


def _masters(folder: Path) -> pd.DataFrame:
    """The first version of each reseller: what was known when it came."""
    firms = pd.read_csv(folder / "resellers.csv", keep_default_na=False)
    firms = firms.drop_duplicates("reseller_id").set_index("reseller_id")
    dates = {name: _days(firms[name]) for name in ("founded_on", "authorised_from", "authorised_to")}
    site = firms[["country", "latitude", "longitude", "address_id"]].add_prefix("site_")
    return site.assign(**dates).reset_index()


def _days(column: "pd.Series[str]") -> "pd.Series[float]":
    return pd.to_datetime(column, errors="coerce", utc=True).astype("int64").where(column != "") / 10**6


def _rate_of(lines: pd.DataFrame, rates: pd.DataFrame) -> Floats:
    out = np.ones(len(lines))
    for code, known in rates.groupby("currency"):
        since = pd.to_datetime(known["valid_from"], utc=True).astype("int64").to_numpy() // 10**6
        rows = (lines["currency"] == code).to_numpy()
        at = np.searchsorted(since, lines["seconds"].to_numpy()[rows], side="right") - 1
        out[rows] = known["usd_per_unit"].to_numpy()[at]
    return out


def _codes(*columns: "pd.Series[str]") -> Ints:
    """A code for each combination of values."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        own = pd.factorize(column)[0].astype(np.int64)
        code = code * (own.max() + 1) + own
    return np.unique(code, return_inverse=True)[1].astype(np.int64)


def features(lines: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """The frozen features (n_lines, n_features) of `read_lines`' rows, float64, NaN where missing."""
    own = _own(lines)
    return pd.concat([own, _reseller(lines, own), _parties(lines), _found(lines, findings)], axis=1)


def _own(lines: pd.DataFrame) -> pd.DataFrame:
    """The line itself, and how it stands against its product's usual quantity and price."""
    seconds = lines["seconds"].to_numpy()
    quantity, price = (
        np.log2(lines["quantity"].to_numpy(np.float64)),
        lines["usd"] / lines["quantity"] / lines["list_price"],
    )
    price = price.where(lines["amount"].notna()).to_numpy(np.float64)
    product = Trailing(_codes(lines["sku"]), seconds)
    per_order = lines.groupby("order_id", sort=False)["usd"]
    distance = _distance(lines)
    return pd.DataFrame(
        {
            "line_value_log2": np.log2(lines["usd"].to_numpy(np.float64) + 1.0),
            "line_quantity_log2": quantity,
            "quantity_to_usual_log2": quantity - product.mean(quantity, 365),
            "price_to_list": price,
            "amount_missing": lines["amount"].isna().to_numpy(np.float64),
            "order_value_log2": np.log2(per_order.transform("sum").to_numpy(np.float64) + 1.0),
            "order_lines": per_order.transform("size").to_numpy(np.float64),
            "sensitivity": lines["sensitivity"].to_numpy(np.float64),
            "category": pd.factorize(lines["category"], sort=True)[0].astype(np.float64),
            "end_user_class": pd.factorize(lines["end_user_class"], sort=True)[0].astype(np.float64),
            "use_blank": _blank(lines["declared_use"]),
            "end_user_blank": _blank(lines["end_user_id"]),
            "for_stock": lines["for_stock"].to_numpy(np.float64),
            "ship_to_level": lines["ship_to_region"].map(LEVELS).fillna(0.0).to_numpy(np.float64),
            "ship_to_hub": lines["ship_to_country"].isin(HUBS).to_numpy(np.float64),
            "ship_to_home": (lines["ship_to_country"] == lines["site_country"]).to_numpy(np.float64),
            "ship_to_own_site": (distance < 1.0).astype(np.float64),
            "ship_to_km": distance,
        }
    )


def _blank(column: "pd.Series[str]") -> Floats:
    blank: Floats = (column.fillna("") == "").to_numpy(np.float64)
    return blank


def _distance(lines: pd.DataFrame) -> Floats:
    """Kilometres between ship-to and the reseller's first site, on a flat map of the neighbourhood."""
    north = (lines["ship_to_latitude"] - lines["site_latitude"]).to_numpy(np.float64) * 111.2
    cosine = np.cos(np.radians(lines["site_latitude"].to_numpy(np.float64)))
    east = (lines["ship_to_longitude"] - lines["site_longitude"]).to_numpy(np.float64) * 111.2 * cosine
    return np.asarray(np.hypot(north, east), np.float64)


def _reseller(lines: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """What this reseller did in the last 90 and 365 days, and how the line compares."""
    seconds = lines["seconds"].to_numpy()
    history = Trailing(_codes(lines["reseller_id"]), seconds)
    customer = Trailing(_codes(lines["reseller_id"], lines["end_user_id"].fillna("")), seconds)
    named = own["end_user_blank"].to_numpy() == 0
    known = np.where(named, customer.count(None), np.nan)
    own_signs = own.assign(
        end_user_new=np.where(named, known == 0, np.nan),
        sensitive=(own["sensitivity"] >= 2).to_numpy(np.float64),
        level=(own["ship_to_level"] > 0).to_numpy(np.float64),
    )
    columns: dict[str, Floats] = {"reseller_end_user_lines": known}
    for name in _MEANS:
        sign = own_signs[name].to_numpy(np.float64)
        for days in (90, 365):
            columns[f"reseller_{name}_mean_{days}d"] = history.mean(sign, days)
    for days in (30, 90, 365):
        columns[f"reseller_lines_{days}d"] = history.count(days)
    same = {"category": lines["category"], "product": lines["sku"]}
    for name, column in same.items():
        pair = Trailing(_codes(lines["reseller_id"], column), seconds)
        columns[f"reseller_{name}_lines_90d"] = pair.count(90)
        columns[f"reseller_{name}_share_365d"] = pair.count(365) / (columns["reseller_lines_365d"] + 5.0)
    columns["reseller_days_since_last"] = history.since_last()
    columns["price_to_reseller"] = own["price_to_list"].to_numpy() - history.mean(own["price_to_list"].to_numpy(), 365)
    columns["value_to_reseller_log2"] = (
        own["line_value_log2"].to_numpy() - columns["reseller_line_value_log2_mean_365d"]
    )
    return pd.DataFrame(columns)


_MEANS = (
    *("line_value_log2", "quantity_to_usual_log2", "price_to_list", "sensitive", "level", "ship_to_own_site"),
    *("ship_to_hub", "for_stock", "end_user_blank", "end_user_new", "use_blank", "order_lines"),
)


def _parties(lines: pd.DataFrame) -> pd.DataFrame:
    """Who the reseller and the end user are."""
    seconds = lines["seconds"].to_numpy()
    day = seconds / DAY_S
    user = Trailing(_codes(lines["end_user_id"].fillna("")), seconds)
    since, until = lines["authorised_from"].to_numpy() / DAY_S, lines["authorised_to"].to_numpy() / DAY_S
    shares = lines.groupby("site_address_id")["reseller_id"].transform("nunique").to_numpy(np.float64)
    return pd.DataFrame(
        {
            "reseller_age_days": day - lines["founded_on"].to_numpy() / DAY_S,
            "reseller_tenure_days": day - since,
            "reseller_authorised": ((since <= day) & ~(until < day)).astype(np.float64),
            "reseller_shares_address": (shares > 1).astype(np.float64),
            "end_user_lines_365d": np.where(_blank(lines["end_user_id"]) > 0, np.nan, user.count(365)),
        }
    )


def read_findings(folder: Path) -> pd.DataFrame:
    """Findings in the order in which they became known, with times in seconds."""
    found = pd.read_csv(folder / "findings.csv", dtype={"line": str}, keep_default_na=False)
    known = pd.to_datetime(found["known_at"], utc=True).astype("int64") // 10**6
    return found.assign(known=known)


def _found(lines: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """What was found of this reseller and this family of goods before."""
    orders = lines.drop_duplicates("order_id").set_index("order_id")
    seconds = lines["seconds"].to_numpy()
    columns = {}
    for name in ("reseller_id", "category"):
        codes, names = pd.factorize(lines[name], sort=True)
        place = pd.Series(np.arange(len(names)), index=names)
        for outcome in ("diverted", "cleared"):
            chosen = findings[findings["outcome"] == outcome]
            of = place.loc[orders.loc[chosen["order_id"], name]].to_numpy()
            count = counted_before(codes.astype(np.int64), seconds, of, chosen["known"].to_numpy())
            columns[f"{name.removesuffix('_id')}_{outcome}_findings"] = count
    table = pd.DataFrame(columns)
    for name in ("reseller", "category"):
        diverted, cleared = table[f"{name}_diverted_findings"], table[f"{name}_cleared_findings"]
        table[f"{name}_finding_rate"] = (diverted + 0.1) / (diverted + cleared + 5.0)
    return table.drop(columns=["category_diverted_findings", "category_cleared_findings"])
