"""The factors of a synthetic face, each a frozen value that can be replaced without touching the others."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]  # linear RGB albedo, 0..1


@dataclass(frozen=True)
class Brows:
    """Shape of the painted eyebrows in head units (distance between the eyes = 0.62)."""

    inner: float
    outer: float
    height: float
    arch: float
    thickness: float
    density: float  # 0..1
    colour: Colour


@dataclass(frozen=True)
class Identity:
    """Who it is: the head's shape and everything painted on its skin and eyes.

    `macro` and `detail` weigh the artists' shapes in the order of `HeadModel.macro_names` and `detail_names`. They are
    shape parameters only; nothing about a real person follows from them.
    """

    macro: tuple[float, ...]
    detail: tuple[float, ...]
    melanin: float  # 0 light .. 2 dark
    redness: float
    age_marks: float  # 0..1, darkness around the eyes
    freckles: float  # 0..1
    lip_tint: Colour  # multiplies the lips' albedo
    beard: float  # 0 shaved .. 0.8 dense stubble
    brows: Brows
    iris: Colour
    iris_radius: float  # radians on the eyeball
    shine: float  # strength of the skin's highlight
    mottle: int  # seed of the skin's fine pattern


@dataclass(frozen=True)
class Hair:
    """Hair of the scalp, drawn independently of the person unless asked otherwise."""

    style: str  # one of HAIR_STYLES
    colour: Colour
    thickness: float  # head units
    hairline: float  # head units, higher = receding
    fringe: bool
    length: float  # height of the lower end of falling hair, head units (chin = -0.9)
    opening: float  # degrees from the nose to the edge of falling hair
    flare: float
    wave: float
    pattern: int  # seed of the strands


HAIR_STYLES = ("bald", "buzz", "short", "curly", "bob", "long")


@dataclass(frozen=True)
class Glasses:
    """Spectacle frames; lenses are clear."""

    colour: Colour
    roundness: float  # 0 rectangular .. 1 round
    width: float  # half width of one rim, head units


@dataclass(frozen=True)
class Clothing:
    """Upper edge of a garment at the neck."""

    colour: Colour
    trim: Colour
    collar: float  # height at the throat, head units
    neckline: float  # extra depth of a V, head units


@dataclass(frozen=True)
class Background:
    """A blurred two-colour surface behind the head."""

    near: Colour
    far: Colour
    angle: float  # radians, direction of the gradient
    clouds: float  # strength of the soft pattern
    pattern: int  # seed of the soft pattern


@dataclass(frozen=True)
class Expression:
    """What the face does: a class name, its intensity (0.1..1; 0 for neutral) and the 52 unit weights in 0..1."""

    name: str
    intensity: float
    asymmetry: float  # signed; > 0 = stronger on the person's left
    units: tuple[float, ...]


@dataclass(frozen=True)
class Pose:
    """Head rotation in degrees, gaze and framing.

    yaw > 0 = turned to the picture's right, pitch > 0 = bent downwards, roll > 0 = tilted counter-clockwise in the
    picture: the convention of the `head_pose` column of the real data.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)  # unit weights: to the person's left, upwards
    pupil: float = 0.16  # radians on the eyeball
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)  # fractions of the picture: right, down


@dataclass(frozen=True)
class Light:
    """One key light with a soft shadow, and the light of the surroundings by direction (linear RGB)."""

    azimuth: float = -25.0  # degrees, > 0 = from the picture's right
    elevation: float = 30.0
    key: Colour = (1.5, 1.5, 1.5)
    sky: Colour = (0.65, 0.68, 0.72)
    ground: Colour = (0.42, 0.38, 0.34)
    side: Colour = (0.0, 0.0, 0.0)  # added towards the picture's right, taken away towards its left
    shadow: float = 0.7  # 0 none .. 1 black
    exposure: float = 0.0  # stops


@dataclass(frozen=True)
class SyntheticFace:
    """All factors of one picture; `dataclasses.replace` makes exact counterfactuals."""

    identity: Identity
    hair: Hair
    glasses: Glasses | None
    clothing: Clothing
    background: Background
    expression: Expression
    pose: Pose
    light: Light
