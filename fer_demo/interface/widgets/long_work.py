"""Long work in short steps: a button, a progress bar and a stop; others get their turn between two steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import gradio as gr

from fer_demo.errors import FerDemoError
from fer_demo.interface.widgets.components import Update, components

_STEP = 1.0  # seconds of work before the next in line has a turn
_PAUSE = 0.15  # seconds between two steps


class Work(Protocol):
    """Anything that can be done a piece at a time."""

    total: int
    done: int

    def advance(self, seconds: float) -> None:
        """Go on for so long."""
        ...


class Job:
    """Work under way, and what it is about; when that has changed meanwhile, its result is worth nothing."""

    def __init__(self, work: Work, about: Any) -> None:
        self.work, self.about, self.steps = work, about, 0
        self.stopped = self.broken = False

    @property
    def over(self) -> bool:
        return self.stopped or self.broken or self.work.done >= self.work.total

    def step(self) -> None:
        """One more piece; a step that fails for an unknown reason is the last."""
        self.steps += 1
        self.broken = True
        self.work.advance(_STEP)
        self.broken = False


class _Shown(NamedTuple):
    """What changes while work goes on; the same names hold the components and their values."""

    job: Job | None
    clock: Update
    bar: str
    start: Update
    stop: Update


class LongWork:
    """The components; the work itself and what follows from it are arguments of `connect`."""

    def __init__(self, label: str, what: str, name: str) -> None:
        self._what = what  # plural: "pictures"
        with gr.Row(elem_classes="long-work", elem_id=name):
            start = gr.Button(label, size="md", min_width=190, scale=0)
            stop = gr.Button("Stop", size="md", min_width=80, scale=0, visible=False)
            bar = gr.HTML(_bar(0, 0, "", ""), apply_default_css=False, min_width=160, min_height=40)
        self._parts = components(_Shown, gr.State(None), gr.Timer(_PAUSE, active=False), bar, start, stop)

    def connect(
        self,
        listen: Callable[..., Any],
        begin: Callable[..., Work],
        inputs: list[Any],
        finish: Callable[[Any, Work], Any],
        subject: Any,
        notice: Any,
        about: Callable[[Any], Any] = lambda value: value,
        early: bool = False,
        queue: str | None = None,
        again: bool = False,
    ) -> None:
        """`begin(*inputs)` makes the work; `finish(subject, work)` the subject's new value, stopped or done.

        about: what of the subject must still be the same when the work ends. early: `finish` after the first step too.
        queue: where the steps wait; without it, in that of the models.
        again: the button may be pressed while work goes on, which then begins anew.
        """
        parts = self._parts

        def start(value: Any, *values: Any) -> _Shown:
            job = Job(begin(*values), about(value))
            return _Shown(job, gr.update(active=True), self._progress(job), *_buttons(working=True, again=again))

        def tick(job: Job | None, value: Any) -> tuple[Any, ...]:
            if job is None or job.about is not about(value):
                return (*_ended(_bar(0, 0, "", "")), gr.skip(), gr.skip())
            if not job.over:
                job.step()
            if not job.over and not (early and job.steps == 1):
                return (*_Shown(gr.skip(), gr.skip(), self._progress(job), gr.skip(), gr.skip()), gr.skip(), gr.skip())
            try:
                result = finish(value, job.work)
            except FerDemoError as error:  # shown here: the next tick of the clock would wipe it out
                return (*_ended(_bar(0, 0, "", "")), gr.skip(), str(error))
            if not job.over:
                return (*_Shown(gr.skip(), gr.skip(), self._progress(job), gr.skip(), gr.skip()), result, "")
            return (*_ended(self._progress(job)), result, "")

        def stop(job: Job | None) -> None:
            if job is not None:
                job.stopped = True  # the next step ends it

        listen([parts.start.click], start, [subject, *inputs], parts, notice=notice, heavy=True, queue=queue)
        listen([parts.clock.tick], tick, [parts.job, subject], [*parts, subject, notice], heavy=True, queue=queue)
        listen([parts.stop.click], stop, [parts.job], [])

    def _progress(self, job: Job) -> str:
        return _bar(job.work.done, job.work.total, self._what, "stopped at" if job.stopped else "")


def _ended(bar: str) -> _Shown:
    return _Shown(None, gr.update(active=False), bar, *_buttons(working=False))


def _buttons(working: bool, again: bool = False) -> tuple[Update, Update]:
    return gr.update(interactive=again or not working), gr.update(visible=working)


def _bar(done: int, total: int, what: str, word: str) -> str:
    if not total:
        return '<p class="speed" role="status"></p>'
    words = f"{word} {done:,} of {total:,} {what}".strip()
    return (
        f'<div class="controls"><progress value="{done}" max="{total}" aria-label="{what} done"></progress>'
        f'<span class="speed" role="status">{words}</span></div>'
    )
