from django.contrib.admin.apps import AdminConfig


class GrapevineAdminConfig(AdminConfig):
    default_site = "config.admin.GrapevineAdmin"
