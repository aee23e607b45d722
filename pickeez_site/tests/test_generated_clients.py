"""Clients made by programs from Pickeez's schema sign in, upload a photo and read its album, against a live server.

`CLIENT_GENERATORS` names folders, beside those of `PATH`, in which the programs are: `openapi-python-client`, and
`openapi-typescript` with `tsc` and `node`.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from conftest import picture
from core.tests.answers import Json
from pickeez_site.tests.stack import Stack

PHONE = "12025550143"
ALBUM = "Reunion"
# Each program takes URL and phone, and asks for a code; or also the code and a picture, and prints an album.
PYTHON_PROGRAM = """
import base64, importlib, json, pkgutil, sys
from io import BytesIO

import client
from client import AuthenticatedClient, Client
from client.api.albums import album_create, album_get
from client.api.photos import photos
from client.api.signing_in import login_phone, login_phone_confirm
from client.models import AlbumCreateBody, LoginPhoneBody, LoginPhoneConfirmBody, PhotoAsFile
from client.types import File

for module in pkgutil.walk_packages(client.__path__, "client."):
    importlib.import_module(module.name)

url, phone, *rest = sys.argv[1:]
if not rest:
    login_phone.sync(client=Client(url), body=LoginPhoneBody(phone=phone))
    sys.exit()
code, picture = rest
signed_in = login_phone_confirm.sync(client=Client(url), body=LoginPhoneConfirmBody(phone=phone, code=code))
caller = AuthenticatedClient(url, token=signed_in.token)
made = album_create.sync(client=caller, body=AlbumCreateBody(name="ALBUM"))
file = File(payload=BytesIO(base64.b64decode(picture)), file_name="a.png", mime_type="image/png")
photo = photos.sync(client=caller, body=PhotoAsFile(album_id=made.album_id, file=file))
album = album_get.sync(album_id=made.album_id, client=caller)
shown = [str(one.field_id) for user in album.users for one in user.photos]
print(json.dumps({"name": album.name, "added": str(photo.field_id), "shown": shown}))
""".replace("ALBUM", ALBUM)
TYPESCRIPT_PROGRAM = """
import type { components, paths } from "./schema";

declare const process: { argv: string[] };
const [url, phone, code, picture] = process.argv.slice(2);
type Schemas = components["schemas"];
type Good<Operation> = Operation extends { responses: { 200: { content: { "application/json": infer Answer } } } }
  ? Answer : never;
type Taken<Operation> = Operation extends { requestBody?: { content: { "application/json": infer Body } } }
  ? Body : never;

async function call<Answer>(method: string, path: string, token: string, body?: BodyInit): Promise<Answer> {
  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  const answer = await fetch(url + path, { method, headers, body });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return await answer.json() as Answer;
}

function post<Path extends keyof paths>(path: Path, body: Taken<paths[Path]["post"]>, token = "") {
  return call<Good<paths[Path]["post"]>>("POST", path, token, JSON.stringify(body));
}

async function useAlbum(): Promise<void> {
  const { token } = await post("/login/phone/confirm", { phone, code });
  const { album_id } = await post("/albums/create", { name: "ALBUM" }, token);
  const form = new FormData();
  const member: keyof Schemas["PhotoAsFile"] = "album_id";
  form.append(member, album_id);
  form.append("file", new Blob([Uint8Array.from(atob(picture), (one) => one.charCodeAt(0))]), "a.png");
  const photo = await call<Good<paths["/photos/"]["post"]>>("POST", "/photos/", token, form);
  const album = await call<Good<paths["/albums/{album_id}"]["get"]>>("GET", `/albums/${album_id}`, token);
  const shown = album.users.flatMap((user) => user.photos.map((one) => one._id));
  console.log(JSON.stringify({ name: album.name, added: photo._id, shown }));
}

if (code) await useAlbum();
else await post("/login/phone", { phone });
""".replace("ALBUM", ALBUM)
TSC = (
    "--strict",
    "--target",
    "es2022",
    "--module",
    "es2022",
    "--moduleResolution",
    "bundler",
    "--lib",
    "es2022,dom",
)

pytestmark = pytest.mark.stack


def program(name: str) -> str:
    """The path of a program; skips the test where it is not installed."""
    folders = f"{os.environ.get('CLIENT_GENERATORS', '')}{os.pathsep}{os.environ.get('PATH', '')}"
    path = shutil.which(name, path=folders)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.fixture(scope="module")
def for_python() -> Path:
    return Path(program("openapi-python-client"))


@pytest.fixture(scope="module")
def for_typescript() -> list[str]:
    """The generator, the compiler, and what runs the compiled."""
    return [program(name) for name in ("openapi-typescript", "tsc", "node")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("clients")).running("web") as stack:
        yield stack


@pytest.fixture
def schema(server: Stack, tmp_path: Path) -> Path:
    """The server's own description of the API, as a file."""
    answer = requests.get(f"{server.url}/api/schema/pickeez/", headers={"Accept": "application/json"}, timeout=30)
    file = tmp_path / "schema.json"
    file.write_text(answer.text)
    return file


def run(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def use_album(server: Stack, folder: Path, *command: str) -> Json:
    """What the program prints; the code that it asks for is read from the SMS."""
    run(*command, server.url, PHONE, folder=folder)
    newest = max((server.data_dir / "outbox/sms").glob("*.json"))
    code = json.loads(newest.read_text())["body"].split()[-1]
    image = base64.b64encode(picture(0).read()).decode()
    return json.loads(run(*command, server.url, PHONE, code, image, folder=folder))


def assert_is_the_album(seen: Json) -> None:
    assert isinstance(seen, dict)
    assert (seen["name"], seen["shown"]) == (ALBUM, [seen["added"]])


def test_a_client_made_by_openapi_python_client_works(
    for_python: Path, server: Stack, schema: Path, tmp_path: Path
) -> None:
    (tmp_path / "config.yml").write_text("post_hooks: []\n")
    options = ("--meta", "none", "--output-path", "client", "--config", "config.yml", "--fail-on-warning")
    run(str(for_python), "generate", "--path", schema.name, *options, folder=tmp_path)
    (tmp_path / "program.py").write_text(PYTHON_PROGRAM)
    python = for_python.resolve().parent / "python"  # which has what the client needs, too
    assert_is_the_album(use_album(server, tmp_path, str(python), "program.py"))


def test_a_client_made_by_openapi_typescript_works(
    for_typescript: list[str], server: Stack, schema: Path, tmp_path: Path
) -> None:
    generator, compiler, node = for_typescript
    run(generator, schema.name, "--output", "schema.d.ts", folder=tmp_path)
    (tmp_path / "program.mts").write_text(TYPESCRIPT_PROGRAM)
    run(compiler, *TSC, "program.mts", folder=tmp_path)
    assert_is_the_album(use_album(server, tmp_path, node, "program.mjs"))
