"""Attribution to pixels, through captum: which of them speak for the answer, and which against it."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from fer_demo.inference.explain.guided import GuidedRelus
from fer_demo.inference.explain.hiding import mean_grey
from fer_demo.inference.explain.question import Question
from fer_demo.inference.recognize.attribution import grad_cam_of
from fer_demo.published.model import PublishedModel

_STEPS, _SAMPLES, _NOISE = 8, 4, 0.1  # of integrated gradients; noise in [-1, 1]
_WINDOWS = 5  # of occlusion, side by side; they overlap by half
_AT_ONCE = 64


def grad_cam(
    model: PublishedModel, face: Float[Tensor, "1 channels size size"], question: Question
) -> Float[np.ndarray, "size size"]:
    """Where the model's last maps hold evidence (Selvaraju et al. 2017); never negative."""
    return grad_cam_of(model, face, question.evidence)


def guided_backpropagation(
    model: PublishedModel, face: Float[Tensor, "1 channels size size"], question: Question
) -> Float[np.ndarray, "size size"]:
    """Gradients that stay positive at every ReLU; sharp, and blind to much of the model (Adebayo et al. 2018)."""
    from captum.attr import Saliency

    with torch.enable_grad(), GuidedRelus():
        explainer = Saliency(lambda faces: question.evidence(model, faces))
        return _flat(explainer.attribute(_leaf(face), abs=False))


def guided_grad_cam(
    model: PublishedModel, face: Float[Tensor, "1 channels size size"], question: Question
) -> Float[np.ndarray, "size size"]:
    """Grad-CAM times guided backpropagation: its fine lines, where there is evidence."""
    return grad_cam(model, face, question) * guided_backpropagation(model, face, question)


def integrated_gradients(
    model: PublishedModel, face: Float[Tensor, "1 channels size size"], question: Question
) -> Float[np.ndarray, "size size"]:
    """Gradients on the way from the mean grey to the face (Sundararajan et al. 2017), meaned over noisy faces.

    The noise is always the same (SmoothGrad, Smilkov et al. 2017).
    """
    from captum.attr import IntegratedGradients, NoiseTunnel

    explainer = NoiseTunnel(IntegratedGradients(lambda faces: question.evidence(model, faces)))
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # captum takes its noise from torch's own generator
        values = explainer.attribute(
            _leaf(face), nt_samples=_SAMPLES, stdevs=_NOISE, baselines=mean_grey(face), n_steps=_STEPS
        )
    return _flat(values)


def occlusion(
    model: PublishedModel, face: Float[Tensor, "1 channels size size"], question: Question
) -> Float[np.ndarray, "size size"]:
    """What the answer loses when a window of mean grey lies there (Zeiler and Fergus 2014), meaned over windows."""
    from captum.attr import Occlusion

    window = max(2, round(face.shape[-1] / _WINDOWS))
    with torch.inference_mode():
        values = Occlusion(lambda faces: question.evidence(model, faces)).attribute(
            face,
            sliding_window_shapes=(face.shape[1], window, window),
            strides=(face.shape[1], window // 2, window // 2),
            baselines=mean_grey(face),
            perturbations_per_eval=_AT_ONCE,
        )
    return _flat(values)


def _leaf(face: Tensor) -> Tensor:
    return face.detach().clone().requires_grad_()


def _flat(values: Tensor) -> np.ndarray:
    return values.detach().sum(dim=1)[0].float().cpu().numpy()
