"""Scripts as they are collected."""

import re

from django.core.management import call_command


def test_what_a_script_imports_is_named_by_its_content(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "omnidesk.static.HashedStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    hashed = [path for path in (tmp_path / "js").glob("*.js") if re.search(r"\.[0-9a-f]{12}\.js$", path.name)]
    imported = {name for path in hashed for name in re.findall(r'from "\./(.+?)"', path.read_text())}
    assert {name.split(".")[0] for name in imported} > {"dom", "field", "keyboard"}
    assert imported < {path.name for path in hashed}
