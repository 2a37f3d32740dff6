"""Makes something of an installation older than it is, for who cannot wait.

    python scripts/py/age.py DATA-FOLDER            every sign-in is an hour old: nobody has proved since then who they are
    python scripts/py/age.py DATA-FOLDER switches   every switch of a domain is an hour old
"""

import sqlite3
import sys
from pathlib import Path

HOUR = 60 * 60 * 1000
WHAT = {
    "sign-ins": [("session", "fresh"), ("person_session", "fresh")],
    "switches": [("federation", "switched")],
}


def main():
    folder, what = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "sign-ins"
    with sqlite3.connect(folder / "provost.db", timeout=30) as database:
        for table, column in WHAT[what]:
            database.execute(f"UPDATE {table} SET {column} = {column} - ? WHERE {column} > 0", (HOUR,))


if __name__ == "__main__":
    main()
