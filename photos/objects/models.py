"""The public model that `manage.py fetch_models` downloads, with its URL at one commit and its checksum."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublicModel:
    """A file of `size` bytes; `sha256` is in hex."""

    name: str
    url: str
    sha256: str
    size: int
    license: str


FASTESTDET = PublicModel(
    name="FastestDet.onnx",
    url=(
        "https://raw.githubusercontent.com/dog-qiuqiu/FastestDet/"
        "50473cd155cb088aa4a99e64ff6a4b3c24fa07e1/example/onnx-runtime/FastestDet.onnx"
    ),
    sha256="31cb14c017fce347cb4c846ec62fdf00d76bb3beecdf4be21e7116ac67feb880",
    size=998169,
    license="BSD 3-Clause",
)
