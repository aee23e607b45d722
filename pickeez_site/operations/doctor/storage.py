"""The storage: a small file is written, read back and removed."""

from core.deadlines import run_with_timeout
from photos.probing import StorageTrouble, probe_storage
from pickeez_site.operations.doctor.findings import SECONDS, Finding, errors_as_findings, ok, problem, warning

LOW_BYTES = 1024**3
TOO_LOW_BYTES = 100 * 1024**2


@errors_as_findings("storage")
def storage(seconds: float = SECONDS) -> Finding:
    """Whether files can be stored, read and removed, and whether there is room for more."""
    try:
        probe = run_with_timeout(seconds, probe_storage)
    except TimeoutError:
        return problem(
            "storage", f"no answer within {seconds:g} s", "Check AWS_S3_ENDPOINT_URL, the network, or the disk."
        )
    except StorageTrouble as trouble:
        return problem("storage", trouble.found, trouble.advice)
    if probe.free_bytes is None:
        return ok("storage", f"{probe.where} takes, gives and removes files")
    room = f"{probe.where} takes files; {probe.free_bytes / 1024**3:.1f} GiB are free"
    if probe.free_bytes < TOO_LOW_BYTES:
        return problem("storage", room, "Make room: uploads will fail soon.")
    if probe.free_bytes < LOW_BYTES:
        return warning("storage", room, "Make room before it is full.")
    return ok("storage", room)
