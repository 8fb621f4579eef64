"""Django's makemessages, for Jinja: its own reading of templates misses a text in the middle of an expression."""

from collections.abc import Iterator
from pathlib import Path

from django.core.management.commands import makemessages
from jinja2 import Environment
from jinja2.ext import extract_from_ast


def texts(source: str) -> Iterator[tuple[int, str]]:
    """The texts of a template that are to be translated, with their lines. Raises TemplateSyntaxError."""
    for line, _function, text in extract_from_ast(Environment().parse(source), ["_"]):  # noqa: S701 - renders none
        if isinstance(text, str):
            yield line, text


class TemplateFile(makemessages.BuildFile):
    """A file that gettext reads; of a template, a Python module that says the same texts in the same lines."""

    def preprocess(self) -> None:
        """Write what gettext is to read."""
        if self.is_templatized:
            Path(self.work_path).write_text(
                as_module(Path(self.path).read_text(encoding="utf-8")), encoding="utf-8"
            )


def as_module(source: str) -> str:
    """A template as a module that says its texts, each in its line."""
    lines = [""] * (source.count("\n") + 1)
    for line, text in texts(source):
        lines[line - 1] += f"_({text!r}); "
    return "\n".join(lines)


class Command(makemessages.Command):
    """Gather the texts of code and templates into locale/<language>/LC_MESSAGES/django.po. Needs GNU gettext."""

    build_file_class = TemplateFile
