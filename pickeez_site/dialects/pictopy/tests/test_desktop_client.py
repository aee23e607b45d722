"""What the document's own desktop client does in its web view, in the order of its pages: it has no login, asks before
each call whether it may, and shows pictures by their paths on this machine.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from conftest import Caller, Person
from core.tests.answers import Answer, Json
from pickeez_site.dialects.pictopy.tests.gallery import Gallery
from pickeez_site.dialects.pictopy.tests.test_generate_thumbnails import looked_for
from pickeez_site.dialects.pictopy.tests.test_local_library_user import CLIENT_ORIGINS

HERE = {"host": "localhost:8000"}


class WebView(Gallery):
    """A page of the client: a call goes ahead, and its answer is read, where CORS allows that."""

    def __init__(self, origin: str) -> None:
        super().__init__(Caller(), **HERE, origin=origin)

    def get(self, path: str, /, **query: Json) -> Answer:
        return self._read(super().get(path, **query))

    def send(self, method: str, path: str, /, **body: Json) -> Answer:
        asked = {"access-control-request-method": method.upper(), "access-control-request-headers": "content-type"}
        allowed = Client().options(path, headers={**self.headers, **asked})
        assert self._read(allowed).status_code == 200
        assert method.upper() in allowed["Access-Control-Allow-Methods"]
        return self._read(super().send(method, path, **body))

    def _read(self, answer: Answer) -> Answer:
        assert answer["Access-Control-Allow-Origin"] == self.headers["origin"]
        return answer

    def shown(self, path: str, name: str, **query: Json) -> list[str]:
        """The images of a page. All have a thumbnail where the client looks for it, and can be opened."""
        data = self.data(path, **query)
        images = list(data[name])
        for image in images:
            assert Path(image).is_file()
            assert looked_for(data["folder_path"], image).is_file()
        return images


@pytest.fixture(params=CLIENT_ORIGINS)
def client_page(request: pytest.FixtureRequest, owner: Person, settings: Settings) -> WebView:
    settings.LOCAL_LIBRARY_USER = f"+{owner.phone}"
    return WebView(request.param)


def test_all_its_pages_work(client_page: WebView, put: Callable[..., str], root: Path) -> None:
    first, second, third = put("a.png"), put("trip/b.png"), put("trip/c.png")
    # The gallery shows the files of a chosen folder, and asks for their thumbnails, twice.
    for _ in range(2):
        assert client_page.post("/images/generate-thumbnails", folder_path=str(root)).status_code == 201
    assert all(looked_for(str(root), path).is_file() for path in (first, second, third))
    # Tagged images: a folder is added, and thumbnails are asked for under the client's own name of its folder.
    assert client_page.post("/images/generate-thumbnails", folder_path="./images").status_code == 201
    assert client_page.shown("/images/all-image-objects", "images") == []
    assert client_page.post("/images/add-folder", folder_path=str(root)).json()["data"] == 3
    assert client_page.shown("/images/all-image-objects", "images") == [first, second, third]
    # Albums: a form, a selection in the order of clicks, taking out, another description.
    assert client_page.data("/albums/view-all") == []
    form = {"name": "Summer", "description": "By the lake"}
    assert client_page.post("/albums/create-album", **form).status_code == 201
    assert client_page.shown("/images/all-images", "image_files") == [first, second, third]
    chosen = [third, first, second]
    assert client_page.post("/albums/add-multiple-to-album", album_name="Summer", paths=chosen).status_code == 201
    assert client_page.shown("/albums/view-album", "photos", album_name="Summer") == chosen
    assert client_page.delete("/albums/remove-from-album", album_name="Summer", path=first).status_code == 200
    assert client_page.shown("/albums/view-album", "photos", album_name="Summer") == [third, second]
    edited = client_page.put("/albums/edit-album-description", album_name="Summer", description="In the hills")
    assert edited.status_code == 200
    assert client_page.data("/albums/view-all") == [
        {"album_name": "Summer", "image_paths": [third, second], "description": "In the hills"}
    ]
    assert client_page.delete("/albums/delete-album", name="Summer").status_code == 200
    # Deleting images.
    assert client_page.delete("/images/multiple-images", paths=[first]).status_code == 200
    assert client_page.shown("/images/all-images", "image_files") == [second, third]
    assert not looked_for(str(root), first).exists()


def test_what_it_shows_of_an_error_is_in_the_answer(client_page: WebView, root: Path) -> None:
    """It reads `success`, `error` and `message` of any answer, whatever its status."""
    for answer in (
        client_page.get("/albums/view-album", album_name="None"),
        client_page.post("/images/add-folder", folder_path="/none"),
        client_page.delete("/albums/delete-album", name="None"),
    ):
        body = answer.json()
        assert body["success"] is False
        assert body["error"]
        assert body["message"]


def test_pictures_of_other_clients_are_shown_too(
    client_page: WebView, owner: Person, root: Path, make_picture: Callable[..., object]
) -> None:
    album_id = owner.post_json("/albums/create", {"name": "From the phone"}).json()["_id"]
    owner.post("/photos/", {"album_id": album_id, "file": make_picture(0)})
    client_page.post("/images/generate-thumbnails", folder_path="./images")
    (path,) = client_page.shown("/albums/view-album", "photos", album_name="From the phone")
    assert client_page.shown("/images/all-images", "image_files") == [path]
    assert client_page.delete("/images/multiple-images", paths=[path]).status_code == 200
    assert client_page.data("/albums/view-album", album_name="From the phone")["photos"] == []


@pytest.mark.parametrize("origin", ["http://localhost:1421", "null", "https://evil.example"])
def test_none_of_it_works_from_another_page(
    owner: Person, settings: Settings, put: Callable[..., str], root: Path, origin: str
) -> None:
    settings.LOCAL_LIBRARY_USER = owner.id
    page = Gallery(Caller(), **HERE, origin=origin)
    for answer in (
        page.get("/images/all-images"),
        page.post("/images/generate-thumbnails", folder_path=str(root)),
        page.post("/images/images", paths=[put("a.png")]),
        page.delete("/images/multiple-images", paths=[]),
    ):
        assert answer.status_code == 401
        assert "Access-Control-Allow-Origin" not in answer
    assert list(root.glob("PictoPy.thumbnails")) == []
