from collections.abc import Callable
from pathlib import Path

from photos.models import Rendition
from pickeez_site.dialects.pictopy.tests.envelopes import assert_failure, assert_success
from pickeez_site.dialects.pictopy.tests.gallery import Gallery

PATH = "/images/generate-thumbnails"


def test_images_of_the_folder_that_lack_the_small_rendition_get_it(
    gallery: Gallery, imported: Callable[..., str], root: Path
) -> None:
    imported("trip/a.png")
    imported("trip/deep/b.png")
    imported("trip2/c.png")
    Rendition.objects.filter(kind="small").delete()
    assert_success(gallery.post(PATH, folder_path=str(root / "trip")), 201, "")
    made = Rendition.objects.filter(kind="small")
    assert sorted(made.values_list("original__photos__s3_path", flat=True)) == [
        str(root / "trip/a.png"),
        str(root / "trip/deep/b.png"),
    ]


def test_images_that_have_it_are_left_alone(gallery: Gallery, imported: Callable[..., str], root: Path) -> None:
    imported("a.png")
    before = set(Rendition.objects.values_list("pk", flat=True))
    assert_success(gallery.post(PATH, folder_path=str(root)), 201, "")
    assert set(Rendition.objects.values_list("pk", flat=True)) == before


def test_images_of_others_are_left_alone(other_gallery: Gallery, imported: Callable[..., str], root: Path) -> None:
    imported("a.png")
    Rendition.objects.filter(kind="small").delete()
    assert_success(other_gallery.post(PATH, folder_path=str(root)), 201, "")
    assert not Rendition.objects.filter(kind="small").exists()


def test_what_is_no_folder_below_a_root_is_refused(
    gallery: Gallery, nobodys_gallery: Gallery, put: Callable[..., str], root: Path, tmp_path: Path
) -> None:
    for path in (put("a.png"), str(tmp_path), str(root / "none"), "/"):
        assert_failure(gallery.post(PATH, folder_path=path), 400, "Invalid file path")
    assert_failure(gallery.post(PATH), 400, "Missing 'folder_path' in payload")
    assert_failure(nobodys_gallery.post(PATH, folder_path=str(root)), 401, "Unauthorized")
