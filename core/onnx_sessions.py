"""Opens ONNX networks as every worker's process runs them: on one core."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WARNINGS_ARE_HIDDEN = 3  # the least severity that is logged: errors


def open_session(network: Path | bytes, *, keep_memory: bool) -> "InferenceSession":
    """Opens a network, a file or its content, for one core: the worker has a process for each.

    With `keep_memory`, the session keeps the memory of a picture for the next one; otherwise it goes back to the
    system. Raises what onnxruntime raises for a file that is no network.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = keep_memory
    options.log_severity_level = WARNINGS_ARE_HIDDEN
    source = str(network) if isinstance(network, Path) else network
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
