"""A changed source of compiled code is compiled anew: its content is in the name of the folder of what was compiled."""

from pathlib import Path

from features.windows import compiled

ROOT = Path(__file__).parents[3]


def test_every_file_that_compiles_is_in_the_name() -> None:
    named = set(compiled.sources())
    packages = [ROOT / room for room in ("features", "models", "training", "serving")]
    users = {
        file
        for package in packages
        for file in package.rglob("*.py")
        if "windows.compiled" in (text := file.read_text()) or "njit" in text
    }
    assert {ROOT / "models" / "tree_shap.py", ROOT / "features" / "facts" / "encode.py"} <= users
    assert users <= named


def test_the_whole_room_of_the_kernel_is_in_the_name() -> None:
    assert set((ROOT / "features" / "windows").glob("*.py")) <= set(compiled.sources())
