from django.urls import path

from exports import views

urlpatterns = [
    path("exports/<uuid:export_id>/", views.export_page, name="export"),
    path("exports/<uuid:export_id>/file/", views.export_file, name="export-file"),
]
