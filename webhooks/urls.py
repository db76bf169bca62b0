from django.urls import path

from webhooks import log_pages, sending_addresses, views

urlpatterns = [
    path("webhooks/addresses/", sending_addresses.addresses_page, name="webhook-addresses"),
    path("webhooks/addresses.json", sending_addresses.addresses_json, name="webhook-addresses-json"),
    path("account/webhooks/", views.endpoint_list, name="account-webhooks"),
    path("account/webhooks/new/", views.new, name="account-webhook-new"),
    path("account/webhooks/<int:pk>/", log_pages.endpoint_page, name="account-webhook"),
    path("account/webhooks/<int:pk>/edit/", views.edit, name="account-webhook-edit"),
    path("account/webhooks/<int:pk>/test/", views.send_test, name="account-webhook-test"),
    path("account/webhooks/<int:pk>/resend/", log_pages.resend_many, name="account-webhook-resend"),
    path("account/webhooks/<int:pk>/switch/", views.switch, name="account-webhook-switch"),
    path("account/webhooks/<int:pk>/rotate/", views.rotate, name="account-webhook-rotate"),
    path("account/webhooks/<int:pk>/delete/", views.delete, name="account-webhook-delete"),
    path(
        "account/webhooks/<int:pk>/deliveries/<int:delivery_pk>/",
        log_pages.delivery_page,
        name="account-webhook-delivery",
    ),
    path(
        "account/webhooks/<int:pk>/deliveries/<int:delivery_pk>/again/",
        log_pages.send_again,
        name="account-webhook-again",
    ),
]
