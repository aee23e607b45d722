"""Puts our admin site in the place of Django's. Apart from the site, because this is read before any model."""

from django.contrib.admin.apps import AdminConfig


class OperatorsAdminConfig(AdminConfig):
    default_site = "pickeez_site.operations.admin_site.OperatorsSite"
