"""The one way from a visitor's action to our code: errors become sentences, heavy work waits in one queue."""

from __future__ import annotations

import ctypes
import functools
import html
import logging
import secrets
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from starlette.requests import Request

from fer_demo.errors import DataError, FerDemoError
from fer_demo.interface.newest import newest_only

try:  # on ZeroGPU a decorated function runs in a process of its own; anywhere else `spaces` need not be installed
    from spaces import GPU
except ImportError:

    def GPU(work: Callable[..., Any], duration: int) -> Callable[..., Any]:  # noqa: N802
        return work


_GPU_SECONDS = 20  # that a visitor's daily quota on ZeroGPU must still hold

MODELS_QUEUE = "models"  # the concurrency group of everything that runs a network for long, such as an edit
PHOTOS_QUEUE = "photos"  # that of finding the faces of a photo and recognizing their expressions, a third of a second
LOADS_QUEUE = "loads"  # that of asking how far a visitor's model is on its way from the Hub
FILES_QUEUE = "files"  # that of opening tables and archives, each of which takes hundreds of megabytes
_PHOTOS_AT_ONCE = 2  # as many as the cores of the machine that we have in mind, and as its memory has room for
_REST = 1.0  # seconds without a model at work, after which free memory is given back
_LIGHT_AT_ONCE = 4  # events of one kind; the others wait without a thread

TOLD_FOR = 4.0  # seconds that a word in the corner stays

_NOT_SENT = (
    "The file was not sent: a path or an address alone is not a file. Send the file: handle_file(“photo.jpg”) of "
    "gradio_client does it, other programs post it to /gradio_api/upload first."
)
_UNFIT = "This request does not fit the page; reload it and try again."
_UNFIT_CALL = "What was sent does not fit {}; docs/api.md and /gradio_api/info say what each of its inputs may be."

_log = logging.getLogger(__name__)
_FRAMES = 4  # of a break that the log names, the innermost ones


class Page(gr.Blocks):
    """A page to which anybody may send anything: what does not fit it is one line of the log and one sentence."""

    async def process_api(self, block_fn: Any, inputs: list[Any], *arguments: Any, **named: Any) -> dict[str, Any]:
        """As Gradio's, which prints a stack trace for each request that it cannot read.

        What a program leaves out of a public event, or sends as null, has the value that its description names.
        """
        event = named.get("event_data")
        if event is not None and not isinstance(event._data, dict):
            event._data = {}  # what is looked for in it is not there
        public = ""
        try:
            asked = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
            if _names_address(inputs) or not all(map(_is_sent, asked.inputs, inputs)):
                raise gr.Error(_NOT_SENT, print_exception=False)
            if asked.api_visibility == "public":
                public = str(asked.api_name)
                inputs = [*inputs, *[None] * (len(asked.inputs) - len(inputs))]
                pairs = zip(asked.inputs, inputs, strict=True)
                inputs = [getattr(field, "value", None) if value is None else value for field, value in pairs]
                if not all(map(_fits, asked.inputs, inputs)):
                    raise gr.Error(_UNFIT_CALL.format(public), print_exception=False)
            return await super().process_api(block_fn, inputs, *arguments, **named)
        except gr.Error as error:
            error.print_exception = False  # Gradio's own about a value that is none of the choices
            raise
        except Exception as error:
            _log.warning("A request does not fit the page: %s", where_it_broke(error), exc_info=sys.flags.dev_mode)
            raise gr.Error(_UNFIT_CALL.format(public) if public else _UNFIT, print_exception=False) from None


def _is_sent(field: Any, value: Any) -> bool:
    """Whether a field for files was given uploads, or nothing."""
    if value is None or not isinstance(field, gr.Image | gr.File):
        return True
    return all(isinstance(one, dict) and "meta" in one for one in (value if isinstance(value, list) else [value]))


def _fits(field: Any, value: Any) -> bool:
    """Whether a value of a public event is of its field's type; what is no choice or out of range has other words."""
    if value is None:
        return True
    if isinstance(field, gr.Number):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return not isinstance(field, gr.Dropdown) or isinstance(value, str)


def _names_address(value: Any) -> bool:
    """Whether a file anywhere in what was sent is an address, which Gradio would fetch; the app calls nobody."""
    if isinstance(value, dict):
        if "meta" in value and str(value.get("path")).strip().lower().startswith(("http:", "https:")):
            return True
        return any(map(_names_address, value.values()))
    return isinstance(value, list) and any(map(_names_address, value))


