"""HTML of strangers made fit to show: cleaned, remote images held back, quoted history folded away.

The page is first rearranged as a tree, then cleaned with nh3, so that what is stored is what the sanitiser wrote.
It is shown in a sandboxed frame all the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

import nh3
from django.utils.safestring import SafeString, mark_safe
from lxml import etree
from lxml.html import HtmlElement, tostring

from conversations.appearance import is_pixel, is_rich
from conversations.history import first_trailing_quote
from conversations.markup import parse_page

MAX_REMOTE_IMAGES = 32_000

_TAGS = """
a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details
dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre
q s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr
"""
_GONE_WITH_CONTENT = """
applet iframe math noembed noframes noscript object script select style svg template title xmp
"""
_SIZE = {"width", "height", "align", "valign", "bgcolor"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "style"},
    "a": {"href"},
    "img": {"src", "data-remote-src", "alt", "width", "height"},
    "table": _SIZE | {"border", "cellpadding", "cellspacing"},
    "tr": _SIZE,
    "td": _SIZE | {"colspan", "rowspan"},
    "th": _SIZE | {"colspan", "rowspan"},
    "col": {"span", "width"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "p": {"align"},
    "div": {"align"},
}
# Nothing that positions, floats or loads: a mail may colour its text, not lay itself over another's.
_STYLES = """
background-color border border-bottom border-collapse border-color border-left border-radius border-right
border-spacing border-style border-top border-width color direction font font-family font-size font-style
font-variant font-weight height letter-spacing line-height list-style-type margin margin-bottom margin-left
margin-right margin-top max-width min-width padding padding-bottom padding-left padding-right padding-top
text-align text-decoration text-transform vertical-align white-space width word-break word-spacing
"""
_LOADS_OR_COVERS = re.compile(r"url\s*\(|image|expression|\\|:[^;:]*-\s*[\d.]", re.IGNORECASE)
_LINK = re.compile(r"^(?:https?://|mailto:|tel:)\S", re.IGNORECASE)
_REMOTE = re.compile(r"^(?:https?:)?//", re.IGNORECASE)
_EMBEDDED = re.compile(r"^data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*$", re.IGNORECASE)
_HELD_BACK = re.compile(r'(<img(?: [a-z-]+="[^"]*")*?) data-remote-src="([^"]*)"')

_PUNCTUATION = ".,;:!?'\u201d\u2019]"
_TARGET = re.compile(
    r"(?:https?://|(?<![\w.])www\.)[^\s<>\"]{1,2000}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CleanHtml:
    """HTML that may be stored and shown. `rich` when it says more than its text does (tables, images, colours).

    `remote_images` counts the images held back until somebody asks for them. `html` is empty when the page is
    beyond what can be shown; its text is then all there is.
    """

    html: str
    remote_images: int = 0
    rich: bool = False


def sanitise(html: str, *, cid_urls: Mapping[str, str], fold: bool = True) -> CleanHtml:
    """Clean a mail's HTML.

    `cid_urls` says under which URL each attached image (by Content-ID) is served. Remote images move to
    `data-remote-src`, tracking pixels go; `fold` puts trailing quoted history into `<details>`.
    """
    body = parse_page(html)
    if body is None:
        return CleanHtml("")
    remote = _place_images(body, cid_urls)
    quote = first_trailing_quote(body)
    rich = is_rich(body, quote)
    if fold and quote is not None:
        _fold(quote)
    cleaned = _clean(tostring(body, encoding="unicode"), frozenset(cid_urls.values()))
    return CleanHtml(cleaned, min(remote, MAX_REMOTE_IMAGES), rich)


def show_remote(html: str) -> str:
    """Put the remote images of sanitised HTML back, for a reader who asked for them."""
    return _HELD_BACK.sub(r'\1 src="\2"', html)


def linkify(text: str) -> SafeString:
    """Plain text for a page: escaped, with links, and a `<br>` at each line end; in linear time."""
    pieces, position = [], 0
    for match in _TARGET.finditer(text):
        shown = _without_punctuation(match[0])
        pieces += [escape(text[position : match.start()]), _link(shown)]
        position = match.start() + len(shown)
    pieces.append(escape(text[position:]))
    return mark_safe("".join(pieces).replace("\n", "<br>\n"))  # noqa: S308 - every piece is escaped above


def _without_punctuation(target: str) -> str:
    """What ends a sentence rather than a link; a bracket belongs to it only when one was opened in it."""
    target = target.rstrip(_PUNCTUATION)
    while target.endswith(")") and target.count(")") > target.count("("):
        target = target[:-1].rstrip(_PUNCTUATION)
    return target


def _link(shown: str) -> str:
    target = shown
    if not shown.lower().startswith(("http://", "https://")):
        target = f"https://{shown}" if shown.lower().startswith("www.") else f"mailto:{shown}"
    return (
        f'<a href="{escape(target)}" rel="noopener noreferrer nofollow" target="_blank">{escape(shown)}</a>'
    )


def _place_images(body: HtmlElement, cid_urls: Mapping[str, str]) -> int:
    """Give attached images their URLs and hold remote ones back; returns how many those are."""
    remote = 0
    for image in body.iter("img"):
        source = image.attrib.pop("src", "").strip()
        image.attrib.pop("data-remote-src", "")
        attached = cid_urls.get(unquote(source[4:]) if source[:4].lower() == "cid:" else source)
        if attached:
            image.set("src", attached)
        elif _REMOTE.match(source) and not is_pixel(image):
            image.set("data-remote-src", f"https:{source}" if source.startswith("//") else source)
            remote += 1
        elif _EMBEDDED.match(source):
            image.set("src", source)
    return remote


def _fold(quote: HtmlElement) -> None:
    """Move a quote and all that follows it in its parent into `<details>`."""
    parent = quote.getparent()
    details = etree.Element("details")
    etree.SubElement(details, "summary").text = "\u2026"
    details.extend(list(parent)[parent.index(quote) :])
    parent.append(details)


def _clean(html: str, own_urls: frozenset[str]) -> str:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        match tag, attribute:
            case _, "style":
                return None if _LOADS_OR_COVERS.search(value) else value
            case "a", "href":
                return value if _LINK.match(value) else None
            case "img", "src":
                return value if value in own_urls or _EMBEDDED.match(value) else None
            case "img", "data-remote-src":
                return value if _REMOTE.match(value) else None
        return value

    return nh3.clean(
        html,
        tags=frozenset(_TAGS.split()),
        clean_content_tags=frozenset(_GONE_WITH_CONTENT.split()),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto", "tel", "data"},  # `keep` says which of them where
        filter_style_properties=frozenset(_STYLES.split()),
    )
