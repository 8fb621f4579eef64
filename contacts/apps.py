from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from contacts.models import Account, Contact
        from tenancy import live

        live.topic("contact", live.existing(Contact))
        live.topic("account", live.existing(Account))
