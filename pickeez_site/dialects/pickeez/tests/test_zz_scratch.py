from pickeez_site.dialects.pickeez.tests.shapes import queries_of
from photos.tests.builders import *
def test_x(owner, album):
    place_photos(album, owner.user, 3)
    a=queries_of(owner.get, f"/albums/{album.pk}")
    place_photos(album, owner.user, 1000)
    b=queries_of(owner.get, f"/albums/{album.pk}")
    print("QQ",len(a),len(b)); 
    for x in b: print("Q", x)
