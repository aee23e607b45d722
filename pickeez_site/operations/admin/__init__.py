"""Admin pages that show several apps at once: the first page, albums with photos, users with all they have."""

from django.contrib import admin

from pickeez_site.operations.admin import albums, users

admin.site.site_header = admin.site.site_title = "Pickeez"
admin.site.index_title = "Overview"
admin.site.index_template = "dashboard/index.html"

__all__ = ["albums", "users"]
