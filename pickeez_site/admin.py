"""Where Django's admin looks for the site's own pages, after those of all apps below."""

from pickeez_site.operations import admin as pages_of_several_floors

__all__ = ["pages_of_several_floors"]
