"""A notebook's cell: tables of orders and findings in, a table of features out.

Run it: `.venv/bin/python examples/notebook.py`
"""

import pandas as pd

from features.frames import feature_frame

orders = pd.DataFrame(
    [
        ("A-1", "north", "2026-01-05T09:00Z", "SEQ-900", 1, 90_000.00, "lab-1", "NY"),
        ("A-2", "north", "2026-01-19T09:00Z", "SEQ-KIT", 4, 3_200.00, "lab-1", "NY"),
        ("A-2", "north", "2026-01-19T09:00Z", "SEQ-900", 1, 90_000.00, "lab-2", "NY"),
        ("A-3", "north", "2026-02-02T09:00Z", "SEQ-KIT", 40, 32_000.00, None, "LA"),
    ],
    columns=["order_id", "reseller_id", "ordered_at", "sku", "quantity", "amount", "end_user_id", "port"],
)
products = pd.DataFrame({"sku": ["SEQ-900", "SEQ-KIT"], "category": "sequencing", "sensitivity": [3, 2]})
findings = pd.DataFrame({"order_id": ["A-1"], "outcome": ["diverted"], "known_at": ["2026-01-26T12:00Z"]})

table = feature_frame(orders, products=products, findings=findings, currency="USD", attributes=["port"])

print(table[["t", "reseller_orders_count_30d", "reseller_units_mean_365d", "reseller_diverted_count_all"]].T)
