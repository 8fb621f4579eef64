"""The widget as it is kept: built from the sources beside it, and small."""

import runpy

from django.conf import settings

build = runpy.run_path(str(settings.BASE_DIR / "bin" / "widget.py"))


def test_the_built_widget_is_that_of_its_sources():
    first = build["BUILT"].read_text().partition("\n")[0]
    assert first == f"// {build['digest']()}, built by bin/widget.py", "run `make widget`"


def test_the_built_widget_leaves_room_for_its_settings_below_30_kb():
    assert build["BUILT"].stat().st_size < 29 * 1024
