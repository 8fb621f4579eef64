"""`python -m bench [NAME…]`: run the benchmarks, keep their figures, print one table.

Every module here that has a `main() -> list[Figure]` is a benchmark. It finds migrated, durable servers
(`make bench` starts them) and makes the workspaces it needs itself.
"""

import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from bench.harness import Figure

NOT_BENCHMARKS = {"__main__", "harness"}
WIDTHS = (14, 46, 12, 12, 12, 8)


def main(wanted: Sequence[str]) -> None:
    """Run the wanted benchmarks, or all of them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnidesk.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    for line in table(wanted or names()):
        print(line, flush=True)


def names() -> list[str]:
    """The benchmarks that there are."""
    found = {module.name for module in pkgutil.iter_modules([os.path.dirname(__file__)])}
    return sorted(name for name in found - NOT_BENCHMARKS if hasattr(import_module(f"bench.{name}"), "main"))


def table(wanted: Sequence[str]) -> Iterator[str]:
    """The lines of the table, each as soon as it is measured."""
    from bench.harness import keep

    yield _line("benchmark", "figure", "measured", "floor", "unit", "ratio")
    for name in wanted:
        figures = import_module(f"bench.{name}").main()
        keep(name, figures)
        yield from (_row(name, figure) for figure in figures)


def _row(name: str, figure: "Figure") -> str:
    floor = "" if figure.floor is None else f"{figure.floor:,.4g}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    return _line(name, figure.name, f"{figure.value:,.4g}", floor, figure.unit, ratio)


def _line(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


if __name__ == "__main__":
    main(sys.argv[1:])
