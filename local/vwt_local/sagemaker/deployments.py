"""Runs what is behind the endpoints: one replica for each production variant."""

from __future__ import annotations

import io
import random
import shutil
import tarfile
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path

from .. import settings
from ..errors import ApiError
from ..json_service import JsonObject
from ..logs import LogStream
from ..objects import Location, RoleStore
from ..replica import Replica, StartError
from ..roles import acts, table
from . import catalogue, images
from .store import MODEL


class DeploymentError(Exception):
    """A deployment that does not come up; the text is the endpoint's FailureReason."""


# By folder: deployments that do not serve their endpoint alone yet.
_starting: dict[Path, Deployment] = {}


def starting() -> list[tuple[str, Deployment]]:
    """Lists deployments that come up or that an update still tries, each with the name of its endpoint."""
    return [(folder.parent.name, deployment) for folder, deployment in list(_starting.items())]


def specification(config: JsonObject) -> JsonObject:
    """Gathers all that is needed to start an endpoint configuration, now and after a restart of the emulator.

    It is a copy, because a client may delete configuration and model while the endpoint runs, as on AWS.

    Raises:
        ApiError: A model of the configuration is gone.
    """
    variants = []
    for variant in config["ProductionVariants"]:
        model = MODEL.get(variant["ModelName"])
        variants.append(
            {
                "Name": variant["VariantName"],
                "Role": model["ExecutionRoleArn"],
                "IsInVpc": bool(model.get("VpcConfig")),
                **catalogue.container(model),
            }
        )
    return {"Id": uuid.uuid4().hex[:12], "Variants": variants}


@dataclass(frozen=True)
class Deployment:
    """The running replicas of one endpoint configuration, by variant."""

    folder: Path
    replicas: Mapping[str, Replica]

    @classmethod
    def start(cls, endpoint: str, specification: JsonObject) -> Deployment:
        """Fetches the artefacts and starts every variant at once; blocks until all answer.

        Until it is settled or stopped, it is one of `starting()`.

        Raises:
            DeploymentError: An artefact cannot be read or a container does not come up; nothing is left running.
        """
        folder = settings.current().endpoints / endpoint / specification["Id"]
        variants: list[JsonObject] = specification["Variants"]
        deployment = cls(folder, {v["Name"]: _replica(endpoint, folder / v["Name"], v) for v in variants})
        _starting[folder] = deployment
        with ThreadPoolExecutor(max_workers=len(variants)) as pool:
            # Each thread needs a copy of the context: it holds the account and the region.
            starts = [
                pool.submit(copy_context().run, bring_up, deployment.replicas[v["Name"]], folder / v["Name"], v)
                for v in variants
            ]
        errors = [error for start in starts if (error := start.exception())]
        if not errors:
            return deployment
        deployment.stop()
        raise errors[0]

    def choose(self, weights: Mapping[str, float]) -> str:
        """Chooses a variant at random, by weight."""
        names = list(self.replicas)
        return random.choices(names, [weights.get(name, 0.0) for name in names])[0]  # noqa: S311  # no secret

    def settle(self) -> None:
        """Makes it the deployment of its endpoint."""
        _starting.pop(self.folder, None)

    def retire(self) -> None:
        """Stops after the requests in flight. Blocks."""
        for replica in self.replicas.values():
            replica.drain()
        self.stop()

    def stop(self) -> None:
        """Stops at once and removes the files. Blocks."""
        self.settle()
        for replica in self.replicas.values():
            replica.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _replica(endpoint: str, ml_root: Path, variant: JsonObject) -> Replica:
    stream = f"{variant['Name']}/i-{uuid.uuid4().hex[:17]}"
    log = LogStream(f"/aws/sagemaker/Endpoints/{endpoint}", stream, variant["Role"])
    image = images.of(variant["Image"])
    environment = {**variant.get("Environment", {}), **image.environment}
    return Replica(image.program("serve"), ml_root, environment, log.write)


def bring_up(replica: Replica, ml_root: Path, variant: JsonObject) -> None:
    """Fetches a model's artefact and starts its container; blocks until it answers.

    Args:
        replica: What is to be started.
        ml_root: The folder that stands for `/opt/ml`.
        variant: The model's container, with its `Name`, its `Role`, and whether it `IsInVpc`.

    Raises:
        DeploymentError: The artefact cannot be read or the container does not come up.
    """
    model = ml_root / "model"
    try:
        # Restored after a restart of the emulator, the files are there already.
        if not model.is_dir():
            _ask_role(variant)
            archive = RoleStore(variant["Role"]).get(Location.parse(variant["ModelDataUrl"]))
            _unpack(archive, model)
        replica.start()
    except ApiError as error:
        raise DeploymentError(
            f"Failed to download model data from {variant['ModelDataUrl']}: {error.message}"
        ) from error
    except (tarfile.TarError, OSError) as error:
        raise DeploymentError(f"Failed to extract model data archive {variant['ModelDataUrl']}: {error}") from error
    except StartError as error:
        raise DeploymentError(
            f"The primary container for production variant {variant['Name']} did not pass the ping health check. "
            f"Please check CloudWatch logs for this endpoint. ({error})"
        ) from error


def _ask_role(variant: JsonObject) -> None:
    """Asks a model's role for what SageMaker does before it fetches the model.

    Raises:
        DeploymentError: The role may not do it.
    """
    role, image = variant["Role"], variant["Image"]
    try:
        if variant.get("IsInVpc"):
            acts.require(table.MODEL_NETWORK, role)
        acts.require(table.SERVING_IMAGE, role, image=image, **images.parts(image))
    except ApiError as error:
        raise DeploymentError(error.message) from error
    acts.may(table.METRICS["Endpoints"], role)


def _unpack(archive: bytes, folder: Path) -> None:
    """Extracts the files of a model.tar.gz, refusing names that point outside of the folder.

    Raises:
        tarfile.TarError: It is no gzipped tar, or has such a name.
    """
    partial = folder.with_name("model.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            target = (partial / member.name).resolve()
            if not target.is_relative_to(partial.resolve()):
                raise tarfile.TarError(f"the member '{member.name}' is outside of the archive")
            content = tar.extractfile(member)
            if content is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
    # Last, so that a folder of this name is always whole.
    partial.rename(folder)
