"""The same work on a Dask cluster, for inventories beyond one machine (extra ``cluster``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from distributed import Client, LocalCluster

from trialconformance.trial.field.inputs import Run

__all__ = ["on_cluster"]

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def on_cluster(*, workers: int, address: str | None = None) -> Iterator[Run]:
    """Work through partitions on a cluster; every worker must see the inventory's files under the same paths.

    Args:
        workers: worker processes of a cluster on this machine, when no address is given.
        address: address of the scheduler of a cluster that runs already.

    Returns:
        What ``field_report`` takes as ``run``; results come back in the order of the partitions, so that the report is
        the same as without a cluster.
    """
    if address is not None:
        with Client(address, set_as_default=False) as client:
            yield _runner(client)
        return
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield _runner(client)


def _runner(client: Client) -> Run:
    def run(items: Iterable[Item], work: Callable[[Item], Result], /) -> list[Result]:
        return list(client.gather(client.map(work, list(items), pure=False)))

    return run
