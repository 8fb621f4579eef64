from django.apps import AppConfig


class ChannelsIngestConfig(AppConfig):
    name = "channels_ingest"

    def ready(self) -> None:
        from channels_ingest.base import ADAPTERS, adapter_for
        from channels_ingest.services import fetching, process, send
        from channels_ingest.services.chat import presence, visitors
        from channels_ingest.services.facts import shown_facts
        from conversations import kinds
        from conversations.models import Conversation
        from conversations.queries import compose
        from tenancy import lanes, live
        from tenancy.models import Role

        lanes.register(process.lane)
        lanes.register(send.lane)
        lanes.register(fetching.lane)
        live.topic("presence", live.existing(Conversation))
        live.topic(visitors.TOPIC, live.nobody)
        live.topic("channels", lambda member, ids: ids if member.may(Role.ADMIN) else (), has_id=False)
        compose.register_hint("chat", presence.hint)
        for kind in ADAPTERS:
            kinds.register_sender(
                kind, lambda channel: adapter_for(channel.kind).capabilities(shown_facts(channel))
            )
