"""What the developers of a site put into it, to show a chat and to say who has signed in."""

PLAIN = '<script src="{script}" async></script>'
SIGNED = """<script src="{script}" async
  data-user-id="8812" data-user-hash="signed(8812)"
  data-user-email="ana@example.com" data-user-email-hash="signed(8812, a line feed, ana@example.com)"
  data-user-name="Ana Lind"></script>"""
PYTHON = """import hashlib, hmac, os

def signed(text):
    secret = os.environ["OMNIDESK_CHAT_SECRET"]
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()"""
NODE = """const { createHmac } = require("node:crypto");

const signed = (text) =>
  createHmac("sha256", process.env.OMNIDESK_CHAT_SECRET).update(text).digest("hex");"""
PHP = """function signed(string $text): string
{
    return hash_hmac('sha256', $text, getenv('OMNIDESK_CHAT_SECRET'));
}"""
SIGNING = {"Python": PYTHON, "Node": NODE, "PHP": PHP}
