"""The chat widget on a site of its own, with an agent at the other end."""

import hmac
from collections.abc import Callable, Iterator
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect

from .conftest import IN_BROWSERS
from .installation import Installation
from .site import Site, serve
from .test_accessible import complaints

pytestmark = IN_BROWSERS

SECRET = "the shop's own secret"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003"
    "010100c9fe92ef0000000049454e44ae426082"
)
HOSTILE = """<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script> javascript:alert(1)"""
NO_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused') } })"


@pytest.fixture(scope="module")
def token(installation: Installation) -> str:
    settings = {"form": "off", "color": "#1e5c45", "greeting": "Hello!", "identity_secret": SECRET}
    return str(installation.create_channel("shop", "chat", "Shop chat", **settings)["token"])


@pytest.fixture
def site(installation: Installation, token: str) -> Iterator[Site]:
    with serve(Site(installation.url, token)) as site:
        yield site


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """`visitor()`: a browser of its own; the test fails when one of its pages throws."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def browser(**options: object) -> BrowserContext:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        context.on("weberror", lambda found: errors.append(str(found.error)))
        contexts.append(context)
        return context

    yield browser
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def ana(sign_in: Callable[..., Page]) -> Page:
    """An agent at the inbox."""
    return sign_in("ana@shop.example")


def opened(context: BrowserContext, url: str) -> Page:
    """A page with the chat open."""
    page = context.new_page()
    page.goto(url)
    launcher(page).click()
    return page


def launcher(page: Page) -> Locator:
    return page.locator("#omnidesk-chat .launcher")


def field(page: Page) -> Locator:
    return page.get_by_label("Write a message")


def say(page: Page, text: str) -> None:
    field(page).fill(text)
    field(page).press("Enter")


def said(page: Page) -> list[str]:
    return page.locator("[role=log] .bubble").all_text_contents()


def stored(page: Page, text: str) -> None:
    """Wait until the desk has a message."""
    expect(page.locator(".say[data-me]", has_text=text).locator(".meta")).to_contain_text("Sent")


def open_thread(agent: Page, text: str) -> None:
    agent.goto("/w/shop/inbox/?view=open")
    agent.locator(".convo", has_text=text).first.click()
    expect(agent.locator(".thread")).to_contain_text(text)


def upload(name: str, content: bytes, kind: str = "text/plain") -> FilePayload:
    """A file as somebody picks it."""
    return {"name": name, "mimeType": kind, "buffer": content}


def reply(agent: Page, text: str) -> None:
    agent.get_by_label("Your reply").fill(text)
    agent.get_by_label("Your reply").press("Control+Enter")
    expect(agent.locator(".entry[data-from=us]").last).to_contain_text(text)


def test_a_visitor_and_an_agent_chat_and_a_reload_loses_nothing(site, visitor, ana):
    page = opened(visitor(), site.url)
    expect(field(page)).to_be_focused()
    say(page, "Is the ochre throw washable?")
    stored(page, "washable")
    open_thread(ana, "Is the ochre throw washable?")
    expect(ana.locator("#presence")).to_contain_text("is here, looking at Linen throw")

    ana.get_by_label("Your reply").press_sequentially("Cold wash", delay=20)
    expect(page.locator(".typing")).to_have_text("Ana Agent is typing…")
    reply(ana, "Cold wash, line dry.")
    expect(page.locator("[role=log] .bubble").last).to_have_text("Cold wash, line dry.")
    expect(page.locator(".typing")).to_be_hidden()
    expect(ana.locator(".entry[data-from=us] .ticks").last).to_contain_text("Read")

    field(page).press_sequentially("Half a thou", delay=20)
    expect(ana.locator("#presence")).to_contain_text("is typing")
    page.reload()
    expect(page.locator("dialog")).to_be_visible()
    expect(field(page)).to_have_value("Half a thou")
    expect(page.locator("[role=log] .bubble")).to_have_text(
        ["Is the ochre throw washable?", "Cold wash, line dry."]
    )

    page.get_by_role("link", name="Another page").click()
    expect(page.locator("[role=log] .bubble")).to_have_count(2)


def test_what_is_written_while_the_line_is_down_arrives_once_and_in_order(site, visitor, ana):
    context = visitor()
    page = opened(context, site.url)
    say(page, "Before the tunnel")
    stored(page, "Before the tunnel")
    open_thread(ana, "Before the tunnel")

    context.set_offline(True)
    say(page, "In the tunnel, one")
    say(page, "In the tunnel, two")
    expect(page.locator("header [role=status]")).to_have_text("No connection. Trying again…")
    expect(page.locator(".say[data-me] .meta").last).to_contain_text("Waits for the connection")
    reply(ana, "Are you still there?")
    context.set_offline(False)
    stored(page, "In the tunnel, two")
    expect(ana.locator(".thread")).to_contain_text("In the tunnel, two")
    expect(page.locator("[role=log] .bubble", has_text="Are you still there?")).to_have_count(1)

    both = ["In the tunnel, one", "In the tunnel, two"]
    assert [text for text in said(page) if text in both] == both
    there = ana.locator(".thread .entry", has_text="In the tunnel").all_inner_texts()
    assert [text in entry for text, entry in zip(both, there, strict=True)] == [True, True]
    assert page.evaluate(
        "Object.keys(localStorage).filter(key => key.endsWith('outbox')).map(key => localStorage[key])"
    ) == ["[]"]


def test_a_page_that_is_left_unsent_sends_when_it_is_back(site, visitor):
    context = visitor()
    page = opened(context, site.url)
    say(page, "First")
    stored(page, "First")
    context.set_offline(True)
    say(page, "Left behind")
    page.close()
    context.set_offline(False)
    back = opened(context, f"{site.url}other")
    stored(back, "Left behind")
    expect(back.locator("[role=log] .bubble")).to_have_text(["First", "Left behind"])


def test_a_site_that_forbids_sockets_chats_by_post(site, visitor, ana):
    site.allows_sockets = False
    page = opened(visitor(), site.url)
    say(page, "No sockets here")
    stored(page, "No sockets here")
    open_thread(ana, "No sockets here")
    reply(ana, "It works all the same.")
    expect(page.locator("[role=log] .bubble").last).to_have_text("It works all the same.")
    assert said(page) == ["No sockets here", "It works all the same."]


def test_files_go_both_ways(site, visitor, ana):
    page = opened(visitor(), site.url)
    choose = page.locator("input[type=file]")
    choose.set_input_files(upload("big.bin", b"x" * (10 * 1024 * 1024 + 1)))
    expect(page.get_by_role("alert")).to_have_text("Files may have 10 MB together.")
    choose.set_input_files([upload("edge.png", PICTURE, "image/png"), upload("order.txt", b"A-30418")])
    expect(page.locator(".files li")).to_have_count(2)
    say(page, "The left edge is loose")
    stored(page, "The left edge is loose")
    picture = page.locator(".say .picture img")
    expect(picture).to_have_js_property("naturalWidth", 1)
    # Kept for it before it is there, so that the end stays in view.
    expect(picture).to_have_css("height", "160px")

    open_thread(ana, "The left edge is loose")
    expect(ana.locator(".entry .attachment", has_text="order.txt")).to_be_visible()
    label = upload("Return label.pdf", b"%PDF-1.4 label", "application/pdf")
    ana.locator("#reply input[type=file]").set_input_files(label)
    reply(ana, "Here is your label")
    given = page.locator(".say a.file", has_text="Return label.pdf")
    with page.expect_download() as download:
        given.click()
    assert download.value.suggested_filename == "Return label.pdf"
    assert download.value.path().read_bytes() == b"%PDF-1.4 label"


def test_a_signed_visitor_has_one_history_in_every_browser(site, visitor):
    site.user = rosa()
    page = opened(visitor(), site.url)
    expect(page.locator(".chat")).to_contain_text("You are signed in as Rosa.")
    say(page, "From my phone")
    stored(page, "From my phone")
    context = visitor()
    other = opened(context, site.url)
    expect(other.locator("[role=log] .bubble")).to_have_text(["From my phone"])

    site.user = {}
    other.reload()
    expect(other.locator(".chat")).not_to_contain_text("You are signed in")
    expect(other.locator("[role=log] .bubble")).to_have_count(0)


def test_a_page_of_somebody_who_signed_out_elsewhere_rests(site, visitor):
    context = visitor()
    site.user = rosa()
    page = opened(context, site.url)
    say(page, "Still signed in here")
    stored(page, "Still signed in here")
    site.user = {}
    other = context.new_page()
    other.goto(site.url)
    expect(field(other)).to_be_hidden()
    launcher(other).click()
    say(other, "A stranger at the same machine")
    stored(other, "A stranger at the same machine")
    expect(page.locator("header [role=status]")).to_contain_text("You signed in or out in another tab.")
    expect(field(page)).to_be_hidden()
    assert said(other) == ["A stranger at the same machine"]


def test_a_wrong_signature_makes_a_guest(site, visitor):
    site.user = rosa() | {"hash": "0" * 64}
    page = opened(visitor(), site.url)
    expect(page.locator(".chat")).to_contain_text("We could not confirm who you are")
    say(page, "A guest writes")
    stored(page, "A guest writes")


def rosa() -> dict[str, str]:
    """Rosa, as the shop's server signs her."""
    facts = {"id": "8812", "email": "rosa@post.example", "name": "Rosa"}
    texts = {"hash": "8812", "email-hash": "8812\nrosa@post.example"}
    return facts | {
        name: hmac.new(SECRET.encode(), text.encode(), "sha256").hexdigest() for name, text in texts.items()
    }


