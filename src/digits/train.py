"""Stage 3: train a classifier and save it as plain arrays.

Every model is linear in lifted features: ``lift(x) @ weights + bias`` are the class
scores, so that evaluation does not need to know which model it is given.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr
from shared import CLASSES, Floats, Ints, lift, load_arrays, load_params, log_softmax, save_arrays
from threadpoolctl import threadpool_limits

MAX_ITERATIONS = 200

Model = dict[str, Floats]


def class_mean(features: Floats, labels: Ints) -> Model:
    """Return the rule of thumb: the nearest class mean wins. It draws nothing at random."""
    means = np.stack([features[labels == digit].mean(axis=0) for digit in range(CLASSES)])
    # -|x - m|^2 = 2 x m - |m|^2 - |x|^2, and |x|^2 is the same for every class.
    return {
        "frequencies": np.empty((features.shape[1], 0)),
        "phases": np.empty(0),
        "weights": 2.0 * means.T,
        "bias": -(means**2).sum(axis=1),
    }


def fit_softmax(lifted: Floats, labels: Ints, c: float) -> tuple[Floats, Floats]:
    """Fit a multinomial logistic regression; return weights (k, classes) and bias (classes,).

    Written out on scipy because importing scikit-learn's takes longer than the fit.
    ``c`` is the inverse regularisation, scikit-learn's ``C``.
    """
    count, components = lifted.shape
    rows = np.hstack([lifted, np.ones((count, 1))])
    targets = np.eye(CLASSES)[labels]
    penalty = np.full((components + 1, 1), 1.0 / (c * count))
    penalty[-1] = 0.0  # the bias goes unpunished

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(-1, CLASSES)
        logs = log_softmax(rows @ weights)
        value = -(targets * logs).sum() / count + 0.5 * (penalty * weights**2).sum()
        slope = rows.T @ (np.exp(logs) - targets) / count + penalty * weights
        return float(value), slope.ravel()

    start = np.zeros((components + 1) * CLASSES)
    options = {"maxiter": MAX_ITERATIONS}
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    solution = best.reshape(-1, CLASSES)
    return solution[:-1], solution[-1]


def kernel(features: Floats, labels: Ints, params: dict[str, Any]) -> Model:
    """Return a linear classifier on random Fourier features of exp(-gamma |x - y|^2)."""
    rng = np.random.default_rng(params["seed"])
    # One row per component, phase last: more components of the same seed add to fewer.
    draws = rng.standard_normal((params["components"], features.shape[1] + 1))
    frequencies = np.sqrt(2.0 * params["gamma"]) * draws[:, :-1].T
    # A normal number's place in its distribution is uniform, as a phase must be.
    phases = 2 * np.pi * ndtr(draws[:, -1])
    weights, bias = fit_softmax(lift(features, frequencies, phases), labels, params["C"])
    return {"frequencies": frequencies, "phases": phases, "weights": weights, "bias": bias}


def fit(features: Floats, labels: Ints, params: dict[str, Any]) -> Model:
    """Train the model that ``params["model"]`` names on features (n, d) and labels (n,)."""
    match params["model"]:
        case "class-mean":
            return class_mean(features, labels)
        case "kernel":
            return kernel(features, labels, params)
        case other:
            raise ValueError(f"train.model is {other!r}, not 'class-mean' or 'kernel'")


def main() -> None:
    """Train on a share of the training features and write the model."""
    part, params = load_arrays("data/features_train.npz"), load_params("train")
    # The rows are in random order, so the first ones are as good a sample as any.
    used = round(params["share"] * len(part["labels"]))
    # How many threads share a matrix product changes its rounding: with one thread
    # the same seeds give the same model whatever OMP_NUM_THREADS says.
    with threadpool_limits(limits=1):
        model = fit(part["features"][:used], part["labels"][:used], params)
    save_arrays("models/model.npz", **model)


if __name__ == "__main__":
    main()
