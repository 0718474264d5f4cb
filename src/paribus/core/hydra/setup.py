"""What a revision composes by Hydra."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paribus.core.hydra.compose import Composed


@dataclass(frozen=True, slots=True)
class Hydra:
    """The compositions of one revision, as far as its changed files could bear on them.

    Attributes:
        folders: of each config folder, its primary configs as they are composed, by their file; none
            where that cannot be told of all of them. A folder with nothing to compose is not there.
        own: the folder of which DVC composes a config itself.
        params: the file to which DVC writes what it composes; None where it composes nothing.
    """

    folders: Mapping[str, Mapping[str, Composed]] = field(default_factory=dict)
    own: str | None = None
    params: str | None = None


NO_HYDRA = Hydra()
