"""The people of the development photos: where the selfie of each is, and who is on the pictures of several."""

SELFIES = {
    "obama": "obama/obama.jpg",
    "biden": "biden/biden.jpg",
    "leslie": "leslie/img1.jpg",
    "lacamoire": "lacamoire/img1.jpg",
    "harington": "harington/johnsnow_test1.jpg",
}
TOGETHER = {
    "together/obama_and_biden.jpg": {"obama", "biden"},
    "together/two_people.jpg": {"obama", "biden"},
    "together/kit_with_rose.jpg": {"harington", "leslie"},
    "together/alex_lacamoire1.jpg": {"lacamoire"},
}
