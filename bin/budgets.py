"""Check the sizes that keep this code readable, and exit 1 where one is exceeded.

Functions are counted without their docstring; generated migrations are not counted at all.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

FUNCTION_MEDIAN, FUNCTION_90TH, FUNCTION_LONGEST = 8, 30, 60
FILE_LONGEST = {".py": 400, ".html": 120}
SETTINGS = ("omnidesk/settings.py", 300)
SCRIPTS = ("static/js", 60 * 1024)  # bytes, of all that a page may load


def tracked_files() -> list[Path]:
    """What git knows or is about to know."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [Path(line) for line in listed.stdout.splitlines() if "/migrations/" not in line]
    return [path for path in paths if path.suffix in FILE_LONGEST and path.exists()]


def too_long_files(paths: list[Path]) -> Iterator[str]:
    """One line for each file over its budget."""
    for path in paths:
        length = len(path.read_text().splitlines())
        budget = SETTINGS[1] if str(path) == SETTINGS[0] else FILE_LONGEST[path.suffix]
        if length > budget:
            yield f"{path}: {length} lines, {budget} allowed"


def too_large_scripts() -> Iterator[str]:
    """One line if the scripts together are over their budget; prints their size."""
    folder, budget = SCRIPTS
    size = sum(path.stat().st_size for path in Path(folder).glob("*.js"))
    print(f"{folder}: {size} bytes")
    if size > budget:
        yield f"{folder}: {size} bytes, {budget} allowed"


def function_lengths(path: Path) -> Iterator[tuple[int, str]]:
    """(lines, where) of each function in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = node.body[0] if ast.get_docstring(node) else None
            documented = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
            yield (node.end_lineno or 0) - node.lineno + 1 - documented, f"{path}:{node.lineno} {node.name}"


def exceeded(title: str, paths: list[Path]) -> Iterator[str]:
    """One line for each function budget that a group of files exceeds; prints the group's figures."""
    functions = sorted(chain.from_iterable(map(function_lengths, paths)))
    if len(functions) < 2:
        return
    lengths = [length for length, _ in functions]
    middle, ninetieth = median(lengths), quantiles(lengths, n=10)[-1]
    print(
        f"{title}: {len(lengths)} functions, median {middle:g}, 90% {ninetieth:g}, longest {lengths[-1]} lines"
    )
    if middle > FUNCTION_MEDIAN:
        yield f"{title}: median function {middle:g} lines, {FUNCTION_MEDIAN} allowed"
    if ninetieth > FUNCTION_90TH:
        yield f"{title}: 90% of functions {ninetieth:g} lines, {FUNCTION_90TH} allowed"
    yield from (
        f"{where}: {n} lines, {FUNCTION_LONGEST} allowed" for n, where in functions if n > FUNCTION_LONGEST
    )


def main() -> int:
    """Print what exceeds its budget."""
    paths = tracked_files()
    code = [path for path in paths if path.suffix == ".py"]
    tests = [path for path in code if path.parts[0] == "tests"]
    groups = {"code": [path for path in code if path not in tests], "tests": tests}
    functions = chain.from_iterable(exceeded(*group) for group in groups.items())
    faults = [*too_long_files(paths), *too_large_scripts(), *functions]
    print("\n".join(faults) or "all budgets kept")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
