"""Cards of what is published as datasets: the rendered faces and the latent maps, with their viewer's configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from huggingface_hub import DatasetCardData
from huggingface_hub.utils import yaml_dump

from fer_demo.data import embedding_table
from fer_demo.data.embedding_table import EmbeddingTable
from fer_demo.data.loading import BUNDLED
from training.data.expression_faces import FAINT
from training.publishing.card_tables import text_table

FACES, LATENT_MAPS = "rendered_faces", "latent_maps"  # what hub.json calls them
SPLIT = "test"  # no published model learnt from these people
CLEAR = "clear_expressions"  # the benchmark's task
TABLE_FILE = f"data/{SPLIT}-00000-of-00001.parquet"


def faces_card(count: int, repo: str) -> str:
    """README.md of the repository: its viewer's configuration, then what PROVENANCE.md says of the faces."""
    people = (BUNDLED.parent / "PROVENANCE.md").read_text(encoding="utf-8").partition("\n")[2].strip()
    splits = [{"split": SPLIT, "path": TABLE_FILE}]
    front = _front(
        "Rendered faces",
        [{"config_name": "default", "data_files": splits}],
        license="cc0-1.0",
        task_categories=["image-classification"],
        size_categories=["1K<n<10K"],
        tags=["face", "facial-expression-recognition", "synthetic"],
    )
    lines = (
        f'from datasets import load_dataset\nfaces = load_dataset("{repo}", split="{SPLIT}")\nfaces[0]["expression"]'
    )
    return (
        f"---\n{front}\n---\n\n# Rendered faces\n\n{people}\n\n## Use this dataset\n\n```python\n{lines}\n```\n\n"
        f"In fer_demo, Dataset opens it as `{repo}`. Its {count:,} pictures are one split, `{SPLIT}`: no "
        "published model of fer_demo learnt from its people. `eval.yaml` names what recognizers are measured on: "
        f"the faces whose `intensity` is 0 or at least {FAINT:g}.\n"
    )


def benchmark() -> str:
    """eval.yaml: what models may be measured on here."""
    return str(
        yaml_dump({
            "name": "Rendered faces",
            "description": f"Which of seven expressions a computer-made face shows; faces of an intensity of 0 or at "
            f"least {FAINT:g}. The value is the share that is named right.",
            "evaluation_framework": "fer_demo",
            "tasks": [{"id": CLEAR, "config": "default", "split": SPLIT}],
        })
    )  # fmt: skip


def maps_card(tables: Mapping[str, EmbeddingTable], repo: str) -> str:
    configs = [{"config_name": name, "data_files": table.path.name} for name, table in tables.items()]
    ours = all(table.info.data == embedding_table.BUNDLED for table in tables.values())
    front = _front(
        "Latent maps",
        configs,
        license="cc0-1.0" if ours else "other",
        tags=["face", "embeddings", "umap", "latent-space"],
    )
    rows = [
        (name, table.info.model, f"`{table.info.weights_sha256[:16]}`", table.info.data, f"{len(table):,}",
         ", ".join(table.info.spaces), ", ".join(table.info.methods))
        for name, table in tables.items()
    ]  # fmt: skip
    head = ("map", "model", "weights begin with sha256", "faces", "rows", "spaces", "methods")
    first = next(iter(tables.values())).path.name
    lines = (
        "from pathlib import Path\nfrom huggingface_hub import hf_hub_download\n"
        "from fer_demo.data.embedding_table import open_embedding_table\n"
        f'table = open_embedding_table(Path(hf_hub_download("{repo}", "{first}", repo_type="dataset")))'
    )
    about = "Columns, for a space S and a method M of making maps:" + _columns_of_a_map()
    return (
        f"---\n{front}\n---\n\n# Latent maps\n\nWhere models of fer_demo place faces: their codes, reduced, and maps "
        f"of them with how far each place can be trusted.\n\n{text_table(head, rows)}\n\n## Use these maps\n\n"
        f"```python\n{lines}\n```\n\nA folder of them that `FER_DEMO_MAPS` names is shown in the app.\n\n{about}\n"
    )


def _columns_of_a_map() -> str:
    """What the module of the format says of its columns."""
    words = (embedding_table.__doc__ or "").partition("making maps:")[2].strip("\n")
    listed, _, rest = words.partition("\n\nThe file's metadata")
    return f"\n\n```\n{listed.strip(chr(10))}\n```\n\nThe file's metadata{rest}".rstrip()


def _front(title: str, configs: Sequence[Mapping[str, Any]], **more: Any) -> str:
    """Front matter of a dataset card; `configs` is what the Hub's viewer and `load_dataset` read."""
    data = DatasetCardData(pretty_name=title, configs=list(configs), **more)
    return str(data.to_yaml()).strip()
