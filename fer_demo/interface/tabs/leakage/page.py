"""The probe with its settings, the sentence and the bars that it gives, and what was measured before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import gradio as gr

from fer_demo.data.embedding_table import BUNDLED
from fer_demo.errors import DataError, FerDemoError
from fer_demo.figures.leakage import LeakBar, leak_bars, leak_height
from fer_demo.inference.leakage.disentanglement import (
    CODE_TITLES,
    PROBED_DIMS,
    Disentanglement,
    Leaks,
    leaks_of,
    measured_disentanglement,
)
from fer_demo.inference.leakage.probe_codes import DIMS, OWN, TITLES, ProbeCodes, codes_of
from fer_demo.inference.leakage.probe_fits import PROBES
from fer_demo.inference.leakage.probe_targets import PERSON, Target, target_names
from fer_demo.inference.leakage.probed_faces import (
    ALL_FACES,
    SELECTED,
    ProbedFaces,
    bundled_faces,
    faces_of_map,
    selections,
)
from fer_demo.inference.leakage.probing import Plan, plan_probe, read_code
from fer_demo.inference.leakage.wording import leak_sentences, share
from fer_demo.interface.context import AppContext, title
from fer_demo.interface.events import listen
from fer_demo.interface.tabs.leakage.measured import metrics_table
from fer_demo.interface.widgets.address import Address, settings_asked
from fer_demo.interface.widgets.carried import Carried, carried_faces
from fer_demo.interface.widgets.components import components
from fer_demo.interface.widgets.glossary import explained
from fer_demo.interface.widgets.markup import lead, message
from fer_demo.interface.widgets.notice import Notice
from fer_demo.interface.widgets.plots import Plots
from fer_demo.published.model import PublishedModel

TITLE = "Leakage"

SEED = 0  # of the parts, the networks and the bootstrap: the same choices always give the same bars
_PROGRESS = gr.Progress()
_Progress = Callable[..., Any]
_HELP = (
    "A model that keeps two codes apart should put the person into one and the expression into the other. Here you can "
    "test it. A probe learns from some faces to guess something from a code, and is then asked about other faces. If "
    "it finds the person in the expression code, the person has leaked into it."
)
_KEY = (
    "Blue bars are the model's own codes; grey bars are for comparison. The thin line on a bar shows its 95 % "
    "interval. A diamond shows chance: the same probe, taught with shuffled labels. To find a person, the probe learns "
    "from some of their pictures and is asked about others. For everything else it is asked about people whom it has "
    "never seen. The plain classifier learned expressions alone; the untrained encoder learned nothing. Even the seven "
    "probabilities give a little away, so no useful code can be expected to leak nothing."
)


class _Choice(NamedTuple):
    """What the visitor asked for; the same names hold the components and their values."""

    model: str
    target: str
    probe: str
    faces: str
    codes: list[str]
    dims: float
    carried: Carried | None  # from the maps


class _Answer(NamedTuple):
    """What a probe found; the same names hold the components and their values."""

    sentence: str
    bars: list[Any]  # figures
    settings: dict[str, Any]  # for the page's address


def build(context: AppContext) -> None:
    """Lay out the tab with what was measured before, so that nothing is computed on arrival."""
    models = _models(context)
    if not models:
        text = (
            "No model here can be tested for leakage yet. Whoever runs this app can prepare one with “python -m "
            "training evaluate disentanglement MODEL”."
        )
        gr.HTML(message(text), apply_default_css=False)
        return
    name = next(iter(models.values()))
    codes, source = _codes(context, name), context.bundled
    measured = _measured(name, context.models.described[name])
    gr.HTML(lead(_HELP), apply_default_css=False)
    with gr.Row(elem_classes="choices"):
        model = gr.Dropdown(list(models.items()), value=name, label="Model", visible=len(models) > 1)
        target = gr.Dropdown(
            list(target_names(source)), value=PERSON, label="What the probe guesses", elem_id="probe-target"
        )
        probe = gr.Dropdown(list(PROBES), value="linear", label="Kind of probe", elem_id="probe-kind")
        faces = gr.Dropdown(list(selections(source)), value=ALL_FACES, label="Faces", elem_id="probe-faces")
    offered = _offered(codes)
    chosen = gr.CheckboxGroup(offered, value=[code for _, code in offered], label="Guessed from", elem_id="probe-codes")
    dims = gr.Slider(
        1, DIMS, value=PROBED_DIMS, step=1, label="How many numbers of each code the probe sees", elem_id="probe-dims"
    )
    notice = Notice()
    words, figures = _arrival(bundled_faces(source, codes, PERSON), measured)
    sentence = gr.HTML(words, apply_default_css=False, elem_id="leak-sentence", min_height=56)
    bars = Plots(
        figures,
        labels=["Bars: how well the chosen label can be guessed from each code, with chance"],
        height=leak_height(len(TITLES)),
        elem_id="leaks",
    )
    gr.HTML(lead(_KEY), apply_default_css=False)
    metrics = gr.HTML(metrics_table(measured), apply_default_css=False, elem_id="disentanglement")
    choice = components(_Choice, model, target, probe, faces, chosen, dims, carried_faces())
    _connect(context, choice, sentence, bars, metrics, notice)


def _connect(context: AppContext, choice: Any, sentence: Any, bars: Plots, metrics: Any, notice: Any) -> None:
    def probe(asked: _Choice, progress: _Progress) -> _Answer:
        return _Answer(*_probe(context, asked, progress), _settings(asked))

    def probe_carried(asked: _Choice, progress: _Progress) -> _Answer:
        return probe(asked._replace(faces=SELECTED), progress)

    def change_model(asked: _Choice, progress: _Progress) -> tuple[Any, ...]:
        offered = _offered(_codes(context, asked.model))
        every = [code for _, code in offered]
        answer = probe(asked._replace(codes=every), progress)
        measured = _measured(asked.model, context.models.described[asked.model])
        return gr.update(choices=offered, value=every), metrics_table(measured), *answer

    def offer_carried(carried: Carried) -> Any:
        chosen = (f"{SELECTED} ({len(carried.keys):,})", SELECTED)
        return gr.update(choices=[*((name, name) for name in selections(context.bundled)), chosen], value=SELECTED)

    def follow_link(event: gr.EventData) -> tuple[Any, ...]:
        """What a link asks for; the rest is as on arrival."""
        asked = read_link(context, settings_asked(event))
        codes = gr.update(choices=_offered(_codes(context, asked.model)), value=asked.codes)
        measured = metrics_table(_measured(asked.model, context.models.described[asked.model]))
        fields = (asked.model, asked.target, asked.probe, asked.faces, codes, asked.dims)
        return (*fields, measured, *probe(asked, _PROGRESS))

    address = Address("leakage")
    shown = components(_Answer, sentence, bars, address)
    changed = [field.input for field in (choice.target, choice.probe, choice.faces, choice.codes, choice.dims)]
    listen(changed, _packed(probe), choice, shown, notice=notice, busy=[bars], latest=True)
    listen([choice.carried.change], offer_carried, [choice.carried], [choice.faces])
    listen([choice.carried.change], _packed(probe_carried), choice, shown, notice=notice, busy=[bars], latest=True)
    outputs = [choice.codes, metrics, *shown]
    listen([choice.model.input], _packed(change_model), choice, outputs, notice=notice, busy=[bars])
    listen([address.select], follow_link, [], [*choice[:-1], metrics, *shown], notice=notice, busy=[bars])


def _settings(choice: _Choice) -> dict[str, str | None]:
    """A choice for the page's address; faces selected on the maps are too many to name."""
    faces = None if choice.faces == SELECTED else choice.faces
    shown = {"model": choice.model, "guess": choice.target, "probe": choice.probe, "faces": faces}
    return {**shown, "codes": ",".join(choice.codes), "numbers": f"{choice.dims:g}"}


