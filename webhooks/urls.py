from django.urls import path

from webhooks import views

urlpatterns = [
    path("account/webhooks/", views.endpoint_list, name="account-webhooks"),
    path("account/webhooks/new/", views.new, name="account-webhook-new"),
    path("account/webhooks/<int:pk>/", views.endpoint_page, name="account-webhook"),
    path("account/webhooks/<int:pk>/edit/", views.edit, name="account-webhook-edit"),
    path("account/webhooks/<int:pk>/test/", views.send_test, name="account-webhook-test"),
    path("account/webhooks/<int:pk>/switch/", views.switch, name="account-webhook-switch"),
    path("account/webhooks/<int:pk>/rotate/", views.rotate, name="account-webhook-rotate"),
    path("account/webhooks/<int:pk>/delete/", views.delete, name="account-webhook-delete"),
    path(
        "account/webhooks/<int:pk>/deliveries/<int:delivery_pk>/",
        views.delivery_page,
        name="account-webhook-delivery",
    ),
    path(
        "account/webhooks/<int:pk>/deliveries/<int:delivery_pk>/again/",
        views.send_again,
        name="account-webhook-again",
    ),
]
