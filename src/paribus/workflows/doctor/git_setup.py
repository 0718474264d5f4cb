"""How Git is set up here: what is not here, what is not brought to the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from paribus.workflows.doctor.ailment import Ailment, ailment
from paribus.workflows.doctor.ground import Ground

OFF = {"false", "no", "off", "0"}


def check_git(ground: Ground) -> Iterator[Ailment]:
    """Looks at Git's configuration alone."""
    settings = _settings(ground)
    if ground.project.repository.shallow:
        yield ailment(
            "shallow-clone",
            "history is cut off",
            str(ground.common_dir / "shallow"),
            "fetch the rest   git fetch --unshallow (CI: fetch-depth: 0)",
        )
    partial = [
        name
        for name, value in settings.items()
        if name.startswith("remote.") and name.endswith(".promisor") and value.lower() not in OFF
    ]
    if partial or "extensions.partialclone" in settings:
        yield ailment(
            "partial-clone",
            "some objects are on the remote alone",
            partial[0] if partial else "extensions.partialClone",
            "fetch the rest   git fetch --refetch --no-filter",
        )
    weak = [
        name
        for name, values in (("core.fsync", {"none"}), ("core.fsyncobjectfiles", OFF))
        if settings.get(name, "").lower() in values
    ]
    if weak:
        yield ailment(
            "weak-fsync",
            f"{weak[0]} is {settings[weak[0]]}",
            weak[0],
            f"as Git has it by itself   git config --unset {weak[0]}",
        )
    yield from _lfs(ground)


# Private functions


def _settings(ground: Ground) -> Mapping[str, str]:
    listed = ground.git.lookup("config", "--null", "--list") or ""
    return dict(entry.partition("\n")[::2] for entry in listed.split("\0") if entry)


def _lfs(ground: Ground) -> Iterator[Ailment]:
    top = ground.project.repository.top
    for file in dict.fromkeys((top / ".gitattributes", ground.project.root / ".gitattributes")):
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        patterns = [line.split()[0] for line in lines if "filter=lfs" in line.split()]
        if patterns:
            yield ailment(
                "lfs-files",
                f"Git LFS has {', '.join(patterns[:3])}",
                str(file),
                "see which files   git lfs ls-files",
            )
