"""Stage 4: measure the model on the test part."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from shared import CLASSES, Floats, Ints, lift, load_arrays, log_softmax

DECIMALS = 6


def predict(model: dict[str, Floats], features: Floats) -> Floats:
    """Return log probabilities (n, classes) for features (n, d), in nats."""
    lifted = lift(features, model["frequencies"], model["phases"])
    return log_softmax(lifted @ model["weights"] + model["bias"])


def measure(labels: Ints, logs: Floats) -> dict[str, Any]:
    """Return accuracy, log loss (nats) and recall by class from log probabilities."""
    right = logs.argmax(axis=1) == labels
    loss = -logs[np.arange(len(labels)), labels].mean()
    return {
        "accuracy": round(float(right.mean()), DECIMALS),
        "log_loss": round(float(loss), DECIMALS),
        "recall": {
            str(digit): round(float(right[labels == digit].mean()), DECIMALS)
            for digit in range(CLASSES)
        },
    }


def write_predictions(path: str, ids: Ints, labels: Ints, logs: Floats) -> None:
    """Write id, label, prediction and each class's probability, ordered by id."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        scores = [f"score_{digit}" for digit in range(CLASSES)]
        writer.writerow(["id", "label", "prediction", *scores])
        for row in np.argsort(ids):
            shown = [f"{score:.{DECIMALS}f}" for score in np.exp(logs[row])]
            writer.writerow([ids[row], labels[row], logs[row].argmax(), *shown])


def main() -> None:
    """Write the metrics and the predictions."""
    part = load_arrays("data/features_test.npz")
    logs = predict(load_arrays("models/model.npz"), part["features"])
    metrics = json.dumps(measure(part["labels"], logs), indent=2)
    Path("metrics.json").write_text(metrics + "\n", encoding="utf-8")
    write_predictions("predictions.csv", part["ids"], part["labels"], logs)


if __name__ == "__main__":
    main()
