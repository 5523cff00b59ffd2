"""What a machine needs before anything is installed: each lack is one line that says how to mend it."""

import ctypes
import importlib.util
import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 12):
    found = ".".join(map(str, sys.version_info[:2]))
    sys.exit(f"Python 3.11 or 3.12 is needed, this is {found}; name another one: make run PYTHON=python3.12")
if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
    sys.exit("Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv")
if sys.platform.startswith("linux"):
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        sys.exit(
            "LightGBM needs the system library libgomp.so.1, which is missing; "
            "on Debian and Ubuntu: apt-get install libgomp1, on Fedora: dnf install libgomp"
        )
