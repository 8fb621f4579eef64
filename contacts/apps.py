from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from contacts.models import Account, Contact
        from tenancy import live

        live.topic("contact", lambda member, pk: Contact.objects.filter(pk=pk).exists())
        live.topic("account", lambda member, pk: Account.objects.filter(pk=pk).exists())
