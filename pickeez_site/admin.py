"""Registers the admin pages that show several apps at once; Django loads this after the apps' own pages."""

from pickeez_site.operations import admin as cross_app_pages

__all__ = ["cross_app_pages"]
