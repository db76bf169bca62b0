from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("verify/", lambda request: HttpResponse(), name="verify")]
