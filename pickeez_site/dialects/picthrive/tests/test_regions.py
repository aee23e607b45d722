from pickeez_site.dialects.picthrive.tests.shapes import assert_signed_in_only, fetch


def test_each_region_has_its_base(owner, stranger, settings):
    settings.REGION_NAME, settings.PUBLIC_URL = "eu", "https://photos.example"
    for person in (owner, stranger):
        answer = person.get("/v1/Region/")
        assert (answer.status_code, answer.json()) == (200, {"Regions": {"eu": "https://photos.example"}})


def test_a_suffix_behind_its_regions_base_is_the_picture(owner, nobody, album, upload):
    fields = owner.get(f"/v1/Photo/{upload(owner, album).pk}").json()
    bases = owner.get("/v1/Region").json()["Regions"]
    assert fetch(nobody.client, bases[fields["Region"]] + fields["Small"])[0] == 200


def test_nobody_is_asked_to_sign_in(nobody, db):
    assert_signed_in_only(nobody, "GET", "/v1/Region/")
