"""Addresses of lists and forms; the pages of one contact or account, with their timelines, are conversations'."""

from django.urls import path

from contacts.views import attributes, lines, notes
from contacts.views import identities as addresses
from contacts.views import people as views

app_name = "contacts"

_contact, _account = "w/<slug:slug>/contacts/<int:pk>/", "w/<slug:slug>/accounts/<int:pk>/"
_attributes = "w/<slug:slug>/settings/attributes/"

urlpatterns = [
    path("w/<slug:slug>/contacts/", views.contacts, name="contacts"),
    path("w/<slug:slug>/contacts/new/", views.new_contact, name="new_contact"),
    path(f"{_contact}edit/", views.edit_contact, name="edit_contact"),
    path(f"{_contact}identities/", views.identities, name="identities"),
    path(f"{_contact}affiliation/", views.affiliation, name="affiliation"),
    path("w/<slug:slug>/affiliations/<int:pk>/end/", views.affiliation_end, name="affiliation_end"),
    path("w/<slug:slug>/identities/<int:pk>/confirmation/", views.confirmation, name="confirmation"),
    path("w/<slug:slug>/identities/<int:pk>/removal/", addresses.removal, name="identity_removal"),
    path("w/<slug:slug>/identities/<int:pk>/return/", addresses.bring_back, name="identity_return"),
    path(f"{_contact}lines/<str:key>/", lines.contact_line, name="contact_line"),
    path(f"{_account}lines/<str:key>/", lines.account_line, name="account_line"),
    path(f"{_contact}facts/", lines.fact, name="fact"),
    path(f"{_contact}notes/", notes.about_contact, name="contact_notes"),
    path(f"{_account}notes/", notes.about_account, name="account_notes"),
    path("w/<slug:slug>/notes/<int:pk>/", notes.note, name="note"),
    path("w/<slug:slug>/notes/<int:pk>/archival/", notes.archival, name="note_archival"),
    path("w/<slug:slug>/notes/<int:pk>/return/", notes.bring_back, name="note_return"),
    path("w/<slug:slug>/suggestions/<int:pk>/dismissal/", views.dismissal, name="dismissal"),
    path("w/<slug:slug>/accounts/", views.accounts, name="accounts"),
    path("w/<slug:slug>/accounts/options/", views.account_options, name="account_options"),
    path("w/<slug:slug>/accounts/new/", views.new_account, name="new_account"),
    path(f"{_account}edit/", views.edit_account, name="edit_account"),
    path(_attributes, attributes.definitions, name="attributes"),
    path(f"{_attributes}<int:pk>/", attributes.definition, name="attribute"),
    path(f"{_attributes}<int:pk>/archival/", attributes.archive, name="attribute_archival"),
    path(f"{_attributes}<int:pk>/return/", attributes.bring_back, name="attribute_return"),
    path(f"{_attributes}<int:pk>/place/", attributes.place, name="attribute_place"),
]
