"""The probes themselves: what is learned from some codes and answered about others, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

NEIGHBOURS = 5
EPOCHS = 20
_HIDDEN = 64
_RIDGE = 10.0  # penalty on standardized dimensions
_LOGISTIC = 0.3  # the reverse of one

# Codes that teach (N, D), their labels (N,), codes to answer about (M, D), a seed -> answers (M,). Labels that are
# floats are answered by regression, whole numbers by classification.
Probe = Callable[[np.ndarray, np.ndarray, np.ndarray, int], np.ndarray]


def linear(codes: np.ndarray, labels: np.ndarray, asked: np.ndarray, seed: int) -> np.ndarray:
    """Logistic regression, or ridge regression for floats, on standardized dimensions."""
    from sklearn.linear_model import LogisticRegression, Ridge

    codes, asked = _standardized(codes, asked)
    # The tolerance stops it early: a longer fit is no better and takes three times as long.
    model = Ridge(_RIDGE) if _are_numbers(labels) else LogisticRegression(C=_LOGISTIC, tol=2e-3, max_iter=300)
    return model.fit(codes, labels).predict(asked)


def nearest(codes: np.ndarray, labels: np.ndarray, asked: np.ndarray, seed: int) -> np.ndarray:
    """The vote, or the mean, of the nearest codes, by the distances of the code as it is."""
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    kind = KNeighborsRegressor if _are_numbers(labels) else KNeighborsClassifier
    return kind(min(NEIGHBOURS, len(codes)), weights="distance").fit(codes, labels).predict(asked)


def network(codes: np.ndarray, labels: np.ndarray, asked: np.ndarray, seed: int) -> np.ndarray:
    """A network with one hidden layer on standardized dimensions, taught for a fixed number of passes."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    codes, asked = _standardized(codes, asked)
    settings = {"hidden_layer_sizes": (_HIDDEN,), "learning_rate_init": 5e-3, "random_state": seed}
    if _are_numbers(labels):
        middle, spread = labels.mean(), labels.std() or 1.0
        regressor = MLPRegressor(**settings)
        for _ in range(EPOCHS):
            regressor.partial_fit(codes, (labels - middle) / spread)
        return regressor.predict(asked) * spread + middle
    classes = np.unique(labels)
    classifier = MLPClassifier(**settings)
    for _ in range(EPOCHS):
        classifier.partial_fit(codes, labels, classes=classes)
    return classifier.predict(asked)


PROBES: Mapping[str, Probe] = {"linear": linear, "nearest neighbours": nearest, "small network": network}


def _are_numbers(labels: np.ndarray) -> bool:
    return bool(np.issubdtype(labels.dtype, np.floating))


def _standardized(codes: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as float64 in the units of those that teach: mean 0 and deviation 1 in every dimension."""
    middle, spread = codes.mean(axis=0, dtype=np.float64), codes.std(axis=0, dtype=np.float64)
    spread[spread == 0] = 1.0
    return (codes - middle) / spread, (asked - middle) / spread
