"""Management commands one after the other in one process, which starts Django once for all of them.

Each line of standard input is [words, stdin]; it is answered by a line [exit code, stdout, stderr].
"""

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout

from django.core.management import ManagementUtility


def run(words: list[str], text: str) -> tuple[int, str, str]:
    """What a command returns and prints, as a process of its own would."""
    out, err = io.StringIO(), io.StringIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            ManagementUtility(["manage.py", *words]).execute()
        except SystemExit as end:
            return int(end.code or 0), out.getvalue(), err.getvalue()
        except Exception:  # noqa: BLE001 - whatever it is, the test is to read it
            traceback.print_exc()
            return 1, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def main() -> None:
    """Run what is asked for until nobody asks any more."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")
    asked, answers = sys.stdin, sys.stdout
    for line in asked:
        answers.write(json.dumps(run(*json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