def test_two_tabs_share_one_chat(site, visitor, ana):
    context = visitor()
    one, two = opened(context, site.url), opened(context, site.url)
    say(one, "From the first tab")
    stored(one, "From the first tab")
    say(two, "From the second tab")
    both = ["From the first tab", "From the second tab"]
    for tab in (one, two):
        expect(tab.locator("[role=log] .bubble")).to_have_text(both)

    for tab in (one, two):
        launcher(tab).click()
    open_thread(ana, "From the second tab")
    reply(ana, "One answer for both")
    for tab in (one, two):
        expect(launcher(tab)).to_have_accessible_name("Chat with Corner Shop, 1 new message")
    two.bring_to_front()
    launcher(two).click()
    for tab in (one, two):
        expect(launcher(tab)).to_have_accessible_name("Chat with Corner Shop")
        assert said(tab) == [*both, "One answer for both"]


def test_a_form_that_is_required_comes_first_and_once(installation, visitor, ana):
    made = installation.create_channel("shop", "chat", "Asking chat", form="required", color="#ffd400")
    with serve(Site(installation.url, str(made["token"]))) as site:
        page = opened(visitor(viewport={"width": 390, "height": 844}), site.url)
        expect(field(page)).to_be_hidden()
        expect(page.get_by_label("Name")).to_be_focused()
        page.get_by_role("button", name="Start the chat").click()
        expect(page.get_by_label("Name")).to_be_focused()
        page.get_by_label("Name").fill("Rosa Diaz")
        page.get_by_label("E-mail").fill("rosa.diaz@post.example")
        page.get_by_role("button", name="Start the chat").click()
        say(page, "Now you know my name")
        stored(page, "Now you know my name")
        page.reload()
        launcher(page).click()
        expect(field(page)).to_be_focused()
        open_thread(ana, "Now you know my name")
        expect(ana.locator("#contact h2")).to_contain_text("Rosa Diaz")


