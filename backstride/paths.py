"""Where the project's files are, wherever it is started from."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "guide"
DATA = ROOT / "data"
MODEL = ROOT / "models" / "backstride.tar.gz"
RUN = ROOT / ".run"
STORE = ROOT / "store"
