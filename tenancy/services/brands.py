"""The names under which a workspace speaks. All of it audited."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tenancy.models import Brand, Member
from tenancy.services import audit

FIELDS = ("name", "sender_name", "signature")


def create_brand(*, name: str, by: Member, request: HttpRequest | None = None, **fields: str) -> Brand:
    """A further brand. Raises ValidationError where there is one of that name."""
    brand = Brand(name=name, **fields)
    _save(brand)
    audit.record(member=by, action="brand.created", target=name, request=request)
    return brand


def update_brand(*, brand: Brand, by: Member, request: HttpRequest | None = None, **fields: str) -> Brand:
    """Change its name, whom mail is from, and its signature. Raises ValidationError as `create_brand` does."""
    changed = sorted(name for name, value in fields.items() if getattr(brand, name) != value)
    for name in changed:
        setattr(brand, name, fields[name])
    if changed:
        _save(brand)
        audit.record(
            member=by, action="brand.changed", target=brand.name, data={"fields": changed}, request=request
        )
    return brand


def _save(brand: Brand) -> None:
    try:
        with transaction.atomic():
            brand.save()
    except IntegrityError as error:
        raise ValidationError({"name": _("There is a brand of this name already.")}) from error
