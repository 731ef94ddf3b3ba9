"""Which device trains: said by the environment, like the workers, because it is a property of the machine.

Another device draws other random numbers and rounds otherwise: its results differ from a processor's
as those of another seed do. On one kind of device they are the same again.
"""

import os
import re
import warnings
from collections.abc import Mapping

from buysignal.core.errors import UserError

DEVICE = "BUYSIGNAL_DEVICE"


def named_device(environ: Mapping[str, str] = os.environ) -> str:
    """``cpu`` (the default), ``cuda`` or ``cuda:N``, whether it is there or not; imports no torch.

    Raises
    ------
    UserError
        If the value is malformed.
    """
    text = environ.get(DEVICE, "").strip() or "cpu"
    if not re.fullmatch(r"cpu|cuda(:[0-9]{1,3})?", text):
        raise UserError(f"{DEVICE}={text} is not a device; write cpu, cuda or cuda:0, or unset it")
    return text


def usable_device(environ: Mapping[str, str] = os.environ) -> str:
    """The named device, which this process can use.

    Raises
    ------
    UserError
        If the value is malformed, or there is no such device.
    """
    name = named_device(environ)
    if name != "cpu":
        import torch  # not on top: a stage that finds all its fits in the store needs none

        with warnings.catch_warnings(record=True) as said:  # torch warns of a driver that is too old, and goes on
            warnings.simplefilter("always")
            count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if count == 0:
            built = "" if torch.version.cuda else " (it was built without CUDA)"
            reason = f": {str(said[-1].message).strip().splitlines()[0].rstrip('.')}" if said else built
            raise UserError(f"{DEVICE}={name}, but torch finds no CUDA device here{reason}; write cpu, or unset it")
        if int(name.partition(":")[2] or 0) >= count:
            raise UserError(f"{DEVICE}={name}, but the last CUDA device here is cuda:{count - 1}")
    return name
