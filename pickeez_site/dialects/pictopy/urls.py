"""The document's routes, in its order."""

from pickeez_site.dialects.pictopy.albums import AlbumViewSet
from pickeez_site.dialects.pictopy.images import ImageViewSet
from pickeez_site.dialects.pictopy.tags import TagViewSet
from pickeez_site.dialects.routing import route

urlpatterns = [
    # Albums
    *route("albums/create-album", AlbumViewSet, "create-album", post="create"),
    *route("albums/delete-album", AlbumViewSet, "delete-album", delete="erase"),
    *route("albums/add-multiple-to-album", AlbumViewSet, "add-multiple-to-album", post="add_images"),
    *route("albums/remove-from-album", AlbumViewSet, "remove-from-album", delete="remove_image"),
    *route("albums/view-album", AlbumViewSet, "view-album", get="retrieve"),
    *route("albums/edit-album-description", AlbumViewSet, "edit-album-description", put="describe"),
    *route("albums/view-all", AlbumViewSet, "view-all", get="list_all"),
    # Images
    *route("images/all-images", ImageViewSet, "all-images", get="list_all"),
    *route("images/images", ImageViewSet, "add-images", post="create"),
    *route("images/delete-image", ImageViewSet, "delete-image", delete="erase"),
    *route("images/multiple-images", ImageViewSet, "multiple-images", delete="erase_multiple"),
    *route("images/all-image-objects", ImageViewSet, "all-image-objects", get="list_objects"),
    *route("images/class-ids", ImageViewSet, "class-ids", get="objects"),
    *route("images/add-folder", ImageViewSet, "add-folder", post="add_folder"),
    *route("images/generate-thumbnails", ImageViewSet, "generate-thumbnails", post="generate_thumbnails"),
    # Face recognition and tagging
    *route("tag/match", TagViewSet, "match", get="match"),
    *route("tag/clusters", TagViewSet, "clusters", get="clusters"),
    *route("tag/related-images", TagViewSet, "related-images", get="related"),
]
