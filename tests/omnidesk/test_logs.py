import logging
from types import SimpleNamespace

import pytest


@pytest.mark.parametrize(("path", "is_told"), [("/readyz", False), ("/w/acme/inbox/", True)])
def test_that_it_is_not_ready_is_no_error_of_a_request(path, is_told):
    logger = logging.getLogger("django.request")
    facts = {"request": SimpleNamespace(path=path)}
    record = logger.makeRecord(logger.name, logging.ERROR, "", 0, "503", (), None, extra=facts)
    assert bool(logger.filter(record)) is is_told
