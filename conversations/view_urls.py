"""Addresses of saved views."""

from django.urls import path

from conversations.views import saved

_views = "w/<slug:slug>/views/"

urlpatterns = [
    path(_views, saved.views, name="saved_views"),
    path(f"{_views}new/", saved.new, name="new_view"),
    path(f"{_views}preview/", saved.preview, name="view_preview"),
    path(f"{_views}<int:pk>/", saved.edit, name="saved_view"),
    path(f"{_views}<int:pk>/copy/", saved.copy, name="view_copy"),
    path(f"{_views}<int:pk>/removal/", saved.remove, name="view_removal"),
    path(f"{_views}<int:pk>/return/", saved.bring_back, name="view_return"),
    path(f"{_views}<int:pk>/place/", saved.place, name="view_place"),
]
