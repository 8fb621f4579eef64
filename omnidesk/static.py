"""Static files, served around Django: a style sheet needs no session, no middleware and no thread."""

from typing import Any

from django.conf import settings
from servestatic.storage import CompressedManifestStaticFilesStorage

_, _IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Collected files under names with a hash of their content. What scripts import is named so too: a module that
    were loaded under two names would run twice, and an upgrade could mix old modules with new ones."""

    support_js_module_import_aggregation = True
    # Ours alone: what libraries ship beside the files that we load imports what they do not ship.
    _js_module_import_aggregation_patterns = ("js/*.js", _IMPORTS)


# The manifest storage puts 12 hexadecimal digits of the content into each name.
_HASHED = r"^.+\.[0-9a-f]{12}\.[^/]+$"


def served(wrapper: Any, application: Any) -> Any:
    """The application behind `wrapper` (ServeStaticASGI or ServeStatic), which answers for the collected
    files; those with a hash in their name are kept by browsers for good."""
    options = {"prefix": settings.STATIC_URL, "immutable_file_test": _HASHED, "allow_all_origins": False}
    if not settings.STATIC_ROOT.is_dir():
        return wrapper(application, **options)
    return wrapper(application, root=str(settings.STATIC_ROOT), **options)
