"""The mean of a scorecard and boosted trees, as one LightGBM text."""

import lightgbm as lgb

from training.scorecard import Scorecard


def blend(booster: lgb.Booster, card: Scorecard, share: float) -> lgb.Booster:
    """A booster whose log-odds are ``share`` of the scorecard's and the rest of the `booster`'s.

    Its trees are those of both, every leaf times its part; `share` is in [0, 1].
    """
    text = str(booster.model_to_string())
    head, *trees = text.partition("end of trees")[0].split("Tree=")
    boosted = [_scaled(tree.partition("\n")[2], 1.0 - share) for tree in trees] if share < 1.0 else []
    blocks = [f"Tree={number}\n{tree}" for number, tree in enumerate([*(card.trees(share) if share else ()), *boosted])]
    if not blocks:
        return booster
    sizes = " ".join(str(len(block)) for block in blocks)
    lines = (f"tree_sizes={sizes}" if line.startswith("tree_sizes=") else line for line in head.split("\n"))
    rest = "end of trees" + text.partition("end of trees")[2]
    return lgb.Booster(model_str="\n".join(lines) + "".join(blocks) + rest)


def _scaled(tree: str, part: float) -> str:
    return "\n".join(_line_scaled(line, part) for line in tree.split("\n"))


def _line_scaled(line: str, part: float) -> str:
    name, equals, values = line.partition("=")
    if name != "leaf_value":
        return line
    return name + equals + " ".join(repr(float(value) * part) for value in values.split())
