from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from contacts.services import people
        from conversations.models import Conversation
        from conversations.services import accounts
        from tenancy import live

        people.follow_affiliations(accounts.follow)

        live.topic("inbox", lambda member, _: True, has_id=False)
        live.topic("conversation", lambda member, pk: Conversation.objects.filter(pk=pk).exists())
