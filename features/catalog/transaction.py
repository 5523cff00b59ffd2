"""The order line itself: what it is worth, how much of it, and how it stands in its order."""

from features.windows.view import LineFeature

TRANSACTION = (
    LineFeature("line_value", "direct", ("value",), "currency", "transaction", "the line is worth {value}", 0.01),
    LineFeature("line_units", "direct", ("units",), "each", "transaction", "the line asks for {value} pieces", 0.001),
    LineFeature("line_grams", "direct", ("grams",), "g", "transaction", "the line asks for {value} g", 0.001),
    LineFeature("line_millilitres", "direct", ("millilitres",), "ml", "transaction", "the line asks for {value} ml", 0.001),
    LineFeature("order_value", "direct", ("order_value",), "currency", "transaction", "the order is worth {value}", 0.01),
    LineFeature("order_lines", "direct", ("order_lines",), "1", "transaction", "the order has {value} lines"),
    LineFeature("order_skus", "direct", ("order_skus",), "1", "transaction", "the order has {value} different products"),
    LineFeature(
        "price_to_list", "direct", ("price_to_list",), "1", "transaction",
        "the price is {value} times the list price", 0.001, red_flag="RF17",
    ),
    LineFeature("for_stock", "direct", ("for_stock",), "0/1", "transaction", "it is ordered for stock", red_flag="RF34"),
    LineFeature(
        "end_user_undeclared", "flag", ("undeclared",), "0/1", "transaction",
        "no end user is declared", red_flag="RF05",
    ),
    LineFeature(
        "use_undeclared", "flag", ("use_undeclared",), "0/1", "transaction",
        "no use is declared", red_flag="RF05",
    ),
)  # fmt: skip
