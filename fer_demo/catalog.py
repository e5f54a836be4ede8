"""Every published method: its class, its task and where its weights come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fer_demo.models.expression_classifier import ExpressionClassifier
from fer_demo.models.tdgan import TDGAN
from fer_demo.published_model import PublishedModel


@dataclass(frozen=True)
class CatalogEntry:
    """One method a visitor can pick."""

    name: str  # also the folder under assets/checkpoints
    title: str
    model_class: type[PublishedModel]
    task: Literal["recognition", "transfer"]
    description: str  # one sentence for the picker and the About tab
    hub_id: str | None = None  # where the weights are when they are not bundled
    revision: str | None = None  # pinned commit of hub_id


ENTRIES = (
    CatalogEntry(
        name="expression_classifier",
        title="Expression classifier",
        model_class=ExpressionClassifier,
        task="recognition",
        description="A compact residual network taught on FER2013 labels and FER+ votes.",
    ),
    CatalogEntry(
        name="tdgan",
        title="TDGAN",
        model_class=TDGAN,
        task="transfer",
        description="Two encoders, identity and expression, and a decoder that joins any two codes (Xie et al. 2020). "
        "This first checkpoint learned from 25,000 images only: its faces are blurred and change little.",
    ),
)
MODELS: dict[str, CatalogEntry] = {entry.name: entry for entry in ENTRIES}