def test_nothing_that_is_said_becomes_markup(site, visitor, ana):
    page = opened(visitor(), site.url)
    say(page, f"{HOSTILE} https://shop.example/a?b=1.")
    stored(page, "onerror")
    open_thread(ana, "onerror")
    reply(ana, HOSTILE)
    expect(page.locator("[role=log] .bubble").last).to_have_text(HOSTILE)
    assert said(page)[0] == f"{HOSTILE} https://shop.example/a?b=1."
    links = page.locator("[role=log] .bubble a")
    assert links.evaluate_all("all => all.map(a => [a.href, a.rel])") == [
        ["https://shop.example/a?b=1", "noopener noreferrer"]
    ]
    assert [one.evaluate("window.hacked ?? null") for one in (page, ana)] == [None, None]


def test_without_storage_the_chat_lasts_as_long_as_the_page(site, visitor):
    context = visitor()
    context.add_init_script(NO_STORAGE)
    page = opened(context, site.url)
    say(page, "Kept nowhere")
    stored(page, "Kept nowhere")


def test_the_page_is_left_as_it_was(site, visitor):
    page = opened(visitor(), site.url)
    expect(field(page)).to_be_visible()
    assert page.evaluate("Object.keys(window.omnidesk).sort()") == ["close", "open", "remove"]
    assert page.evaluate("document.cookie + document.title") == "Linen throw"
    page.evaluate("window.omnidesk.remove()")
    assert page.evaluate("document.body.children.length + Object.keys(window.omnidesk).length") == 1
    assert page.evaluate("document.body.firstElementChild.localName") == "main"


def test_keys_alone_will_do(site, visitor):
    page = visitor().new_page()
    page.goto(site.url)
    launcher(page).focus()
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()
    page.keyboard.type("Written by keys")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("in two lines")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Enter")
    stored(page, "Written by keys")
    assert said(page) == ["Written by keys\nin two lines"]
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(launcher(page)).to_be_focused()


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
)
def test_axe_is_content_with_the_widget(site, visitor, width, scheme):
    page = opened(
        visitor(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True), site.url
    )
    say(page, "Can everybody read this? https://shop.example/")
    stored(page, "Can everybody read this?")
    page.locator("input[type=file]").set_input_files(upload("a.txt", b"a"))
    page.wait_for_timeout(300)  # it has risen
    assert complaints(page) == []


def test_the_script_is_small(installation, token):
    with urlopen(f"{installation.url}/widget/{token}.js") as answer:
        assert len(answer.read()) < 30 * 1024
