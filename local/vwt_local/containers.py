"""Container images without Docker: folders that hold what Dockerfiles copy.

The table that `--containers` names says which image names the emulator can run. It is a JSON array; of its entries the
first that fits a name counts:

    images: A regular expression of whole image names.
    dockerfile: Relative to the table, whose folder is also the build's context. Of its instructions COPY alone has an
        effect here: programs run in the emulator's own Python, with its packages.
    builtIn: Whether the image is one of AWS's, for which the account needs no repository.
    environment: Variables of every container of the image.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Image:
    """A folder that stands for the images of some names.

    Attributes:
        names: Matches a whole name.
        folder: The image's content.
        built_in: Whether the images are AWS's.
        environment: Variables of its containers.
    """

    names: re.Pattern[str]
    folder: Path
    built_in: bool
    environment: Mapping[str, str]

    def program(self, name: str) -> Path:
        """Returns the path of a program of the image, such as `train`."""
        return self.folder / name


def build_all(table: Path, folder: Path) -> tuple[Image, ...]:
    """Builds the images of a table.

    Args:
        table: A JSON file, see above.
        folder: Is emptied, and gets a folder for each image.

    Raises:
        ValueError: The table or a Dockerfile cannot be used; the message says why.
    """
    shutil.rmtree(folder, ignore_errors=True)
    images = []
    try:
        for index, entry in enumerate(json.loads(table.read_text())):
            built = folder / str(index)
            build(table.parent / entry["dockerfile"], table.parent, built)
            images.append(Image(re.compile(entry["images"]), built, entry["builtIn"], entry["environment"]))
    except (OSError, KeyError, TypeError, re.error) as error:
        raise ValueError(f"The images of {table} cannot be built: {type(error).__name__}: {error}") from error
    return tuple(images)


def build(dockerfile: Path, context: Path, folder: Path) -> None:
    """Makes the folder that a Dockerfile's COPY instructions describe, which stands for its WORKDIR.

    Files are copied; folders are linked, so that the next program that starts is the one that was edited last.

    Raises:
        ValueError: A COPY with options, or of what is not there.
    """
    folder.mkdir(parents=True)
    for line in dockerfile.read_text().splitlines():
        if not line.startswith("COPY "):
            continue
        *sources, destination = line.split()[1:]
        for source in (context / name for name in sources):
            if not source.exists():
                raise ValueError(
                    f"{dockerfile} copies {source}, which is not there; options of COPY are not understood."
                )
            if source.is_dir():
                (folder / destination).symlink_to(source.resolve())
            else:
                shutil.copy2(source, folder / destination)
