from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    """Django's admin, with the issuer's queue as its first page."""

    default_site = "config.back_office.BackOffice"
