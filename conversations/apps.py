from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from contacts.services import people
        from conversations.models import Conversation
        from conversations.services import accounts
        from tenancy import live

        people.follow_affiliations(accounts.follow)

        live.topic("conversation", live.existing(Conversation))
        live.topic("viewers", live.existing(Conversation), is_attended=True)
        live.topic("mine", lambda member, ids: ids & {member.pk})
        for name in ("counts", "open", "unassigned", "snoozed", "resolved", "spam"):
            live.topic(name, live.everybody, has_id=False)