def read_link(context: AppContext, query: Mapping[str, str]) -> _Choice:
    """The choice of an address; what is not there any more is as on arrival."""
    models, source = list(_models(context).values()), context.bundled

    def one_of(setting: str, known: Collection[str], usual: str) -> str:
        return query[setting] if query.get(setting) in known else usual

    model = one_of("model", models, models[0])
    known, numbers = list(_codes(context, model).codes), query.get("numbers", "")
    wanted = query.get("codes", "").split(",")
    return _Choice(
        model=model,
        target=one_of("guess", target_names(source), PERSON),
        probe=one_of("probe", PROBES, "linear"),
        faces=one_of("faces", selections(source), ALL_FACES),
        codes=[name for name in known if name in wanted] or known,
        dims=min(max(int(numbers), 1), DIMS) if numbers.isdecimal() else PROBED_DIMS,
        carried=None,
    )


def _packed(work: Callable[[_Choice, _Progress], Any]) -> Callable[..., Any]:
    """The work as Gradio calls it: one argument for each component, and a progress bar by its default."""

    def call(
        model: str,
        target: str,
        probe: str,
        faces: str,
        codes: list[str],
        dims: float,
        carried: Carried | None,
        progress: Any = _PROGRESS,
    ) -> Any:
        return work(_Choice(model, target, probe, faces, codes, dims, carried), progress)

    return call


