"""Jobs on a Dask cluster whose workers are proven to be copies of this machine.

A job is a pure function of its arguments, of the files it names and of the code, so where it runs
changes nothing as long as those three are the same there. They are checked, on every worker and
again in the process that runs the job: a worker that joined late, or that was started before the
code was edited, is refused instead of mixed in.
"""

import asyncio
import functools
import hashlib
import logging
import os
import socket
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from buysignal.core.errors import UserError
from buysignal.core.files import sha256
from buysignal.core.workers.job import SCHEDULER, Failure, guarded

CONNECT_S = 5  # for the scheduler to answer
PACKAGES = ("torch", "scikit-learn", "scipy")  # compared beside python, dask, distributed, numpy and pandas
ON_SCHEDULER = ("python", "dask", "distributed")
READ = ("tier_path", "offset")  # names of a file that is read; empty where there is none
RESTART = "restart the workers from this project's folder"


@functools.cache  # asked as soon as this module is there: an edit after that leaves a worker with the old code
def loaded_code() -> str:
    """SHA-256 of the package's source files, as this process first saw them."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\0{sha256(path)}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Project:
    """What a worker must share with this machine for its results to be this machine's.

    Attributes
    ----------
    folder : the working directory, to which the jobs' paths are relative
    files : (path, SHA-256) of every file the jobs read
    code : SHA-256 of the source this process has loaded
    """

    folder: str
    files: tuple[tuple[str, str], ...]
    code: str

    @classmethod
    def of(cls, function: Callable, jobs: Sequence[Any]) -> Self:
        """The project as seen here; files that are read are what a job, or ``function``, calls `READ`.

        Raises
        ------
        UserError
            If such a file cannot be read.
        """
        named = {getattr(job, name, "") for job in jobs for name in READ}
        named |= {getattr(function, "keywords", {}).get(name, "") for name in READ}
        try:
            files = tuple((path, sha256(path)) for path in sorted(named - {""}))
        except OSError as error:
            raise UserError(f"{error.filename} cannot be read ({error.strerror}): run `dvc repro`") from None
        return cls(os.getcwd(), files, loaded_code())

    def enter(self) -> str:
        """Make this process, a worker's, work in the project; returns what its processor can do.

        Raises
        ------
        UserError
            If it shows another project than this machine's, or none.
        """
        host = f"the worker on {socket.gethostname()}"
        try:
            os.chdir(self.folder)
        except OSError as error:
            shared = "all machines must see the project's folder under one path"
            raise UserError(f"{host} cannot enter {self.folder} ({error.strerror}): {shared}") from None
        if self.code != loaded_code():
            raise UserError(f"{host} has loaded other project code than this machine: {RESTART}")
        for path, expected in self.files:
            try:
                found = _known_sha256(path, os.stat(path).st_mtime_ns)
            except OSError as error:
                raise UserError(f"{host} cannot read {self.folder}/{path} ({error.strerror})") from None
            if found != expected:
                raise UserError(
                    f"{host} has another {path} than this machine (SHA-256 {found[:8]}, not {expected[:8]})"
                )
        import torch  # not on top: a stage that finds all its fits in the store needs none

        return torch.backends.cpu.get_cpu_capability()


@functools.lru_cache(maxsize=8)
def _known_sha256(path: str, modified: int) -> str:
    return sha256(path)


def run(address: str, function: Callable, todo: Sequence[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """`Engine.run` on the cluster of the scheduler at ``address``.

    Dask runs a job again when its worker dies, and gives up on it after a few deaths; like a local
    one it is then run once more with no other beside it, so that nobody else's death is held
    against it.

    Raises
    ------
    UserError
        If the scheduler cannot be reached or goes away, or a worker is not a copy of this machine.
    """
    project = Project.of(function, [job for _, job in todo])
    with _client(address) as client:
        _inspect(client, project)
        suspects = []
        for item, result in _submitted(client, address, project, function, todo):
            if isinstance(result, Failure):
                suspects.append(item)
            else:
                yield result
        for suspect in suspects:
            for (position, _), result in _submitted(client, address, project, function, [suspect]):
                yield (position, result) if isinstance(result, Failure) else result


def _submitted(
    client: Any, address: str, project: Project, function: Callable, todo: Sequence[tuple[int, Any]]
) -> Iterator[tuple[tuple[int, Any], Any]]:
    """Each item of ``todo`` as it finishes, with its (position, result), or a `Failure` if its workers died."""
    from distributed import KilledWorker, as_completed

    # pure=False: Dask would run equal jobs once
    items = {client.submit(_job, project, function, p, job, pure=False): (p, job) for p, job in todo}
    done = as_completed(list(items), loop=client.loop)
    for future in done:
        if future.status in ("lost", "pending"):  # its worker has died since, and Dask runs it again
            done.add(future)
            continue
        item = items.pop(future)
        if future.status == "finished":
            yield item, _result(future, address)
        elif future.status == "error":
            error = future.exception()
            if isinstance(error, KilledWorker):
                yield item, Failure("WorkerDied", "the workers that ran it died again and again (out of memory?)")
            else:
                raise _told(error)
        else:
            raise _gone(address)


def _result(future: Any, address: str) -> Any:
    from distributed.client import FutureCancelledError

    try:
        return future.result()
    except (FutureCancelledError, OSError):
        raise _gone(address) from None


def _job(project: Project, function: Callable, position: int, job: Any) -> tuple[int, Any]:
    """What a worker does: a worker that is not a copy ends the run, a job that raises ends only itself."""
    from distributed import get_worker

    project.enter()
    if get_worker().state.nthreads > 1:  # the number of compute threads is a property of a whole process
        raise UserError(f"the worker on {socket.gethostname()} runs several jobs at once: start it with --nthreads 1")
    return guarded(function, position, job)


def _inspect(client: Any, project: Project) -> None:
    """Refuse workers that are no copies, before anything runs; warn of what may change last digits."""
    answers = client.run(project.enter, on_error="return")
    if not answers:
        _warn("the scheduler has no workers yet: waiting for the first")
    for error in answers.values():
        if isinstance(error, BaseException) and not isinstance(error, OSError):  # that is a worker dying just now
            raise _told(error)
    processors = {worker: answer for worker, answer in answers.items() if isinstance(answer, str)}
    different = _differences(client.get_versions(packages=PACKAGES), processors | {"": project.enter()})
    if different:
        _warn(f"not all machines are alike ({', '.join(different)}): results may differ in their last digits")


def _differences(versions: dict[str, Any], processors: dict[str, str]) -> list[str]:
    """What the scheduler and the workers have that this machine has not, each difference once.

    Parameters
    ----------
    versions : of ``client``, ``scheduler`` and each of ``workers``, as Dask tells them
    processors : what the processor of each worker can do, and this machine's under ""
    """
    here = versions["client"]["packages"]
    theirs = [("scheduler", n, versions["scheduler"]["packages"].get(n)) for n in ON_SCHEDULER]
    for worker in versions["workers"].values():
        theirs += [("worker", name, version) for name, version in worker["packages"].items()]
    found = {f"{who}: {name} {version}, here {here[name]}" for who, name, version in theirs if version != here[name]}
    found |= {f"worker: processor {p}, here {processors['']}" for p in processors.values() if p != processors[""]}
    return sorted(found)


def _told(error: BaseException) -> UserError:
    """An error of a worker that no job is to blame for, as one a user can act on."""
    if isinstance(error, UserError):
        return error
    reason = (str(error) or repr(error)).splitlines()[0]
    return UserError(f"a worker cannot run this project's code ({type(error).__name__}: {reason}): {RESTART}")


def _gone(address: str) -> UserError:
    kept = (
        "finished trials and fits are kept; start it again, or unset the variable, and `dvc repro` goes on from there"
    )
    return UserError(f"{SCHEDULER}={address} has gone away: {kept}")


@functools.cache  # once, though a search connects for every batch
def _warn(text: str) -> None:
    print(f"warning: {SCHEDULER}: {text}", file=sys.stderr, flush=True)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """A connected client; what Dask would log of a lost connection is said by `_gone` in one line."""
    try:
        from distributed import Client
    except ImportError:
        raise UserError(f"{SCHEDULER} needs Dask: pip install -r requirements-cluster.txt, or unset it") from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        asyncio.run(asyncio.wait_for(_greet(address), CONNECT_S))
        with warnings.catch_warnings(action="ignore"):  # a table of versions: `_inspect` says it in one line
            client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        reason = str(error).splitlines()[0] if str(error) else f"no answer within {CONNECT_S} s"
        raise UserError(f"{SCHEDULER}={address} cannot be reached ({reason}): start it, or unset it") from None
    with client:
        yield client


async def _greet(address: str) -> None:
    """Shake hands with the scheduler; a `Client` that fails to would hold up the exit, or wait for ever."""
    from distributed.comm import connect
    from distributed.security import Security

    comm = await connect(address, timeout=CONNECT_S, **Security().get_connection_args("client"))
    await comm.close()
