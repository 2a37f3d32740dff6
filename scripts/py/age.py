"""Makes every sign-in of an installation an hour old, as if nobody had proved since then who they are.

    python scripts/py/age.py DATA-FOLDER
"""

import sqlite3
import sys
from pathlib import Path

HOUR = 60 * 60 * 1000


def main():
    with sqlite3.connect(Path(sys.argv[1]) / "provost.db", timeout=30) as database:
        for table in ("session", "person_session"):
            database.execute(f"UPDATE {table} SET fresh = fresh - ?", (HOUR,))


if __name__ == "__main__":
    main()
