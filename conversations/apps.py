from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from conversations.models import Conversation
        from tenancy import live

        live.topic("inbox", lambda member, _: True, has_id=False)
        live.topic("conversation", lambda member, pk: Conversation.objects.filter(pk=pk).exists())
