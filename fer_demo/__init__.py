"""Disentangled facial expression: recognise it, encode it, move it to another face, explain it."""

from __future__ import annotations

import os

# Nothing here calls home. onnxruntime does unless it reads this before it is imported; the others would like to.
os.environ |= {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "DO_NOT_TRACK": "1",
}

__version__ = "0.1.0"
