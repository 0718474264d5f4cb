"""Stage 1: split the handwritten digits and plant known label errors in the training part."""

import csv
from pathlib import Path

import numpy as np
from shared import CLASSES, Floats, Ints, load_params, save_arrays
from sklearn.datasets import load_digits

# A constant, not a parameter: an image's label error must not depend on the split,
# or correcting labels would correct other images in every split.
FLIP_SEED = 20240229


def load_images() -> tuple[Floats, Ints]:
    """Return all images (1797, 8, 8), grey values 0 to 16, and their labels (1797,)."""
    digits = load_digits()
    return digits.images.astype(np.float64), digits.target.astype(np.int64)


def split_ids(labels: Ints, test_share: float, seed: int) -> tuple[Ints, Ints]:
    """Return shuffled ids (row numbers) of the training and the test part, stratified by label."""
    rng = np.random.default_rng(seed)
    train: list[Ints] = []
    test: list[Ints] = []
    for digit in range(CLASSES):
        ids = rng.permutation(np.flatnonzero(labels == digit))
        cut = round(test_share * len(ids))
        test.append(ids[:cut])
        train.append(ids[cut:])
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))


def flip_labels(labels: Ints, share: float) -> Ints:
    """Return the labels (n,) with a fixed ``share`` of them replaced by a wrong one.

    Which ids are wrong, and how, is a property of the id. A larger share adds to
    the wrong ids of a smaller one.
    """
    rng = np.random.default_rng(FLIP_SEED)
    order = rng.permutation(len(labels))
    # Adding 1 to 9 modulo 10 reaches every wrong label and never the true one.
    wrong = (labels + rng.integers(1, CLASSES, size=len(labels))) % CLASSES
    flipped = order[: round(share * len(labels))]
    given = labels.copy()
    given[flipped] = wrong[flipped]
    return given


def write_truth(path: str, ids: Ints, given: Ints, true: Ints) -> None:
    """Write id, given and true label of each wrongly labelled image, ordered by id.

    ``given`` and ``true`` hold all labels (n,); ``ids`` says which images to look at.
    """
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "given", "true"])
        for image in np.sort(ids):
            if given[image] != true[image]:
                writer.writerow([image, given[image], true[image]])


def main() -> None:
    """Write the training part, the test part and the truth about the planted errors."""
    params = load_params("split")
    images, true = load_images()
    train, test = split_ids(true, params["test"], params["seed"])
    given = flip_labels(true, params["flip"])
    save_arrays("data/train.npz", ids=train, images=images[train], labels=given[train])
    # The test part keeps its true labels: it measures, so it must be right.
    save_arrays("data/test.npz", ids=test, images=images[test], labels=true[test])
    write_truth("data/truth.csv", train, given, true)


if __name__ == "__main__":
    main()
