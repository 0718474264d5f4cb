"""What is known of packages by their names: tools, twins, and the modules that they bring."""

from __future__ import annotations

import re

TOOLING = (
    "autoflake", "autopep8", "bandit", "basedpyright", "black", "build", "bump-my-version",
    "bump2version", "bumpversion", "cml", "codespell", "commitizen", "coverage", "debugpy", "deptry",
    "detect-secrets", "doc8", "dvc", "dvc-*", "dvclive", "flake8*", "flit*", "furo", "hatch*",
    "hypothesis", "import-linter", "interrogate", "ipdb", "ipykernel", "ipython", "ipywidgets", "isort",
    "jupyter*", "jupytext", "maturin", "meson-python", "mkdocs*", "mypy*", "myst-*", "nbqa", "nbstripout",
    "notebook", "nox", "numpydoc", "paribus", "pdbpp", "pdm*", "pdoc*", "pip", "pip-audit", "pip-tools",
    "pipenv", "poethepoet", "poetry*", "pre-commit*", "pydocstyle", "pylint*", "dslinter", "mllint",
    "pyright", "pytest*",
    "python-semantic-release", "pyupgrade", "radon", "ruff*", "safety", "scikit-build-core", "setuptools",
    "setuptools-scm", "sphinx*", "taskipy", "towncrier", "tox*", "twine", "types-*", "uv", "virtualenv",
    "vulture", "wheel", "yapf", "*-stubs",
)  # fmt: skip
"""Packages that people and builds use beside the pipeline: what it computes is the same without them."""

TWINS = (
    (
        "tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tensorflow-macos",
        "tensorflow-aarch64", "tensorflow-rocm", "tf-nightly", "tf-nightly-cpu", "tf-nightly-gpu",
    ),
    ("keras", "keras-nightly"),
    (
        "opencv-python", "opencv-python-headless", "opencv-contrib-python",
        "opencv-contrib-python-headless",
    ),
    ("psycopg2", "psycopg2-binary"),
    ("psycopg", "psycopg-binary", "psycopg-c"),
    ("jax", "jaxlib", "jax-cuda12-plugin", "jax-cuda12-pjrt"),
    (
        "onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino",
        "onnxruntime-silicon",
    ),
    ("faiss", "faiss-cpu", "faiss-gpu", "faiss-gpu-cu11", "faiss-gpu-cu12"),
    ("xgboost", "xgboost-cpu"),
    ("lightgbm", "lightgbm-gpu"),
    ("pydantic", "pydantic-core"),
    ("polars", "polars-lts-cpu", "polars-u64-idx"),
    ("mlflow", "mlflow-skinny"),
    ("pillow", "pillow-simd"),
    ("cupy", "cupy-cuda11x", "cupy-cuda12x"),
    ("dask", "dask-core", "distributed"),
    ("numba", "llvmlite"),
)  # fmt: skip
"""One piece of software under several names, or two that are released for each other; the first leads."""

IMPORTS = {
    "attrs": ("attr", "attrs"), "azure-storage-blob": ("azure",), "beautifulsoup4": ("bs4",),
    "dask-core": ("dask",), "faiss-cpu": ("faiss",), "faiss-gpu": ("faiss",),
    "fonttools": ("fontTools",), "gitpython": ("git",), "google-cloud-bigquery": ("google",),
    "google-cloud-storage": ("google",), "hydra-core": ("hydra",), "imbalanced-learn": ("imblearn",),
    "levenshtein": ("Levenshtein",),
    "llama-index-core": ("llama_index",), "mysqlclient": ("MySQLdb",),
    "onnxruntime-gpu": ("onnxruntime",), "opencv-contrib-python": ("cv2",),
    "opencv-contrib-python-headless": ("cv2",), "opencv-python": ("cv2",),
    "opencv-python-headless": ("cv2",), "pillow": ("PIL",), "pillow-simd": ("PIL",),
    "protobuf": ("google",), "psycopg2-binary": ("psycopg2",), "py-cpuinfo": ("cpuinfo",),
    "pycryptodome": ("Crypto",), "pyjwt": ("jwt",), "pymupdf": ("fitz", "pymupdf"),
    "pyserial": ("serial",), "python-box": ("box",),
    "python-dateutil": ("dateutil",), "python-docx": ("docx",), "python-dotenv": ("dotenv",),
    "python-levenshtein": ("Levenshtein",), "python-multipart": ("multipart",),
    "python-pptx": ("pptx",), "pyyaml": ("yaml",),
    "ruamel-yaml": ("ruamel",), "scikit-image": ("skimage",), "scikit-learn": ("sklearn",),
    "scikit-learn-intelex": ("sklearnex",), "scikit-optimize": ("skopt",),

    "tensorflow-cpu": ("tensorflow",),
    "tensorflow-gpu": ("tensorflow",), "tensorflow-intel": ("tensorflow",),
    "tensorflow-macos": ("tensorflow",), "tf-nightly": ("tensorflow",),
    "umap-learn": ("umap",), "xgboost-cpu": ("xgboost",),
}  # fmt: skip
"""Modules that a package brings, where they have another name than it."""

DEVELOPMENT = re.compile(
    r"(?:^|[-_. /])(?:dev|devel|develop|development|tests?|testing|docs?|documentation|lint|linting|"
    r"linters|typing|types|format|formatting|style|quality|qa|ci|release|pre-?commit|coverage)"
    r"(?:$|[-_. /])",
    re.IGNORECASE,
)
"""Names of groups, extras and files of what the pipeline does without."""


def canonical(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_tooling(name: str) -> bool:
    """Whether a package cannot move a metric, by its canonical name."""
    return _TOOLING.fullmatch(name) is not None


def development(group: str) -> str:
    """The name of a group that the pipeline does without; empty for any other group."""
    return group if DEVELOPMENT.search(group) else ""


def family(name: str) -> tuple[int, int] | None:
    """Which twins a package is one of, and its rank among them."""
    return _FAMILIES.get(name)


def modules(name: str) -> tuple[str, ...]:
    """The names by which code imports a package, as far as they can be told from its own."""
    return IMPORTS.get(name, (name.replace("-", "_"),))


# Private functions

_TOOLING = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in TOOLING))

_FAMILIES = {name: (at, rank) for at, twins in enumerate(TWINS) for rank, name in enumerate(twins)}