def _probe(context: AppContext, choice: _Choice, progress: _Progress) -> tuple[str, list[Any]]:
    """The sentence and the bars of one choice; every part of it comes from the browser and is checked."""
    faces = _faces(context, choice)
    names = [name for name in faces.codes if name in (choice.codes or ())]
    if choice.probe not in PROBES:
        raise DataError("That choice is no longer there; reload the page and choose again.")
    if not names:
        raise DataError("Choose at least one code to guess from.")
    plan = plan_probe(faces.target, faces.people, SEED)
    scores = []
    for number, name in enumerate(names):
        progress((number, len(names)), unit="codes")
        scores.append(read_code(plan, name, faces.codes[name], choice.probe, _whole(choice.dims)))
    leaks = leaks_of(plan, scores)
    return _sentence(faces, plan, leaks), [_bars(faces.target, leaks)]


def _faces(context: AppContext, choice: _Choice) -> ProbedFaces:
    """The bundled faces with all codes of the model, or the selected ones of a map of other faces."""
    carried: Carried | None = choice.carried
    target, name = str(choice.target), str(choice.faces)
    if name == SELECTED and carried is not None and context.maps[carried.map_name].info.data != BUNDLED:
        return faces_of_map(context.maps[carried.map_name], carried.map_name, target, carried.keys)
    keys = () if carried is None else carried.keys
    return bundled_faces(context.bundled, _codes(context, choice.model), target, name, keys)


def _whole(dims: Any) -> int:
    if not isinstance(dims, int | float) or not 1 <= dims <= DIMS:
        raise DataError(f"A probe sees 1 to {DIMS} numbers of each code; choose one of these.")
    return int(dims)


def _codes(context: AppContext, name: str) -> ProbeCodes:
    if name not in context.models:
        raise DataError("There is no such model here; choose one from the list.")
    return _codes_once(name, tuple(context.models.described.items()))


@lru_cache(maxsize=8)
def _codes_once(name: str, models: tuple[tuple[str, PublishedModel], ...]) -> ProbeCodes:
    return codes_of(name, dict(models))


def _models(context: AppContext) -> dict[str, str]:
    """Title -> name of every model with codes of the bundled faces; those with two codes first."""
    keys = () if context.faces is None else tuple(context.faces.column("key"))
    found = {}
    for name in context.models:
        try:
            codes = _codes(context, name)
        except FerDemoError:
            continue
        if codes.keys == keys:
            found[name] = len(codes.own)
    return {title(name): name for name in sorted(found, key=lambda name: -found[name])}


def _offered(codes: ProbeCodes) -> list[tuple[str, str]]:
    return [(TITLES[name], name) for name in codes.codes]


def _measured(name: str, model: PublishedModel) -> Disentanglement | None:
    """What was measured of these weights; a damaged file costs the figures, not the tab."""
    try:
        return measured_disentanglement(name, model)
    except FerDemoError:
        return None


def _arrival(faces: ProbedFaces, measured: Disentanglement | None) -> tuple[str, list[Any]]:
    """What the visitor finds: the evaluation asked the same question of all faces with the same settings."""
    leaks = None if measured is None else measured.leaks_of(faces.target.name)
    if leaks is None:
        return message("Choose what to guess, and the probe begins."), []
    plan = plan_probe(faces.target, faces.people, SEED)
    return _sentence(faces, plan, leaks), [_bars(faces.target, leaks)]


def _sentence(faces: ProbedFaces, plan: Plan, leaks: Leaks) -> str:
    score, comparison = leak_sentences(faces.target, leaks)
    return f'<p class="may-be">{explained(score)}</p>{lead(f"{comparison} {faces.words(plan)}")}'


def _bars(target: Target, leaks: Leaks) -> Any:
    bars = [
        LeakBar(CODE_TITLES[one.code], one.score, one.low, one.high, one.control, one.code in OWN)
        for one in leaks.readings
    ]
    return leak_bars(bars, leaks.chance, target.is_class, share)
