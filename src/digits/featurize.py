"""Stage 2: turn the images into feature matrices."""

import numpy as np
from shared import Floats, load_arrays, load_params, save_arrays

ORIENTATIONS = 8


def pixels(images: Floats) -> Floats:
    """Return the grey values of images (n, 8, 8) as rows (n, 64)."""
    return images.reshape(len(images), -1)


def strokes(images: Floats) -> Floats:
    """Return how strongly the grey value rises in each direction, by region: (n, 72).

    Images (n, 8, 8) become 3 x 3 overlapping regions of 4 x 4 pixels with a
    histogram of the gradient's 8 directions each, weighted by the gradient's length.
    """
    down, right = np.gradient(images, axis=(1, 2))
    turn = np.arctan2(down, right) / (2 * np.pi) * ORIENTATIONS
    nearest = np.rint(turn).astype(np.int64) % ORIENTATIONS
    length = np.hypot(down, right)
    by_direction = length[..., None] * (nearest[..., None] == np.arange(ORIENTATIONS))
    corners = (0, 2, 4)
    regions = [
        by_direction[:, top : top + 4, left : left + 4].sum(axis=(1, 2))
        for top in corners
        for left in corners
    ]
    # Most lengths are small and a few are large; the root keeps these from ruling.
    rows: Floats = np.sqrt(np.concatenate(regions, axis=1))
    return rows


KINDS = {"pixels": pixels, "strokes": strokes}


def main() -> None:
    """Write ids, labels and features (n, d) of both parts."""
    extract = KINDS[load_params("featurize")["kind"]]
    train = load_arrays("data/train.npz")
    test = load_arrays("data/test.npz")
    train_rows, test_rows = extract(train["images"]), extract(test["images"])
    # Both parts are centred and scaled by the training part alone. One scale for all
    # columns: two training rows are then 2 apart on average (squared distance), so
    # that train.gamma means the same for every kind of features.
    centre = train_rows.mean(axis=0)
    scale = np.sqrt(train_rows.var(axis=0).sum())
    for part, rows, path in (
        (train, train_rows, "data/features_train.npz"),
        (test, test_rows, "data/features_test.npz"),
    ):
        features = (rows - centre) / scale
        save_arrays(path, ids=part["ids"], labels=part["labels"], features=features)


if __name__ == "__main__":
    main()
