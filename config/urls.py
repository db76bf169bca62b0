from django.contrib import admin
from django.urls import include, path, re_path

from api.root import Unknown
from config import health, metrics

handler400 = "config.error_pages.bad_request"
handler500 = "config.error_pages.server_error"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/v1/", include("api.root")),
    re_path(r"^api(/|$)", Unknown.as_view()),
    path("", include("contracts.urls")),
    path("", include("orders.urls")),
    path("", include("billing.urls")),
    path("", include("webhooks.urls")),
    path("", include("exports.urls")),
    path("", include("accounts.urls")),
]