def leave_room(queue: Any, most: int) -> None:
    """Let a queue of Gradio refuse, with a sentence, what one address sends while so much of it waits already."""
    push = queue.push

    async def push_if_room(body: Any, request: Request, username: str | None) -> Any:
        waiting = (event.request for one in queue.event_queue_per_concurrency_id.values() for event in one.queue)
        if sum(_address(other) == _address(request) for other in waiting) >= most:
            return (
                False,
                f"{most} requests from your address are already waiting; try again when they are answered.",
                "error",
            )
        return await push(body, request, username)

    queue.push = push_if_room


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def listen(
    triggers: Sequence[Any],
    work: Callable[..., Any],
    inputs: Sequence[Any] = (),
    outputs: Sequence[Any] = (),
    *,
    notice: Any = None,
    heavy: bool = False,
    queue: str | None = None,
    gpu: bool = False,
    busy: Sequence[Any] = (),
    latest: bool = False,
    failed: Sequence[Any] | None = None,
    api_name: str | None = None,
) -> Any:
    """Call `work` on any of the triggers and put what it returns, one value or a tuple, into the outputs.

    notice: where an error's sentence appears, and is cleared on success; without it the sentence is a pop-up.
    heavy: runs a network, and waits its turn in the models' queue, where one event at a time has its turn, unless
    `queue` names another; in none, some events of a kind go on at once. busy: components that show the passing time and
    the place in the queue.
    gpu: on ZeroGPU, where visitors have minutes of a GPU a day, it is lent for this; `work` may then keep nothing, and
    what goes in and comes out must be picklable.
    latest: of events that come while one is running, only the last counts (sliders), in whichever order they end.
    failed: what the outputs show beside the sentence of an error; without it they stay as they are.
    api_name: makes the event public under this name, documented by the docstring of `work`.
    """
    queue = queue or (MODELS_QUEUE if heavy else None)
    function = guarded(work, len(outputs), beside=notice is not None, failed=failed)
    function = GPU(function, duration=_GPU_SECONDS) if gpu else function
    function = _giving_back(function) if heavy else function
    shown = [*outputs, *([] if notice is None else [notice])]
    return gr.on(
        triggers=list(triggers),
        fn=newest_only(function, len(shown)) if latest else function,
        inputs=list(inputs),
        outputs=shown,
        api_name=api_name,
        api_visibility="public" if api_name else "private",
        concurrency_id=queue,
        concurrency_limit={None: _LIGHT_AT_ONCE, PHOTOS_QUEUE: _PHOTOS_AT_ONCE}.get(queue, 1),
        show_progress="minimal" if busy else "hidden",
        show_progress_on=list(busy) or None,
        trigger_mode="always_last" if latest else None,
    )


def _giving_back(work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`; a while after the last of such calls, memory that they left free goes back to the system."""

    @functools.wraps(work)
    def call(*arguments: Any) -> Any:
        try:
            return work(*arguments)
        finally:
            _FREED.later()

    return call


class _Freed:
    """Memory that is free, but kept by the C library: a hundred MB after an explanation, given back in 10 ms."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: threading.Timer | None = None

    def later(self) -> None:
        """Give it back soon, unless more work comes before, which would only take it again."""
        with self._lock:
            if self._waiting is not None:
                self._waiting.cancel()
            self._waiting = threading.Timer(_REST, give_back)
            self._waiting.daemon = True
            self._waiting.start()


_FREED = _Freed()


def give_back() -> None:
    """Give free memory back to the system, where its C library can."""
    with suppress(OSError, AttributeError, TypeError):  # another system, or another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)


def posted(work: Callable[..., Any], outputs: int) -> Callable[..., Any]:
    """`work` for a page's own script, which asks past the queue."""
    return guarded(work, outputs, beside=True)


def guarded(
    work: Callable[..., Any], outputs: int, beside: bool, failed: Sequence[Any] | None = None
) -> Callable[..., Any]:
    """`work` with every error turned into one sentence.

    beside: return a row of values that ends with the sentence ("" if all went well), after an error behind `failed`, or
    else leaving the other outputs as they are; otherwise raise gr.Error with it.
    """

    @functools.wraps(work)
    def call(*arguments: Any) -> Any:
        try:
            values = work(*arguments)
        except gr.Error:
            raise
        except FerDemoError as error:
            sentence = str(error)
        except Exception as error:
            reference = secrets.token_hex(3)
            _log.error(
                "Unexpected error, reference %s: %s", reference, where_it_broke(error), exc_info=sys.flags.dev_mode
            )
            sentence = (
                f"Something went wrong on our side (reference {reference}). Please try again; "
                "if it happens again, report the reference."
            )
        else:
            if not beside:
                return values
            return (*(values if isinstance(values, tuple) else (values,)), "") if outputs else ""
        if not beside:
            raise gr.Error(sentence, print_exception=False)
        kept = (gr.skip() for _ in range(outputs)) if failed is None else failed
        return (*kept, sentence) if outputs else sentence

    return call


def where_it_broke(error: BaseException) -> str:
    """The kind of an error and where it came from, in one line without its words, which may be a visitor's."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = (f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in frames[::-1])
    return f"{type(error).__name__} at {' < '.join(places)}"


def tell(sentence: str) -> None:
    """A word in the corner of the page to the visitor whose event is being answered; outside of one, nothing."""
    if LocalContext.event_id.get(None) is not None:
        gr.Info(html.escape(sentence), TOLD_FOR, title="One moment")


def picked(event: gr.EventData, count: int) -> int:
    """Which of `count` things was clicked; what the browser sent is checked, never trusted.

    Raises: DataError if it is none of them.
    """
    index = getattr(event, "index", None)
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count:
        raise DataError("That choice is no longer there; reload the page and choose again.")
    return index
