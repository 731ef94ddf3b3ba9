"""What takes seconds to make and never changes is made once."""

import pytest

from buysignal.report.html import runtime


@pytest.fixture(scope="session")
def script():
    """The Vega runtime."""
    return runtime()
