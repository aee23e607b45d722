"""The storage: the check writes a small file, reads it back and removes it."""

from core.deadlines import run_with_timeout
from photos.probing import StorageTrouble, probe_storage
from pickeez_site.operations.doctor.findings import (
    TIMEOUT_SECONDS,
    Finding,
    errors_as_findings,
    ok,
    problem,
    warning,
)

WARNING_BYTES = 1024**3
PROBLEM_BYTES = 100 * 1024**2


@errors_as_findings("storage")
def check_storage(seconds: float = TIMEOUT_SECONDS) -> Finding:
    """Whether files can be stored, read and removed, and whether there is enough free space."""
    try:
        probe = run_with_timeout(seconds, probe_storage)
    except TimeoutError:
        return problem(
            "storage", f"no answer within {seconds:g} s", "Check AWS_S3_ENDPOINT_URL, the network, or the disk."
        )
    except StorageTrouble as trouble:
        return problem("storage", trouble.found, trouble.advice)
    if probe.free_bytes is None:
        return ok("storage", f"{probe.where} stores, returns and removes files")
    room = f"{probe.where} stores files; {probe.free_bytes / 1024**3:.1f} GiB are free"
    if probe.free_bytes < PROBLEM_BYTES:
        return problem("storage", room, "Free some space: uploads will fail soon.")
    if probe.free_bytes < WARNING_BYTES:
        return warning("storage", room, "Free some space before it is full.")
    return ok("storage", room)
