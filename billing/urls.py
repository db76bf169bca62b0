from django.urls import path

from billing import views

urlpatterns = [
    path("account/", views.account_page, name="account"),
    path("account/choose/", views.choose_account, name="account-choose"),
]
