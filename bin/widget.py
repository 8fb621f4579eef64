"""Build the chat widget: what static/widget/ holds as one small script, widget.min.js.

It is built by whoever changes the widget, with Node at hand (npx fetches terser), and kept with its sources: no
installation needs Node. Its first line names the digest of these, so that a test can tell when it is out of date.
"""

import json
import re
import subprocess
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "static" / "widget"
SCRIPTS = ("store.js", "link.js", "view.js", "main.js")
BUILT = FOLDER / "widget.min.js"
TERSER = ("npx", "--yes", "terser@5.51.2", "--toplevel", "--compress", "--mangle")


def source() -> str:
    """All of it as one script: the style as a string without comments, then the files in their order."""
    style = re.sub(r"/\*.*?\*/", "", (FOLDER / "widget.css").read_text(), flags=re.DOTALL)
    style = re.sub(r"\s*([{};,])\s*", r"\1", " ".join(style.split())).replace(": ", ":")
    scripts = [(FOLDER / name).read_text() for name in SCRIPTS]
    return "\n".join([f"const STYLE = {json.dumps(style)};", *scripts])


def digest() -> str:
    """Of the sources."""
    return sha256(source().encode()).hexdigest()


if __name__ == "__main__":
    done = subprocess.run(TERSER, input=source(), capture_output=True, text=True, check=True)
    BUILT.write_text(f"// {digest()}, built by bin/widget.py\n{done.stdout.strip()}\n")
    print(f"{BUILT.name}: {BUILT.stat().st_size} bytes")
