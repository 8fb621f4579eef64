"""A customer's own site: another origin than Omnidesk's, with a strict policy of its own."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

POLICY = "default-src 'none'; script-src {desk}; connect-src {connect}; img-src {desk}; style-src 'self'"
PAGE = """<!doctype html><html lang="en" dir="{dir}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<script src="{script}" async{facts}></script></head>
<body><main><h1>{title}</h1><p><a href="/other">Another page</a></p></main></body></html>"""


class Site:
    """Pages with the chat of `token` on them. `user` is what the shop's server says of a signed-in visitor."""

    def __init__(self, desk: str, token: str) -> None:
        self.desk = desk
        self.token = token
        self.dir = "ltr"
        self.user: Mapping[str, str] = {}
        self.allows_sockets = True
        self.url = ""

    def answer(self, path: str) -> tuple[str, str]:
        """The policy and the page at a path; all have the same but their title."""
        sockets = self.desk.replace("http", "ws", 1) if self.allows_sockets else ""
        facts = "".join(f' data-user-{name}="{escape(value)}"' for name, value in self.user.items())
        page = PAGE.format(
            dir=self.dir,
            title="Linen throw" if path == "/" else "Another page",
            script=f"{self.desk}/widget/{self.token}.js",
            facts=facts,
        )
        return POLICY.format(desk=self.desk, connect=f"{self.desk} {sockets}"), page


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """Serve a site on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            policy, page = site.answer(urlsplit(self.path).path)
            content = page.encode()
            self.send_response(200)
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
