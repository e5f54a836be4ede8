"""The app: its tabs in order, and how it is launched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from fer_demo.errors import FerDemoError
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import Page, leave_room, tell
from fer_demo.interface.guard import Guard
from fer_demo.interface.mcp import ToolServer
from fer_demo.interface.preview import PagePreview
from fer_demo.interface.programs.verbs import publish
from fer_demo.interface.shown_page import LAB, ShownPage
from fer_demo.interface.tabs import about, dataset, explain, latent_space, leakage, recognize, transfer
from fer_demo.interface.widgets.carried import PageTabs
from fer_demo.interface.widgets.markup import message
from fer_demo.interface.widgets.theme import theme

_MODULES = (recognize, explain, transfer, latent_space, leakage, dataset, about)
TABS = {tab.__name__.rpartition(".")[2]: tab for tab in _MODULES}
STYLE = Path(__file__).parents[1] / "assets" / "style"
_SCRIPTS = [
    (STYLE / name).read_text(encoding="utf-8")
    for name in ("page.js", "zoom.js", "terms.js", "tabs.js", "keys.js", "leaders.js")
]

# Gradio deletes its temporary files older than an hour, looking every half an hour; uploads are gone at once.
_LOOK_EVERY, _KEEP_FOR = 1800, 3600
_VISITORS = 500  # whose choices are remembered at once: of more, those who did nothing for longest begin anew
_FILES_AT_ONCE = 3  # of the largest size that one request may carry; the grid of Transfer sends all its photos in one

_HEADER = """<header class="masthead"><div><h1>{}</h1><p>{}</p></div>
<button type="button" class="own theme" title="Light or dark">Light or dark</button></header>
<p class="notice many-tabs" role="status" hidden></p>"""
# A script that must be there before Gradio's.
_HEAD = f"<script>{(STYLE / 'stream.js').read_text(encoding='utf-8')}</script>"
_FOOTER = """<footer class="bottom">The faces shown on arrival are computer-made; nobody in them exists.
Photos are worked on in memory and not kept.</footer>"""


def build_demo(context: AppContext, page: ShownPage = LAB) -> gr.Blocks:
    """The tabs of a page over one context."""
    with _one_web_app():
        return _page(context, page)


def _page(context: AppContext, page: ShownPage) -> gr.Blocks:
    context.models.announce = lambda name: tell(f"Loading {title(name)} …")
    with Page(title=page.name, analytics_enabled=False, delete_cache=(_LOOK_EVERY, _KEEP_FOR)) as demo:
        gr.HTML(_HEADER.format(page.name, page.about), apply_default_css=False)
        with PageTabs(page.tabs, overflow_behavior="wrap", elem_id="page"):
            for name in page.tabs:
                tab = TABS[name]
                with gr.Tab(tab.TITLE, id=name, elem_id=f"tab-{name}"):
                    # So that headings below it make no jump.
                    gr.HTML(f"<h2>{tab.TITLE}</h2>", apply_default_css=False, elem_classes="unseen")
                    _build(tab, context)
        publish(context)
        gr.HTML(_FOOTER, apply_default_css=False)
        for script in _SCRIPTS:
            demo.load(None, js=script, show_progress="hidden", api_visibility="private")
    # Closed to programs that would pass the queue by; what they are offered waits in it, too.
    length = context.settings.queue_length
    demo.queue(max_size=length, api_open=False)
    leave_room(demo._queue, max(1, length // 2))  # of one school, whose pupils may share an address, all find room
    return demo


@contextmanager
def _one_web_app() -> Iterator[None]:
    """Gradio makes a web app when a page begins, when it ends and when it gets its queue; only that of `launch` serves.

    The others, each with all routes and a description of the whole page, took an eighth of a start.
    """
    web_app: Any = gr.routes.App
    make = web_app.create_app
    web_app.create_app = staticmethod(lambda *_, **__: None)
    try:
        yield
    finally:
        web_app.create_app = staticmethod(make)


def _build(tab: ModuleType, context: AppContext) -> None:
    """One tab; where it cannot be built, such as with damaged weights, the others still are."""
    try:
        tab.build(context)
    except FerDemoError as error:
        gr.HTML(message(str(error)), apply_default_css=False)


def launch_options(context: AppContext, page: ShownPage = LAB) -> dict[str, Any]:
    """The options of `launch`: look, limits, no telemetry."""
    settings = context.settings
    hosts = [name.strip().lower() for name in settings.hosts.split(",")]
    most_bytes = _FILES_AT_ONCE * settings.largest_upload_mb * 1_000_000
    return {
        "theme": theme(),
        "css_paths": [STYLE / "app.css"],
        "head": _HEAD,
        "app_kwargs": {
            "middleware": [
                Middleware(Guard, hosts=hosts, most_bytes=most_bytes),
                Middleware(GZipMiddleware, compresslevel=4),  # Gradio packs its scripts; the page itself is larger
                Middleware(ToolServer, name=page.name, about=page.about),
                Middleware(PagePreview, name=page.name, about=page.about, picture="favicon.ico"),
            ]
        },
        "favicon_path": STYLE / "icon.png",
        "max_file_size": f"{settings.largest_upload_mb}mb",
        "state_session_capacity": _VISITORS,
        "footer_links": ["api"],
        "run_history": False,  # it would keep visitors' pictures in their browser
        "ssr_mode": False,  # needs Node.js and gains nothing here
        "share": False,
    }
