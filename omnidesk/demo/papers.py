"""Files that customers and agents attach: a photo, a PDF, a log. Made here, so that none has to be kept."""

import random
import struct
import zlib
from datetime import datetime, timedelta
from functools import cache

from conversations.types import IncomingFile


@cache
def photo(seed: int, *, width: int = 160, height: int = 120) -> IncomingFile:
    """A small picture of something woven, with a crack across it (PNG, RFC 2083, 8-bit RGB)."""
    rng = random.Random(seed)  # noqa: S311 - a picture
    ground = [rng.randrange(120, 220) for _ in range(3)]
    crack = rng.randrange(20, width - 40)
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # no filter
        for x in range(width):
            shade = 40 if abs(x - crack - y // 4 - (y * 7 % 5)) < 2 else 255 - 12 * ((x // 6 + y // 6) % 3)
            rows += bytes(channel * shade // 255 for channel in ground)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    content = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)
    return IncomingFile(f"IMG_{rng.randrange(1000, 9999)}.png", "image/png", content)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(name: str, *lines: str) -> IncomingFile:
    """A page of text (PDF 1.4); the lines are Latin-1."""
    shown = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
    stream = f"BT /F1 14 Tf 72 760 Td 22 TL {shown} ET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    content, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, written in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    places = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table, count = len(content), len(objects) + 1
    content += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, places)
    content += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, table)
    return IncomingFile(name, "application/pdf", bytes(content))


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def sync_log(started: datetime, *, orders: int = 60) -> IncomingFile:
    """What a customer's program wrote while its order sync failed."""
    lines = []
    for number in range(orders):
        at = started + timedelta(seconds=7 * number)
        order = f"ord_{88_120 + number}"
        if number < 4:
            lines.append(f"{at:%H:%M:%S} POST /v2/orders 201 {order}")
            continue
        request = zlib.crc32(order.encode())
        lines.append(f"{at:%H:%M:%S} POST /v2/orders 402 plan_suspended {order} request_id=req_{request:08x}")
        lines.append(f"{at:%H:%M:%S} retry {number % 5 + 1}/5 in 30s, queue depth {number * 31}")
    return IncomingFile(f"sync-error-{started:%Y-%m-%d}.log", "text/plain", "\n".join(lines).encode() + b"\n")
