from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from contacts.services import people
        from conversations.models import Bulk, Conversation
        from conversations.services import accounts
        from conversations.services.bulk import acting
        from tenancy import lanes, live

        people.follow_affiliations(accounts.follow)

        lanes.register(acting.lane)
        live.topic("conversation", live.existing(Conversation))
        live.topic("viewers", live.existing(Conversation), is_attended=True)
        live.topic("bulk", live.existing(Bulk))
        live.topic("notices", lambda member, ids: ids & {member.pk})
        live.topic("mine", lambda member, ids: ids & {member.pk})
        for name in ("counts", "open", "unassigned", "snoozed", "resolved", "spam"):
            live.topic(name, live.everybody, has_id=False)
