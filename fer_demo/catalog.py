"""Every published method, an entry for each recipe: its class, its task and where its weights come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from fer_demo.errors import RetiredError
from fer_demo.models.efficientnet_lite import EfficientNetLite
from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.models.expression_judge import ExpressionJudge
from fer_demo.models.face_landmarker import FaceLandmarker
from fer_demo.models.face_resnet import FaceResNet
from fer_demo.models.identity_embedder import IdentityEmbedder
from fer_demo.models.ipd_fer import IPDFER
from fer_demo.models.label_translator import LabelTranslator
from fer_demo.models.landmark_editor import LandmarkEditor
from fer_demo.models.pixel_regression import PixelRegression
from fer_demo.models.residual_masking import ResidualMasking
from fer_demo.models.selective_feature_sharing import SelectiveFeatureSharing
from fer_demo.models.tdgan import TDGAN
from fer_demo.published.model import PublishedModel
from fer_demo.published.pins import read_pins


@dataclass(frozen=True)
class CatalogEntry:
    """One method a visitor can pick; methods that differ only in their recipe share a class."""

    name: str  # also the folder under assets/checkpoints
    title: str
    model_class: type[PublishedModel]
    task: Literal["recognition", "transfer", "identity", "landmarks"]
    description: str  # one sentence for the picker and the About tab
    # Where the weights are when they are not bundled, as hub.json has it; neither: there are none yet.
    hub_id: str | None = None
    revision: str | None = None  # pinned commit of hub_id
    sha256: str | None = None  # of the weights at that commit
    starts_from: str | None = None  # the entry whose weights its training started from
    in_short: str = ""  # of an editor: what it is in about five words, for the picker
    judges: bool = False  # scores what other methods make, and therefore teaches none of them


ENTRIES = (
    CatalogEntry(
        name="face_resnet",
        title="Face ResNet",
        model_class=FaceResNet,
        task="recognition",
        description="A network that learned to tell people apart first, then expressions from FER2013 labels, FER+ "
        "votes and posed faces of other cameras.",
        starts_from="identity_embedder",
    ),
    CatalogEntry(
        name="expression_classifier",
        title="Expression classifier",
        model_class=ExpressionClassifier,
        task="recognition",
        description="A compact residual network taught on FER2013 labels and FER+ votes.",
    ),
    CatalogEntry(
        name="efficientnet_lite",
        title="EfficientNet-Lite0",
        model_class=EfficientNetLite,
        task="recognition",
        description="A small network that learned from ImageNet first, then from FER2013 labels, FER+ votes and posed "
        "faces of other cameras.",
    ),
    CatalogEntry(
        name="residual_masking",
        title="Residual Masking Network",
        model_class=ResidualMasking,
        task="recognition",
        description="A residual network that masks its own features after every stage and shows the masks "
        "(Pham et al. 2020, a small version).",
    ),
    CatalogEntry(
        name="expression_judge",
        title="Expression judge",
        model_class=ExpressionJudge,
        task="recognition",
        description="A recognizer of another family, trained with another tenth of FER2013 held out; it scores "
        "generated faces, and no method learns from it.",
        judges=True,
    ),
    CatalogEntry(
        name="landmark_editor",
        title="Landmark editor",
        model_class=LandmarkEditor,
        task="transfer",
        description="Moves the landmarks of a face as far as people move theirs, and carries the photo's own pixels "
        "along; what a warp cannot show, such as teeth, a small network paints.",
        in_short="moves landmarks, natural size",
    ),
    CatalogEntry(
        name="tdgan",
        title="TDGAN",
        model_class=TDGAN,
        task="transfer",
        description="Two encoders, identity and expression, and a decoder that joins any two codes (Xie et al. 2021), "
        "taught with both discriminators for a short time, then beside true pictures. The change it paints is added to "
        "the photo.",
        in_short="adds the change that it paints",
    ),
    CatalogEntry(
        name="tdgan_published",
        title="TDGAN as published",
        model_class=TDGAN,
        task="transfer",
        description="The same networks with the losses, the schedule and the noise of the paper (Xie et al. 2021). "
        "Every face is painted anew, and roughly; smiles and open mouths come through, little else does.",
        in_short="repaints faces, as in the paper",
    ),
    CatalogEntry(
        name="ter_gan",
        title="TER-GAN",
        model_class=TDGAN,
        task="transfer",
        description="Two encoders and a decoder, taught so that a painted face has the same two codes as the faces "
        "it came from; the expression's encoder then learns to recognize (Ali and Hughes 2020).",
        in_short="adds a change, and the driver's light",
    ),
    CatalogEntry(
        name="ipd_fer",
        title="IPD-FER",
        model_class=IPDFER,
        task="transfer",
        description="Takes a face for a person, a pose and an expression: from the first two it paints the person at "
        "rest, and the difference is the expression (Jiang and Deng 2022). What it paints is blurred; an edit adds the "
        "change to the photo.",
        in_short="adds a change, shows faces at rest",
    ),
    CatalogEntry(
        name="selective_feature_sharing",
        title="Selective feature sharing",
        model_class=SelectiveFeatureSharing,
        task="transfer",
        description="A recognizer and a painter of named expressions side by side; at every level gates choose what "
        "each takes from the other (Zhao et al. 2020). Its edits shade a face more than they move it, and smear.",
        in_short="shades expressions, smears",
    ),
    CatalogEntry(
        name="us_gan",
        title="US-GAN",
        model_class=LabelTranslator,
        task="transfer",
        description="A small network that adds a named expression to a face, taught by a critic (Akram and Khan 2023). "
        "It moves nothing: old brows and teeth shine through.",
        in_short="adds to faces, by name",
    ),
    CatalogEntry(
        name="star_gan",
        title="StarGAN",
        model_class=LabelTranslator,
        task="transfer",
        description="Paints the whole face with a named expression; a critic teaches it, and the way back to the photo "
        "is to keep the person (Choi et al. 2018). In this short run most people are lost.",
        in_short="paints whole faces, loses people",
    ),
    CatalogEntry(
        name="pixel_regression",
        title="Pixel regression",
        model_class=PixelRegression,
        task="transfer",
        description="For each expression a straight line for every pixel, found in seconds: the average change of "
        "other people is laid over a face, and nothing moves (Akram and Khan 2020).",
        in_short="adds the average change, by name",
    ),
    CatalogEntry(
        name="identity_embedder",
        title="Identity embedder",
        model_class=IdentityEmbedder,
        task="identity",
        description="dlib's face descriptor: says how far an edited face is from its person. Never used as a loss.",
    ),
    CatalogEntry(
        name="face_landmarker",
        title="Face landmarker",
        model_class=FaceLandmarker,
        task="landmarks",
        description="68 points of a face by the network of face-api.js: says where an edit put mouth, brows and eyes. "
        "Never used as a loss.",
    ),
)


def _on_the_hub() -> tuple[CatalogEntry, ...]:
    """The entries with the repository, commit and hash that were pinned when they were published."""
    pins = read_pins()
    found = [(entry, pins.get(entry.name)) for entry in ENTRIES]
    return tuple(
        entry if pin is None else replace(entry, hub_id=pin.repo, revision=pin.revision, sha256=pin.sha256)
        for entry, pin in found
    )


MODELS: dict[str, CatalogEntry] = {entry.name: entry for entry in _on_the_hub()}

# Methods that old studies, links and folders may name, and what to say then.
RETIRED = {
    "warp_editor": "The warp editor, which moved a photo's pixels farther than people move their faces, was replaced "
    "by landmark_editor. Choose that one; what the warp editor made can be repeated only with the earlier version of "
    "fer_demo that made it.",
}


def check_not_retired(name: object) -> None:
    """Raises: RetiredError for a method that was taken out, or for its class: WarpEditor is that of warp_editor."""
    for method, sentence in RETIRED.items():
        if isinstance(name, str) and name.replace("_", "").lower() == method.replace("_", ""):
            raise RetiredError(sentence)
